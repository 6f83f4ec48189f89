# SPDX-License-Identifier: Apache-2.0
"""Complaints: what waits, and one with the first decision beside it.

Every rule is in `flow.appeals`; whoever took part in what is contested may read
it here and never answers it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vigie.console import clocks, drafts, once, present, queries
from vigie.console.desk import needs, person, show
from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, VigieError
from vigie.flow import house
from vigie.flow.appeals import reopen
from vigie.flow.appeals.forecast import forecast
from vigie.flow.appeals.lodge import status_address
from vigie.flow.appeals.persons import is_barred
from vigie.flow.appeals.resolve import (
    MAX_ANSWER,
    MAX_TEXT,
    Resolution,
    may_hear,
    resolve_appeal,
)
from vigie.flow.appeals.words import is_discreet, outcome_words, taken_back
from vigie.flow.chain import head_of, standing
from vigie.flow.letters import wording
from vigie.flow.notices.words import redress_words
from vigie.flow.queues import access
from vigie.law.wording import LANGUAGES
from vigie.store.models import Appeal, AppealBy, AppealState, CaseState, Statement
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from vigie.flow.letters.wording import Mail
    from vigie.store.models import DecisionRecord, User

CHILD: Final = "child"
SHOWN: Final = 200
FIELDS: Final = ("outcome", "reason", "answer", "heard")


@dataclass(frozen=True, slots=True)
class Row:
    """One complaint in the list."""

    appeal: Appeal
    clock: clocks.Clock | None
    mine: bool
    """This person took part in what is contested."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What stands in the way of a form, and at which field."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed so far."""

    outcome: str = ""
    reason: str = ""
    answer: str = ""
    heard: str = ""
    keep: list[str] = field(default_factory=list)


@needs(Permission.APPEAL_DECIDE)
@require_safe
def appeals(request: HttpRequest) -> HttpResponse:
    """List complaints: those that wait in the order of their queue, or those answered."""
    user, now = person(request), house.current().now()
    answered = request.GET.get("answered") == "1"
    rows = Appeal.objects.exclude(decision__cls=CHILD).select_related(
        "case__decision", "decision", "measure", "notice_item"
    )
    if answered:
        found = rows.exclude(state=AppealState.LODGED).order_by("-resolved_at")
    else:
        found = rows.filter(state=AppealState.LODGED).order_by(
            "-case__priority", "case__due_at", "number"
        )
    queues = access.queues_of(user)
    shown = [
        Row(one, _clock(one, now), is_barred(user, one))
        for one in found[:SHOWN]
        if access.may_see(user, one.case, queues)
    ]
    context: dict[str, object] = {"room": "appeals", "rows": shown, "answered": answered}
    return show(request, "appeals.html", context)


def _clock(appeal: Appeal, now: int) -> clocks.Clock | None:
    return clocks.clock(appeal.case, now) if appeal.state == AppealState.LODGED else None


@needs(Permission.CASE_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, number: int) -> HttpResponse:
    """Show one complaint; answer it."""
    user = person(request)
    row = find(user, number)
    if request.method != "POST":
        words = drafts.take(request)
        return _page(request, row, _read(words, words.getlist("keep")) if words else Given())
    led = once.answer(request, request.POST.get("once", ""))
    if led is not None:
        return HttpResponseRedirect(led)
    given = _read(request.POST, request.POST.getlist("keep"))
    if "show" in request.POST:
        return _page(request, row, given, letter=_letter(row, given))
    try:
        resolve_appeal(house.current(), user, row, _resolution(request, given))
    except (InvalidInputError, ConflictError) as problem:
        status = 409 if isinstance(problem, ConflictError) else 422
        return _page(request, row, given, problem=problem, status=status)
    where = reverse("console:appeal", args=[row.number])
    once.keep(request, request.POST.get("once", ""), where)
    return HttpResponseRedirect(where)


@needs(Permission.APPEAL_DECIDE)
@require_POST
def appeal_reopen(request: HttpRequest, number: int) -> HttpResponse:
    """Open the item's case for the person who hears a notifier's complaint."""
    user = person(request)
    case = reopen.reopen_item(house.current(), user, find(user, number))
    return HttpResponseRedirect(reverse("console:decide", args=[case.decision_id]))


def find(user: User, number: int) -> Appeal:
    """Return a complaint; NotFoundError where there is none that this person may see."""
    found = Appeal.objects.select_related("case", "decision", "measure", "notice_item").filter(
        number=number
    )
    row = found.first()
    if row is None or not access.may_see(user, row.case):
        raise NotFoundError(_("There is no such complaint."), code="no_appeal")
    return row


def _read(post: Mapping[str, str], keep: list[str]) -> Given:
    typed = {name: post.get(name, "").replace("\r\n", "\n") for name in FIELDS}
    return Given(**typed, keep=[one[:2] for one in keep[:60]])


def _resolution(request: HttpRequest, given: Given) -> Resolution:
    outcome = given.outcome if given.outcome in set(AppealState) else AppealState.LODGED
    seen = request.POST.get("seen", "")
    return Resolution(
        outcome=AppealState(outcome),
        reason=given.reason,
        answer=given.answer,
        heard=given.heard,
        keep=tuple(given.keep) if outcome == AppealState.PARTLY else (),
        seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 16 else None,
    )


def _page(
    request: HttpRequest,
    row: Appeal,
    given: Given,
    *,
    letter: Mail | None = None,
    problem: VigieError | None = None,
    status: int = 200,
) -> HttpResponse:
    user, current = person(request), house.current()
    head = head_of(row.decision)
    waits = row.state == AppealState.LODGED
    barred = is_barred(user, row)
    context: dict[str, object] = {
        "room": "appeals",
        "row": row,
        "first": row.decision,
        "head": head,
        "now": standing(head),
        "state": present.state(row.decision),
        "head_state": present.state(head),
        "clock": _clock(row, current.now()),
        "statement": _statement(row, user),
        "said": _said(row.decision, user),
        "change": forecast(current, row) if waits else None,
        "taken": taken_back(row.reversed, user.language),
        "barred": barred,
        "may_answer": waits and not barred and may_hear(user, row),
        "by_notifier": row.by == AppealBy.NOTIFIER and row.measure_id is None,
        "restricted_by_me": bool(standing(head)) and head.decided_by == user.username,
        "case_open": _item_open(row),
        "given": given,
        "letter": letter,
        "problem": Problem(problem.field or "outcome", words(problem)) if problem else None,
        "token": once.token(),
        "most": MAX_TEXT,
        "most_answer": MAX_ANSWER,
    }
    return show(request, "appeal.html", context, status=status)


def _item_open(row: Appeal) -> bool:
    case = reopen.item_case(row)
    return case is not None and case.state == CaseState.OPEN


def _statement(row: Appeal, user: User) -> dict[str, Any] | None:
    """Return the statement as the author reads it."""
    kept = Statement.objects.filter(decision=row.decision).first()
    if kept is None or row.measure_id is not None or row.decision.cls == CHILD:
        return None
    text: dict[str, Any] | None = kept.content.get(user.language) or kept.content.get("en")
    return text


def _said(record: DecisionRecord, user: User) -> str:
    """Return the item's words, while they are kept, for who may read them; none of `child`."""
    if record.cls == CHILD or not user.has_perm(Permission.CONTENT_READ):
        return ""
    found = queries.contents([record]).values()
    return next((one.text for one in found), "")


def _letter(row: Appeal, given: Given) -> Mail:
    """Return the mail as the person would get it, filled with what was typed."""
    state = given.outcome if given.outcome in set(AppealState) else AppealState.REFUSED
    asked = Appeal(
        number=row.number, state=state, by=row.by, measure=row.measure, language=row.language
    )
    discreet = is_discreet(row)
    current = house.current()
    values = {
        "number": row.label,
        "outcome": outcome_words(asked),
        "url": status_address(current),
        "redress": redress_words(row.language),
        "operator": current.settings.operator or "Vigie",
        "site": current.settings.base_url,
    }
    template = "neutral_decision" if discreet else "appeal_outcome"
    spoken = row.language if row.language in LANGUAGES else "en"
    return wording.render(current.settings.letters_dir, template, spoken, values)


def words(problem: VigieError) -> str:
    """Return an error of the verb in the language of the page."""
    known = {
        "no_outcome": _("Choose an outcome."),
        "no_reason": _("Write a reason for the record."),
        "no_answer": _("Write why: the person reads it."),
        "not_heard": _("Say how the person was heard, or why not: they wished it."),
        "text_too_long": _("This is too long."),
        "not_in_part": _("Choose some of the countries, not all of them."),
        "not_territorial": _("What was decided knows no borders: uphold it or refuse it."),
        "not_restricted": _("Nothing is restricted yet: decide the item first."),
        "decided_meanwhile": _("Somebody was first, or the item was decided meanwhile."),
    }
    return known.get(problem.code, problem.message)
