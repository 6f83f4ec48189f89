# SPDX-License-Identifier: Apache-2.0
"""What the review page shows of one case: gathered once, drawn whole or in parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from vigie.console import (
    around,
    cases,
    choices,
    clocks,
    context,
    happens,
    present,
    preview,
    recent,
    undo,
    veil,
)
from vigie.console import page as pages
from vigie.console.desk import person
from vigie.console.desk_form import EXEMPTIONS
from vigie.flow import fact_texts, house
from vigie.flow.decide_two import waiting_on
from vigie.flow.queues import claims, first
from vigie.flow.said import notices_of
from vigie.law.wording import LANGUAGES
from vigie.store.models import Case, CaseState, CaseWatch, Queue

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.console.desk_form import Form, Problem
    from vigie.console.page import Page
    from vigie.store.models import Notice, ReviewQueue, User

NAMES: Final = {"en": "English", "fr": "Français", "de": "Deutsch"}
HOLD_DAYS: Final = (30, 90, 180)


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What of the last request the page says above the case."""

    problems: list[Problem] = field(default_factory=list)
    look: bool = False
    """True: the statement was shown for a changed choice; nothing is recorded yet."""
    holder: str = ""
    """Who else has claimed the case, where that stopped the decision."""
    done: str = ""
    """What was done beside deciding, in a sentence."""


def gather(request: HttpRequest, page: Page, form: Form, telling: Telling) -> dict[str, object]:
    """Return the whole page's context."""
    user, current = person(request), house.current()
    case = page.case
    queues = recent.queues()
    notices = notices_of(case)
    made = parts(request, page, form, notices)
    return {
        "room": "child" if page.is_child else "queues",
        "problems": telling.problems,
        "wrong": {problem.field: problem.words for problem in telling.problems},
        "telling": telling,
        "notices": context.notices(page, user, notices),
        "author": context.author(page, user),
        "replied": around.replied_to(page, user),
        "related": around.related(page, current, user, form.also),
        "banks": around.banks(page),
        "veils": veil.veils(request, case) if case is not None and not page.is_child else None,
        "clock": clocks.clock(case, current.now()) if case is not None else None,
        "surface": present.surface(page.record.surface),
        "reasons": pages.reasons(page),
        "signals": [] if page.is_child else pages.signals(page),
        "proposed": _proposed(page),
        "exemptions": EXEMPTIONS,
        "undo": undo.notice(request),
        "undo_seconds": current.settings.undo_seconds,
        "mask_word": _("masked"),
        "signal_word": _("signal"),
        "waiting": waiting_on(page.head.number) if made["two"] else None,
        "queue": first.title(queues[case.queue]) if case and case.queue in queues else "",
        "hold_days": HOLD_DAYS,
        **made,
        **_watching(case, user),
        **_ways(case, queues),
        **_facts(page, form),
    }


def parts(
    request: HttpRequest, page: Page, form: Form, notices: list[Notice] | None = None
) -> dict[str, object]:
    """Return what changes with the choice alone: the panel's lists and the statement."""
    titles, queues = recent.clauses(), recent.queues()
    language = statement_language(request, page, form)
    notices = notices_of(page.case) if notices is None else notices
    known = preview.Known(notices=notices, titles=titles)
    shown = preview.statement(page, form, person(request), language, known)
    counted = context.counted(page, house.current())
    case = page.case
    two = case is not None and case.queue in queues and queues[case.queue].two_persons
    return {
        "page": page,
        "form": form,
        "choices": choices.choices(page, form, titles),
        "counted": counted,
        "happens": happens.lines(page, form, counted, len(notices), two=two),
        "two": two,
        "preview": shown.page,
        "preview_more": shown.more,
        "preview_problem": shown.problem,
        "preview_language": language,
        "languages": [(code, NAMES[code]) for code in LANGUAGES],
    }


def _proposed(page: Page) -> list[tuple[str, str]]:
    """Return who proposed what: a policy, or the category of a notice."""
    case = page.case
    by = (case.policy or cases.category(case.category)) if case is not None else ""
    return [(by, present.action(one.action)) for one in choices.proposals(page)]


def statement_language(request: HttpRequest, page: Page, form: Form) -> str:
    """Return the language to show the statement in: asked for, the author's, the page's."""
    asked = form.statement or request.GET.get("statement") or page.record.language
    wanted = asked if asked in LANGUAGES else translation.get_language()
    return wanted if wanted in LANGUAGES else "en"


def facts_language(page: Page) -> str:
    """Return the language of the author, as far as statements know it."""
    return page.record.language if page.record.language in LANGUAGES else "en"


def _facts(page: Page, form: Form) -> dict[str, object]:
    """Return the texts to start from, and the languages in which facts can be given."""
    main = facts_language(page)
    category = page.case.category if page.case is not None else ""
    wanted = {category} | _classes(page)
    language = translation.get_language() or "en"
    found = [] if page.is_child else fact_texts.texts_for(house.current(), wanted)
    return {
        "facts_language": main,
        "facts_name": NAMES[main],
        "facts_fields": [
            (code, NAMES[code], form.facts_in.get(code, "")) for code in LANGUAGES if code != main
        ],
        "texts": [(one.id, one.name(language)) for one in found],
    }


def _classes(page: Page) -> set[str]:
    """Return the classes of what is proposed: several are names of categories too."""
    law = house.current().law.entries
    grounds = choices.grounds(choices.proposals(page))
    return {law[one.offence].cls.value for one in grounds if one.offence in law}


def _watching(case: Case | None, user: User) -> dict[str, object]:
    """Return who has the case and who looks; read only, the page's sign of life writes."""
    if case is None:
        return {"case": None}
    now = house.current().now()
    rows = CaseWatch.objects.filter(case=case, seen_at__gt=now - claims.WATCH_MS)
    holder = claims.holder(case, now)
    return {
        "case": case,
        "looking": list(
            rows.exclude(user=user)
            .order_by("user__username")
            .values_list("user__username", flat=True)
        ),
        "holder": holder.username if holder is not None and holder.pk != user.pk else "",
        "mine": holder is not None and holder.pk == user.pk,
        "until": case.claimed_until,
        "state": case.state,
    }


def _ways(case: Case | None, queues: dict[str, ReviewQueue]) -> dict[str, object]:
    """Return where the person can go from here."""
    if case is None or case.state != CaseState.OPEN:
        return {}
    return {
        "beside": "" if case.queue == Queue.CHILD else reverse("console:beside", args=[case.pk]),
        "targets": [
            (row.slug, first.title(row))
            for row in queues.values()
            if row.active and row.slug not in {case.queue, Queue.APPEALS}
        ]
        if case.queue != Queue.CHILD
        else [],
    }
