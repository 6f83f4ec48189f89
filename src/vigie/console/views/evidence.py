# SPDX-License-Identifier: Apache-2.0
"""What is sealed: the list, one record with its custody, and opening it.

Class `child` stands in none of these pages; its own room lists hashes.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from vigie.console import veil
from vigie.console.desk import needs, person, show
from vigie.console.identity.again import shown_again
from vigie.console.identity.stepped import stepped_at
from vigie.core.errors import InvalidInputError, NotFoundError, VigieError
from vigie.evidence import keys, terms
from vigie.flow import deletion, house, second_person
from vigie.flow.vault import access, leaves, see, term
from vigie.flow.vault.shred import shred
from vigie.screening.media.protocol import Clarity
from vigie.store.models import CustodyKind, Evidence, EvidenceKind, SecondPersonRequest
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

    from vigie.store.models import CustodyEvent, Hold, User

PAGE: Final = 50
KINDS: Final[dict[str, _StrPromise]] = {
    EvidenceKind.MEDIA: gettext_lazy("original bytes"),
    EvidenceKind.CONTEXT: gettext_lazy("context"),
    EvidenceKind.ACCOUNT: gettext_lazy("account data"),
    EvidenceKind.DOCUMENT: gettext_lazy("document"),
    EvidenceKind.EXCERPT: gettext_lazy("excerpt of what the AI gateway stopped"),
}
EVENTS: Final[dict[str, tuple[str, _StrPromise]]] = {
    CustodyKind.SEALED: ("done", gettext_lazy("sealed")),
    CustodyKind.OPENED: ("waits", gettext_lazy("opened")),
    CustodyKind.COPIED: ("waits", gettext_lazy("copied out")),
    CustodyKind.HELD: ("held", gettext_lazy("kept longer")),
    CustodyKind.REWRAPPED: ("done", gettext_lazy("wrapped anew")),
    CustodyKind.REFUSED: ("failed", gettext_lazy("refused by the vault")),
    CustodyKind.SHREDDED: ("failed", gettext_lazy("shredded")),
}
VEILED: Final = "veiled"
CLARITIES: Final[dict[str, _StrPromise]] = {
    VEILED: gettext_lazy("Grey and blurred"),
    **veil.CLARITIES,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One sealed record as the list shows it."""

    evidence: Evidence
    kind: str
    law: str
    held: Hold | None


@dataclass(frozen=True, slots=True)
class Event:
    """One event of custody in words."""

    event: CustodyEvent
    shape: str
    words: str


@needs(Permission.EVIDENCE_READ)
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Show what is sealed, the newest first."""
    rows = Evidence.objects.exclude(lane=keys.CHILD).exclude(cls=keys.CHILD)
    state = request.GET.get("state", "")
    rows = _in_state(rows, state)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(number__lt=int(before))
    found = list(rows.select_related("order", "decision").order_by("-number")[: PAGE + 1])
    context: dict[str, object] = {
        "room": "evidence",
        "rows": [_row(one) for one in found[:PAGE]],
        "more": found[PAGE - 1].number if len(found) > PAGE else None,
        "state": state,
        "used": leaves.spent(house.current(), person(request)),
        "cap": leaves.cap(),
        "may_open": person(request).has_perm(Permission.EVIDENCE_OPEN),
        "asked": _asked(person(request)),
    }
    return show(request, "evidence.html", context)


def _in_state(rows: QuerySet[Evidence], state: str) -> QuerySet[Evidence]:
    if state == "shredded":
        return rows.exclude(shredded_at=None)
    return rows if state == "all" else rows.filter(shredded_at=None)


def _row(evidence: Evidence) -> Row:
    words = str(KINDS.get(evidence.kind, evidence.kind))
    return Row(evidence, words, terms.find(evidence.rule).law, _hold(evidence))


def _hold(evidence: Evidence) -> Hold | None:
    found = deletion.holds_on(evidence.service, [evidence.item_id], [evidence.author])
    return found.order_by("review_at").first()


def _asked(user: User) -> list[tuple[SecondPersonRequest, int]]:
    """Return requests to open evidence that this person could confirm, with its number."""
    if not user.has_perm(Permission.EVIDENCE_OPEN):
        return []
    rows = second_person.waiting_for(user).filter(kind=access.OPEN_TWO)[:PAGE]
    return [
        (one, int(one.payload["evidence_number"]))
        for one in rows
        if second_person.may_see(user, one)
    ]


@needs(Permission.EVIDENCE_READ)
@require_safe
def one(request: HttpRequest, number: int) -> HttpResponse:
    """Show one record: what it is, why and how long it is kept, who had it in hands."""
    return _page(request, _found(request, number))


def _found(request: HttpRequest, number: int) -> Evidence:
    found = access.find(person(request), number)
    if found.lane == keys.CHILD:
        raise NotFoundError(_("There is no such evidence."), code="no_evidence")
    return found


def _page(
    request: HttpRequest, evidence: Evidence, problem: VigieError | None = None
) -> HttpResponse:
    user, here = person(request), house.current()
    leave = access.standing(here, user, evidence)
    given = request.POST
    events = evidence.custody.select_related("record").order_by("at", "pk")
    context: dict[str, object] = {
        "room": "evidence",
        "row": _row(evidence),
        "evidence": evidence,
        "term": terms.find(evidence.rule),
        "events": [_event(one) for one in events],
        "two": leaves.needs_two(evidence),
        "leave": leave,
        "reason": given.get("reason", leave.reason if leave else ""),
        "ticket": given.get("ticket", leave.ticket if leave else ""),
        "requests": _requests(user, evidence),
        "may_open": user.has_perm(Permission.EVIDENCE_OPEN) and evidence.shredded_at is None,
        "over": here.now() >= evidence.keep_until,
        "used": leaves.spent(here, user),
        "cap": leaves.cap(),
        "clarities": CLARITIES,
        "problem": problem,
    }
    return show(
        request, "evidence_one.html", context, status=problem.http_status if problem else 200
    )


def _event(event: CustodyEvent) -> Event:
    shape, words = EVENTS.get(event.kind, ("", event.kind))
    return Event(event, shape, str(words))


def _requests(user: User, evidence: Evidence) -> list[tuple[SecondPersonRequest, bool]]:
    """Return what waits about a record, and whether this person is who asked."""
    rows = SecondPersonRequest.objects.filter(
        kind=access.OPEN_TWO, state="waiting", payload__evidence=evidence.evidence_id
    )
    rows = rows.select_related("asked_by").order_by("pk")
    return [(one, one.asked_by_id == user.pk) for one in rows if second_person.may_see(user, one)]


@needs(Permission.EVIDENCE_OPEN)
@require_POST
@shown_again
def act(request: HttpRequest, number: int) -> HttpResponse:
    """Ask to open a record, shred it after its minimum, or renew its term."""
    evidence = _found(request, number)
    try:
        _act(request, evidence)
    except VigieError as problem:
        return _page(request, evidence, problem)
    return HttpResponseRedirect(reverse("console:evidence_one", args=[number]))


def _act(request: HttpRequest, evidence: Evidence) -> None:
    user, here, given = person(request), house.current(), request.POST
    verb, reason = given.get("do", ""), given.get("reason", "")
    if verb == "ask":
        step = stepped_at(request, here)
        access.ask(here, user, evidence, reason, given.get("ticket", ""), stepped_at=step)
    elif verb == "renew":
        term.renew(here, evidence, basis=reason, user=user)
    elif verb == "shred":
        if given.get("number", "") != str(evidence.number):
            raise InvalidInputError(
                _("Type the number of the evidence."), code="no_number", field="number"
            )
        shred(here, evidence, user=user, reason=reason)
    else:
        raise InvalidInputError(_("There is no such act."), field="do")


@needs(Permission.EVIDENCE_OPEN)
@require_POST
@shown_again
def confirm(request: HttpRequest, number: int) -> HttpResponse:
    """Confirm or refuse somebody's wish to open a record; their own: take it back."""
    row = SecondPersonRequest.objects.filter(pk=number, kind=access.OPEN_TWO).first()
    user, here = person(request), house.current()
    if row is None or not second_person.may_see(user, row):
        raise NotFoundError(_("There is no such request."), code="no_request")
    evidence = _found(request, int(row.payload["evidence_number"]))
    try:
        if request.POST.get("do") == "confirm":
            access.confirm(here, user, row, stepped_at=stepped_at(request, here))
        else:
            second_person.refuse(here, user, row)
    except VigieError as problem:
        return _page(request, evidence, problem)
    return HttpResponseRedirect(reverse("console:evidence_one", args=[evidence.number]))


@needs(Permission.EVIDENCE_OPEN)
@require_POST
@shown_again
def open_one(request: HttpRequest, number: int) -> HttpResponse:
    """Open a record: pictures drawn anew, grey and blurred unless asked clearer."""
    evidence = _found(request, number)
    user, here, given = person(request), house.current(), request.POST
    wanted = given.get("clarity", VEILED)
    clarity = Clarity[wanted.upper()] if wanted in CLARITIES else Clarity.VEILED
    try:
        data = access.read(
            here,
            user,
            evidence,
            given.get("reason", ""),
            given.get("ticket", ""),
            stepped_at=stepped_at(request, here),
        )
        if given.get("as") == "file":
            see.refuse_child(here, data)
            return _file(evidence, data)
        found = see.shown(here, user, evidence, data, clarity)
    except VigieError as problem:
        return _page(request, evidence, problem)
    context: dict[str, object] = {
        "room": "evidence",
        "evidence": evidence,
        "text": found.text,
        "src": _inline(found),
        "back": reverse("console:evidence_one", args=[number]),
    }
    return show(request, "evidence_open.html", context)


def _inline(found: see.Shown) -> str:
    drawn = found.drawn
    if drawn is None or drawn.problem:
        return ""
    return f"data:{drawn.mime};base64,{base64.b64encode(drawn.data).decode()}"


def _file(evidence: Evidence, data: bytes) -> HttpResponse:
    """Answer with bytes that no browser shows or runs."""
    answer = HttpResponse(data, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="E-{evidence.number}.bin"'
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    answer["Cache-Control"] = "no-store"
    return answer
