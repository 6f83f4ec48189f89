# SPDX-License-Identifier: Apache-2.0
"""The victim's path at the desk: confirm on one blurred copy, or leave it as it is.

Every rule is in `flow.intimate`; the words of the notice and the notifier's name
stand elsewhere, where looking at them is recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from vigie.console import cases, clocks, drafts, intimate, once, undo, veil, wording
from vigie.console.desk import needs, person, show
from vigie.core.errors import InvalidInputError, NotFoundError, VigieError
from vigie.flow import house
from vigie.flow.chain import head_of
from vigie.flow.intimate import confirm as verbs
from vigie.flow.intimate.found import take_along
from vigie.flow.queues import access, claims, serve
from vigie.flow.said import notices_of
from vigie.flow.transaction import writing
from vigie.store.models import CaseState, PictureCopy
from vigie.store.permissions import Permission
from vigie.web.numbers import whole_number

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise

    from vigie.console.intimate import Asked
    from vigie.store.models import Case, DecisionRecord, User

WORDS: Final[dict[str, _StrPromise]] = {
    "not_confirmed": gettext_lazy("Both must hold: the picture is intimate, and it fits."),
    "look_first": gettext_lazy(
        "Look at the blurred copy first, or say that you looked on the platform itself."
    ),
    "no_medium": gettext_lazy("Choose which picture it is."),
    "no_reason": gettext_lazy("Write a reason for the record."),
    "too_many": gettext_lazy("At most 50 copies in one decision; the others come next."),
    "second_person": gettext_lazy(
        "In this queue a second person must confirm a restriction: decide on the review page."
    ),
}


@needs(Permission.CASE_DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, number: int) -> HttpResponse:
    """Show what is known of one case; confirm it, leave it, or take a copy along."""
    found = _find(person(request), number)
    if request.method != "POST":
        _take(person(request), found)
        words = drafts.take(request)
        return _page(request, found, intimate.read(words) if words else intimate.Asked())
    led = once.answer(request, request.POST.get("once", ""))
    if led is not None:
        return HttpResponseRedirect(led)
    asked = intimate.read(request.POST)
    if "look" in request.POST:
        return _look_at(request, found, asked)
    try:
        made = _decide(request, found, asked)
    except VigieError as refused:
        return _page(request, found, asked, refused)
    where = _next(person(request))
    undo.done(request, request.POST.get("once", ""), made.number, where)
    return HttpResponseRedirect(where)


def _find(user: User, number: int) -> Case:
    """Return an open case of the victim's path that this person may see."""
    found = access.find(user, number)
    if found.category != verbs.CATEGORY or found.state != CaseState.OPEN:
        raise NotFoundError(_("There is no such case."), code=access.NO_CASE)
    return found


def _take(user: User, found: Case) -> None:
    """Claim the case for who opens it; somebody else's claim is shown, not broken."""
    now = house.current().now()
    if claims.holder(found, now) is None and access.may_work(user, found):
        claims.take(house.current(), found, user)


def _decide(request: HttpRequest, found: Case, asked: Asked) -> DecisionRecord:
    user, current = person(request), house.current()
    on = whole_number(request.POST.get("expected", "")) or head_of(found.decision).number
    if not asked.reason.strip():
        raise InvalidInputError("A decision has a reason.", code="no_reason", field="reason")
    if "leave" in request.POST:
        return verbs.reject(current, user, found, on, asked.reason, unfounded=asked.unfounded)
    return verbs.confirm(current, user, found, asked.confirmation(on))


def _look_at(request: HttpRequest, found: Case, asked: Asked) -> HttpResponse:
    """Give a copy a case of its own, so that it can be looked at and decided by itself."""
    chosen = request.POST["look"]
    copy = PictureCopy.objects.filter(
        pk=whole_number(chosen) or 0,
        notice__in=notices_of(found),
        notice_item__isnull=True,
    ).first()
    if copy is None:
        gone = NotFoundError(_("This copy has a case of its own already."), code="no_copy")
        return _page(request, found, asked, gone)
    verbs.check_case(person(request), found)
    with writing():
        own = take_along(house.current(), copy)
    return HttpResponseRedirect(reverse("console:intimate", args=[own.pk]))


def _next(user: User) -> str:
    """Return the page of the next case of this queue, or the list."""
    following = serve.next_case(house.current(), user, verbs.CATEGORY)
    if following is None:
        return reverse("console:queues")
    if following.category == verbs.CATEGORY:
        return reverse("console:intimate", args=[following.pk])
    return cases.review_link(following)


def _page(
    request: HttpRequest, found: Case, asked: Asked, refused: VigieError | None = None
) -> HttpResponse:
    now = house.current().now()
    holder = claims.holder(found, now)
    context: dict[str, object] = {
        "room": "queues",
        "desk": intimate.gather(found, asked),
        "clock": clocks.clock(found, now),
        "veils": veil.veils(request, found),
        "token": once.token(),
        "undo": undo.notice(request),
        "holder": holder.username if holder is not None and holder != person(request) else "",
        "problem": _problem(refused),
        "wrong": (refused.field or "") if refused is not None else "",
    }
    status = refused.http_status if refused is not None else 200
    return show(request, "intimate.html", context, status=status)


def _problem(refused: VigieError | None) -> str:
    if refused is None:
        return ""
    known = WORDS.get(refused.code)
    return str(known) if known is not None else wording.of(refused)
