# SPDX-License-Identifier: Apache-2.0
"""The list of decisions and the page of one decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vigie.console import names, present, queries, told, undo, verify
from vigie.console import page as pages
from vigie.console.desk import needs, person, show
from vigie.core.errors import NotFoundError
from vigie.flow.decided import facts_of
from vigie.flow.search import access
from vigie.flow.statement_text import restrictions_of
from vigie.law.wording import wording
from vigie.store.models import DecisionKind, DecisionRecord
from vigie.store.permissions import Permission
from vigie.web import titles
from vigie.web.countries import NAMES, by_name, name
from vigie.web.text import Piece, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpRequest, HttpResponse

    from vigie.console.page import Page
    from vigie.console.queries import ItemVersion
    from vigie.store.models import ItemContent, ReviewQueue, User
    from vigie.web.text import Mark


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a select."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    record: DecisionRecord
    link: str
    said: list[Piece]
    gone: str
    state: present.State
    where: str
    surface: str
    policies: str
    by: str


@needs(Permission.DECISION_READ)
@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """Show one page of the list that the address asks for."""
    filters = queries.read(request.GET)
    user = person(request)
    found, more = queries.page(filters, access.hidden_from(user))
    may_read = user.has_perm(Permission.CONTENT_READ)
    texts = queries.contents(found) if may_read else {}
    marks = queries.marks(found) if texts else {}
    by = names.names(found, user)
    context: dict[str, object] = {
        "room": "decisions",
        "filters": filters,
        "rows": [_row(one, texts, marks, by, may_read=may_read) for one in found],
        "older": found[-1].number if more else None,
        "undo": undo.notice(request),
        "mask_word": _("masked"),
    }
    return show(request, "decisions.html", context | _choices())


def _row(
    record: DecisionRecord,
    texts: Mapping[ItemVersion, ItemContent],
    marks: Mapping[ItemVersion, list[Mark]],
    by: names.Names,
    *,
    may_read: bool,
) -> Row:
    version = (record.service, record.item_id, record.version)
    content = texts.get(version)
    said = []
    if content is not None and content.text:
        said = excerpt(content.text, marks.get(version, []))
    return Row(
        record=record,
        link=reverse("console:decision", args=[record.number]),
        said=said,
        gone=_("no words kept") if may_read else _("words not shown to your role"),
        state=present.state(record),
        where=present.where(record.territories),
        surface=present.surface(record.surface),
        policies=", ".join(record.policies) or "—",
        by=by.by(record),
    )


def _choices() -> dict[str, object]:
    """Return what the selects of the filter offer."""
    return {
        "outcomes": [Choice(code, str(words)) for code, words in present.OUTCOMES.items()],
        "surfaces": [Choice(code, str(words)) for code, words in present.SURFACES.items()],
        "countries": [Choice(code, name(code)) for code in by_name(NAMES) if code != "*"],
        "services": queries.services(),
        "policies": [
            Choice(code, f"{code}: {title}" if title else code)
            for code, title in titles.of_policies().items()
        ],
    }


def find(user: User, number: int, seen: Iterable[ReviewQueue] | None = None) -> DecisionRecord:
    """Return a decision; what is of others' queues or of class child exists for them alone."""
    record = get_object_or_404(DecisionRecord, number=number)
    if not access.may_read(user, record, seen):
        raise NotFoundError(_("There is no decision of this number, or you may not see it."))
    return record


@needs(Permission.DECISION_READ)
@require_safe
def decision(request: HttpRequest, number: int) -> HttpResponse:
    """Show one decision with reasons, territory, proof and what was told."""
    user = person(request)
    record = find(user, number)
    page = pages.load(record, may_read_words=user.has_perm(Permission.CONTENT_READ))
    by = names.names(page.chain, user)
    context: dict[str, object] = {
        "room": "child" if record.cls == queries.CHILD else "decisions",
        "page": page,
        "masked": request.GET.get("mask") == "1",
        "mask_word": _("masked"),
        "signal_word": _("signal"),
        "summary": _summary(page, by),
        "by": by.of(record.decided_by),
        "automation": _automation(page),
        "surface": present.surface(record.surface),
        "reasons": pages.reasons(page),
        "signals": [] if record.cls == queries.CHILD else pages.signals(page),
        "countries": pages.countries(page),
        "terms": pages.terms(page),
        "events": pages.events(page, by),
        "history": list(_history(page)),
        "proof": verify.panel(record),
        "told": told.rows(page, user),
        "statement_link": told.statement_link(page, user),
        "may_decide": user.has_perm(Permission.CASE_DECIDE),
        "may_report": user.has_perm(Permission.REPORT_SEND),
        "can": _can(page, user),
        "undo": undo.notice(request),
    }
    return show(request, "decision.html", context)


def _can(page: Page, user: User) -> dict[str, bool]:
    """Say which further decisions this person could take on what stands."""
    record = page.record
    last = record.superseded_by is None and user.has_perm(Permission.CASE_DECIDE)
    by_person = record.kind == DecisionKind.PERSON
    acts = [action for action in page.decision.actions if action.state != "proposed"]
    return {
        # What an order asks for is taken back on the page of the order alone.
        "lift": last and any(not action.ordered for action in acts),
        "confirm": last and bool(acts) and not by_person and record.kind != DecisionKind.ORDER,
        "undo": last and by_person and not page.is_open,
    }


def _summary(page: Page, by: names.Names) -> str:
    record = page.record
    if record.kind == DecisionKind.PERSON:
        return _("Decided by %(name)s on") % {"name": by.of(record.decided_by)}
    if record.kind == DecisionKind.ORDER:
        return _("For an order of an authority, on")
    if page.is_open and not page.decision.has_effect:
        return _("A program proposed it on")
    return _("A program decided on")


def _automation(page: Page) -> str:
    """Say what was automated (Art. 17(3)(c)), in the words of the statement itself.

    The sentences follow the codes of the DSA database that the statement and
    its record carry, so that all three say the same thing.
    """
    facts = facts_of(page.origin, None, page.record.at)
    made = restrictions_of(page.decision, facts)
    words = wording(get_language() or "en")
    if made:
        decided = dict.fromkeys(words.decided[one.automated_decision] for one in made)
        found = words.detected
        seen = found.automatic if facts.automated_detection else found.manual
        return " ".join([seen, *decided])
    if page.record.kind == DecisionKind.ORDER:
        return _("not automated: a person carried out an order of an authority")
    if page.record.kind == DecisionKind.PERSON:
        return _("detection automated; a person decided that nothing is restricted")
    return _("detection automated; no decision with an effect")


@dataclass(frozen=True, slots=True)
class Past:
    """One decision of the chain."""

    label: str
    link: str
    state: present.State
    at: int
    current: bool


def _history(page: Page) -> Iterable[Past]:
    for record in page.chain:
        yield Past(
            record.label,
            reverse("console:decision", args=[record.number]),
            present.state(record),
            record.at,
            record.number == page.record.number,
        )
