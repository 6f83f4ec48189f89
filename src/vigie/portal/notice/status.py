# SPDX-License-Identifier: Apache-2.0
"""Receipt, status and decision of one notice, for whoever has its code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vigie.core.territory import EVERYWHERE
from vigie.flow import house
from vigie.flow.chain import standing
from vigie.flow.intimate.request import followed
from vigie.flow.notices import receive
from vigie.flow.notices.form import category_of
from vigie.flow.notices.status import by_code
from vigie.flow.notices.words import sentences
from vigie.portal.appeal import contest
from vigie.portal.notice import render
from vigie.portal.seen import NOTICES
from vigie.store.models import Case, DisputeBody, Letter, NoticeItem, NoticeState, TaskState
from vigie.web import proofs
from vigie.web.lawbook import entries
from vigie.web.limits import allow

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.store.models import Notice

_LETTERS = ("notice_receipt", "neutral_receipt", "notice_decision", "neutral_decision")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, and when."""

    at: int
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided about one location."""

    location: str
    outcome: str
    territories: list[str]
    provisions: list[str]
    """Of the law, and clauses of the terms: together they carry every country named."""
    can_contest: bool
    number: int


@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest) -> HttpResponse:
    """Ask for the code."""
    if request.method != "POST":
        context = {"open": NOTICES.of(request) is not None, "kept": contest.is_kept(request)}
        return render.page(request, "status.html", context)
    current = house.current()
    allow(current, request, "code")
    given = request.POST.get("code", "")[:100]
    notice = by_code(current, given)
    if notice is None:
        problem = {"code": _("We know no notice with this code. Look at the receipt again.")}
        return render.page(request, "status.html", {"given": given, "errors": problem}, 422)
    NOTICES.remember(request, notice)
    where = "portal:appeal" if contest.is_kept(request) else "portal:notice-mine"
    return HttpResponseRedirect(reverse(where))


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show the receipt, what happened so far, and the decision."""
    notice = NOTICES.of(request)
    if notice is None:
        return HttpResponseRedirect(reverse("portal:notice-status"))
    about = category_of(notice.category)
    context: dict[str, Any] = {
        "notice": notice,
        "about": about,
        "title": about.title(render.language()),
        "code": receive.code_of(house.current(), notice),
        "fresh": NOTICES.is_fresh(request),
        "events": events(notice),
        "due": due(notice),
        "answers": answers(notice),
        "sentences": sentences(notice),
        "decided": notice.state != NoticeState.RECEIVED,
        "checkpoint": proofs.latest(),
        "covered": _covered(notice),
        "bodies": DisputeBody.objects.filter(active=True).order_by("name"),
        "appeal": _appeal(),
        "pictures": followed(notice),
        **render.care(about, under_age=notice.under_age),
    }
    return render.page(request, "mine.html", context)


def _covered(notice: Notice) -> bool:
    latest = proofs.latest()
    return latest is not None and latest["size"] > notice.log_index


def _appeal() -> str:
    """Return where a decision is contested; empty where that page is not served."""
    try:
        return reverse("portal:appeal")
    except NoReverseMatch:
        return ""


@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """Close the notice in this browser."""
    NOTICES.forget(request)
    return HttpResponseRedirect(reverse("portal:notice-status"))


@require_safe
def receipt(request: HttpRequest) -> HttpResponse:
    """Hand out the receipt as a file that `vigie-verify` reads."""
    notice = NOTICES.of(request)
    if notice is None:
        return HttpResponseRedirect(reverse("portal:notice-status"))
    answer = HttpResponse(json.dumps(notice.receipt), content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="receipt.json"'
    return answer


def events(notice: Notice) -> list[Event]:
    """Return what happened, the oldest first."""
    found = [Event(notice.received_at, _("We received your notice."))]
    letters = Letter.objects.filter(notice=notice, template__in=_LETTERS).select_related("task")
    for one in letters.order_by("written_at"):
        if one.task.state == TaskState.CANCELLED:
            continue
        first = one.template.endswith("receipt")
        found.append(Event(one.written_at, _letter(first=first, state=one.task.state)))
    found += [
        Event(
            item.decided_at or 0,
            _("We decided about address %(number)s.") % {"number": item.position + 1},
        )
        for item in notice.items.exclude(outcome="").order_by("decided_at")
    ]
    return sorted(found, key=lambda event: event.at)


def _letter(*, first: bool, state: str) -> str:
    """Say what became of a mail, and never more than its receipt."""
    gone = state == TaskState.ACCEPTED
    if state == TaskState.DEAD:
        return _("We could not send you a mail: the address did not take it.")
    if first:
        return (
            _("We sent you the confirmation of receipt.")
            if gone
            else _("The confirmation of receipt waits to be sent.")
        )
    return _("We sent you the decision.") if gone else _("The decision waits to be sent.")


def due(notice: Notice) -> int | None:
    """Return until when a person should have decided; None once it is decided."""
    cases = Case.objects.filter(notice_items__notice=notice, notice_items__outcome="")
    found = [one for one in cases.values_list("due_at", flat=True) if one]
    return min(found, default=None)


def answers(notice: Notice) -> list[Answer]:
    """Return the decision about each location, in the order in which they were named."""
    items = notice.items.select_related("decision").order_by("position")
    return [_answer(item, quoted=notice.category != "child") for item in items]


def _answer(item: NoticeItem, *, quoted: bool) -> Answer:
    acting = standing(item.decision) if item.decision is not None else ()
    grounds = [ground for action in acting for ground in action.grounds]
    named = [ground.offence for ground in grounds if ground.offence]
    clauses = dict.fromkeys(ground.terms for ground in grounds if ground.terms)
    places = sorted({place for action in acting for place in action.territories})
    return Answer(
        location=item.location if quoted else "",
        outcome=item.outcome,
        territories=[EVERYWHERE] if EVERYWHERE in places else places,
        provisions=[
            *(f"{one.provision} ({one.jurisdiction})" for one in entries(named)),
            *(_("terms and conditions, clause %(clause)s") % {"clause": one} for one in clauses),
        ],
        can_contest=item.outcome == "not_restricted",
        number=item.position + 1,
    )
