# SPDX-License-Identifier: Apache-2.0
"""Deciding again on what stands: lift it, confirm it, or take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from vigie.console import desk_form, drafts, once, present, undo
from vigie.console import page as pages
from vigie.console.desk import needs, person, show
from vigie.console.views.decisions import find
from vigie.console.views.lost import lost_to
from vigie.core.errors import ConflictError
from vigie.flow import house
from vigie.flow.decide import PersonDecision, Verb
from vigie.flow.decide import decide as commit
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.console.desk_form import Problem
    from vigie.store.models import DecisionRecord

FURTHER: Final = (Verb.LIFT, Verb.CONFIRM, Verb.UNDO)


@needs(Permission.CASE_DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def further(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Ask for the reason of a further decision; on the second request, decide."""
    user = person(request)
    record = find(user, number)
    if request.method != "POST":
        words = drafts.take(request)
        typed = words.get("reason", "") if words else ""
        return _ask(request, record, Verb(verb), typed, [])
    token = request.POST.get("once", "")
    led = once.answer(request, token)
    if led is not None:
        return HttpResponseRedirect(led)
    reason = request.POST.get("reason", "").strip() or _quick_reason(request, record, Verb(verb))
    problems = desk_form.reason_problems(reason)
    if problems:
        return _ask(request, record, Verb(verb), reason, problems, status=422)
    asked = PersonDecision(on=record.number, verb=Verb(verb), reason=reason, user=user)
    try:
        made = commit(house.current(), asked)
    except ConflictError as lost:
        return lost_to(request, record, asked, lost)
    where = reverse("console:decision", args=[made.number])
    undo.done(request, token, made.number, where)
    return HttpResponseRedirect(where)


def _quick_reason(request: HttpRequest, record: DecisionRecord, verb: Verb) -> str:
    """Return the reason of an undo at once by the one who decided; else none."""
    open_until = record.at + house.current().settings.undo_seconds * 1000
    mine = record.decided_by == person(request).username
    if verb is Verb.UNDO and mine and house.current().now() < open_until:
        return "undone at once by the person who decided"
    return ""


def _ask(
    request: HttpRequest,
    record: DecisionRecord,
    verb: Verb,
    reason: str,
    problems: list[Problem],
    *,
    status: int = 200,
) -> HttpResponse:
    """Ask for the reason, with what will happen beside it."""
    page = pages.load(record, may_read_words=False)
    context: dict[str, object] = {
        "room": "decisions",
        "page": page,
        "verb": verb.value,
        "reason": reason,
        "problems": problems,
        "token": once.token(),
        "where": present.where(record.territories),
        "action": reverse(f"console:{verb.value}", args=[record.number]),
    }
    return show(request, "further.html", context, status=status)
