# SPDX-License-Identifier: Apache-2.0
"""One's own shift: breaks, looks, hard queues; and looks for a colleague."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from vigie.console import care
from vigie.console.clocks import span
from vigie.console.desk import needs, person, show
from vigie.core.errors import InvalidInputError, VigieError
from vigie.flow import desk_settings, house, looks, shifts
from vigie.flow.queues import access, moves, serve
from vigie.flow.queues.first import title
from vigie.store.models import ReviewQueue, User
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

LEAVE_HOURS: Final = (4, 24, 7 * 24)


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A queue as the page of the shift offers to leave it."""

    slug: str
    title: str
    hard: bool
    left_until: int | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody in a shift whose looks run out."""

    pk: int
    name: str
    words: str
    granted: bool


@needs(Permission.CASE_DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def shift(request: HttpRequest) -> HttpResponse:
    """Show how the shift stands; take a break, come back, end it, leave a queue."""
    if request.method != "POST":
        return _page(request)
    try:
        _act(request)
    except VigieError as refused:
        return _page(request, _(refused.message), refused.http_status)
    return HttpResponseRedirect(reverse("console:shift"))


def _act(request: HttpRequest) -> None:
    user, current = person(request), house.current()
    asked = request.POST.get("do", "")
    simple = {"pause": shifts.pause, "resume": shifts.resume, "end": shifts.end}
    if asked in simple:
        simple[asked](current, user)
        return
    queue = _queue(user, request.POST.get("queue", ""))
    if asked == "leave":
        moves.leave_queue(current, queue, user, _hours(request.POST.get("hours", "")))
    elif asked == "back":
        moves.come_back(queue, user)


def _queue(user: User, slug: str) -> ReviewQueue:
    found = next((one for one in access.queues_of(user) if one.slug == slug), None)
    if found is None:
        raise InvalidInputError(
            gettext_noop("There is no such queue."), code="no_queue", field="queue"
        )
    return found


def _hours(text: str) -> int:
    if text not in {str(hours) for hours in LEAVE_HOURS}:
        raise InvalidInputError(
            gettext_noop("Choose for how long."), code="bad_hours", field="hours"
        )
    return int(text)


def _page(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    user, current = person(request), house.current()
    standing = shifts.standing(current, user)
    left = serve.paused(current, user)
    context: dict[str, object] = {
        "room": "shift",
        "problem": problem,
        "shift": standing,
        "worked": span(standing.worked_ms),
        "due": care.due_words(standing),
        "queues": [
            QueueLine(one.slug, title(one), one.hardness >= shifts.HARD, left.get(one.slug))
            for one in access.queues_of(user)
        ],
        "hours": [(hours, span(hours * shifts.HOUR_MS)) for hours in LEAVE_HOURS],
        "figures": desk_settings.switch("personal_figures"),
        "grant": desk_settings.number("look_grant"),
        "colleagues": _colleagues(user) if user.has_perm(Permission.CASE_ASSIGN) else [],
    }
    return show(request, "shift.html", context, status=status)


def _colleagues(user: User) -> list[Colleague]:
    """Return who is in a shift and near the end of their looks, by name."""
    others = User.objects.filter(is_active=True, shifts__ended_at=None, shifts__isnull=False)
    found = []
    for one in others.exclude(pk=user.pk).distinct().order_by("username"):
        standing = shifts.standing(house.current(), one)
        if standing.shift is not None and standing.near_limit:
            words = _("%(used)s of %(limit)s looks") % {
                "used": standing.used,
                "limit": standing.limit,
            }
            found.append(Colleague(one.pk, one.username, words, standing.shift.granted > 0))
    return found


@needs(Permission.CASE_ASSIGN)
@require_POST
def grant(request: HttpRequest, account: int) -> HttpResponse:
    """Add looks for a colleague, once in their shift, with a reason."""
    other = get_object_or_404(User, pk=account, is_active=True)
    try:
        looks.grant(house.current(), person(request), other, request.POST.get("reason", ""))
    except VigieError as refused:
        return _page(request, _(refused.message), refused.http_status)
    return HttpResponseRedirect(reverse("console:shift"))
