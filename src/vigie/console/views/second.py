# SPDX-License-Identifier: Apache-2.0
"""What waits for a second person: to confirm here, or asked for by oneself."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from vigie.console.desk import needs, person, show
from vigie.core.errors import InvalidInputError, NotFoundError, VigieError
from vigie.flow import house, second_person
from vigie.store.models import SecondPersonRequest
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

SHOWN: Final = 50
STATES: Final = {
    "waiting": ("proposed", gettext_lazy("waits for a second person")),
    "confirmed": ("done", gettext_lazy("confirmed and done")),
    "refused": ("failed", gettext_lazy("refused")),
    "withdrawn": ("done", gettext_lazy("taken back")),
}
ABOUT: Final = (
    ("on", "console:decision", gettext_lazy("Decision D-%(number)s")),
    ("account", "console:member", gettext_lazy("Account")),
    ("order", "console:order", gettext_lazy("Order O-%(number)s")),
    ("brake", "console:gateway_brake", gettext_lazy("Incident B-%(number)s")),
    ("evidence_number", "console:evidence_one", gettext_lazy("Evidence E-%(number)s")),
)
"""What a request may point at: key of its payload, page, words."""
DETAILS: Final = (
    ("action", gettext_lazy("Action")),
    ("territories", gettext_lazy("Where")),
    ("grounds", gettext_lazy("Grounds")),
    ("confirmed", gettext_lazy("Elements confirmed")),
    ("exemption", gettext_lazy("No statement because")),
    ("also", gettext_lazy("Together with")),
    ("told", gettext_lazy("Facts for the author")),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the page shows it."""

    request: SecondPersonRequest
    shape: str
    words: str
    link: str
    link_words: str
    details: list[tuple[str, str]]


@needs(Permission.CASE_READ)
@require_safe
def second(request: HttpRequest) -> HttpResponse:
    """Show what waits for this person, and what they asked for."""
    return _page(request)


@needs(Permission.CASE_READ)
@require_POST
def decide_second(request: HttpRequest, number: int) -> HttpResponse:
    """Confirm or refuse a request, or take one's own back."""
    verb = {"confirm": second_person.confirm, "refuse": second_person.refuse}.get(
        request.POST.get("do", "")
    )
    if verb is None:
        raise InvalidInputError(_("There is no such act."), field="do")
    row = SecondPersonRequest.objects.filter(pk=number).first()
    if row is None:
        raise NotFoundError(_("There is no such request."), code="no_request")
    try:
        done = verb(house.current(), person(request), row)
    except VigieError as problem:
        return _page(request, status=problem.http_status, problem=problem)
    return HttpResponseRedirect(f"{reverse('console:second')}?done={done.state}")


def _page(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    user = person(request)
    waiting = (one for one in second_person.waiting_for(user) if second_person.may_see(user, one))
    said = STATES.get(request.GET.get("done", ""))
    context: dict[str, object] = {
        "room": "second",
        "waiting": [_asked(one) for one in islice(waiting, SHOWN)],
        "mine": [_asked(one) for one in second_person.asked_by(user)[:SHOWN]],
        "said": said[1] if said else "",
    }
    return show(request, "second.html", context | more, status=status)


def _asked(row: SecondPersonRequest) -> Asked:
    shape, words = STATES.get(row.state, ("", row.state))
    link, link_words = _about(row.payload)
    return Asked(row, shape, str(words), link, link_words, _details(row.payload))


def _about(payload: dict[str, Any]) -> tuple[str, str]:
    """Return page and words of what a request points at, if anything."""
    for key, page, words in ABOUT:
        number = payload.get(key)
        if not isinstance(number, int):
            continue
        try:
            return reverse(page, args=[number]), str(words) % {"number": number}
        except NoReverseMatch:
            continue
    return "", ""


def _details(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what would be done, as pairs of words; empty values are left out."""
    return [(str(title), _said(payload[key])) for key, title in DETAILS if payload.get(key)]


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(_said(one) for one in value.values() if one)
    if isinstance(value, list):
        return "; ".join(_said(one) for one in value)
    return str(value)
