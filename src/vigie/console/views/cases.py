# SPDX-License-Identifier: Apache-2.0
"""What a person does with a case short of deciding it: each one address, each one verb."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vigie.console import cases
from vigie.console.desk import needs, person, show
from vigie.core.errors import ConflictError, InvalidInputError, VigieError
from vigie.flow import house as houses
from vigie.flow.queues import access, claims, moves
from vigie.flow.queues.first import all_queues, title
from vigie.store.models import CaseKind, Queue, User
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from vigie.flow.house import House
    from vigie.store.models import Case

    Act = Callable[[HttpRequest, House, Case, User], str]
    View = Callable[[HttpRequest, int], HttpResponse]


def _act(permission: Permission) -> Callable[[Act], View]:
    """Make a page of an act: its case is one that the person may see, the answer leads on."""

    def around(act: Act) -> View:
        @needs(permission)
        @require_POST
        @wraps(act)
        def view(request: HttpRequest, number: int) -> HttpResponse:
            user = person(request)
            case = access.find(user, number)
            try:
                return HttpResponseRedirect(act(request, houses.current(), case, user))
            except (ConflictError, InvalidInputError) as problem:
                return _refused(request, case, problem)

        return view

    return around


def _refused(request: HttpRequest, case: Case, problem: VigieError) -> HttpResponse:
    """Say what did not happen and where to go on; what was typed stays on the page."""
    case.refresh_from_db()
    holder = claims.holder(case, houses.current().now())
    context: dict[str, object] = {
        "room": "queues",
        "case": case,
        "problem": problem,
        "holder": holder.username if holder else "",
        "until": case.claimed_until,
        "note": request.POST.get("note", "")[: moves.MAX_NOTE],
        "link": cases.review_link(case),
    }
    return show(request, "case_refused.html", context, status=problem.http_status)


def _on(request: HttpRequest, otherwise: str) -> str:
    """Return the page to go on with: one of our own that the form names, or the usual one."""
    asked = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if ours and asked.startswith("/console/") else otherwise


def _queue_page(slug: str) -> str:
    if slug == Queue.CHILD:
        return reverse("console:child")
    return f"{reverse('console:queues')}?{urlencode({'queue': slug})}"


def _next_page(slug: str) -> str:
    return f"{reverse('console:next')}?{urlencode({'queue': slug})}"


@_act(Permission.CASE_DECIDE)
def claim(request: HttpRequest, house: House, case: Case, user: User) -> str:
    """Take a case and open it."""
    claims.claim(house, case, user)
    return _on(request, cases.review_link(case))


@_act(Permission.CASE_DECIDE)
def release(request: HttpRequest, house: House, case: Case, user: User) -> str:
    """Give a case back."""
    claims.release(house, case, user)
    claims.stop_watching(case, user)
    return _on(request, _queue_page(case.queue))


@_act(Permission.CASE_DECIDE)
def skip(request: HttpRequest, house: House, case: Case, user: User) -> str:
    """Pass a case on and open the next; no reason is asked."""
    moves.skip(house, case, user)
    claims.stop_watching(case, user)
    return _on(request, _next_page(case.queue))


@_act(Permission.CASE_DECIDE)
def escalate(request: HttpRequest, house: House, case: Case, user: User) -> str:
    """Send a case to another queue with a note."""
    before = case.queue
    moves.escalate(house, case, user, request.POST.get("queue", ""), request.POST.get("note", ""))
    claims.stop_watching(case, user)
    return _on(request, _next_page(before))


@_act(Permission.CASE_ASSIGN)
def assign(request: HttpRequest, house: House, case: Case, user: User) -> str:
    """Give a case to somebody, or take it from them."""
    name = request.POST.get("to", "").strip()
    to = User.objects.filter(username=name.casefold(), is_active=True).first() if name else None
    if name and to is None:
        raise InvalidInputError(_("There is no such account."), code="no_account", field="to")
    moves.assign(house, case, user, to)
    return _on(request, _queue_page(case.queue))


@_act(Permission.CASE_DECIDE)
def leave(request: HttpRequest, house: House, case: Case, user: User) -> str:
    """Leave the queue of a case for some hours; no reason is asked."""
    hours = request.POST.get("hours", "")
    if not (hours.isascii() and hours.isdigit() and len(hours) < 4):
        raise InvalidInputError(_("Say for how many hours."), code="bad_hours", field="hours")
    moves.leave_queue(house, all_queues()[case.queue], user, int(hours))
    claims.stop_watching(case, user)
    return _on(request, reverse("console:queues"))


@needs(Permission.CASE_READ)
@require_POST
def watch(request: HttpRequest, number: int) -> HttpResponse:
    """Say that the page is still open; answers who else looks and who has the case."""
    user, house = person(request), houses.current()
    return render(request, "console/_watch.html", watching(house, access.find(user, number), user))


def watching(house: House, case: Case, user: User) -> dict[str, object]:
    """Return what `_watch.html` shows; the review page includes it too."""
    others = claims.watch(house, case, user)
    holder = claims.holder(case, house.now())
    return {
        "case": case,
        "looking": [one.username for one in others],
        "holder": holder.username if holder is not None and holder != user else "",
        "mine": holder == user,
        "until": case.claimed_until,
        "state": case.state,
    }


def targets(case: Case) -> list[tuple[str, str]]:
    """Return the queues to which a case can be sent, with their titles."""
    if case.queue == Queue.CHILD:
        return []
    appeal = case.kind == CaseKind.APPEAL
    return [
        (row.slug, title(row))
        for row in all_queues().values()
        if row.active
        and row.slug not in {case.queue, Queue.APPEALS}
        and (not appeal or row.slug == Queue.CHILD)
    ]
