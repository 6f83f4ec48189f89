# SPDX-License-Identifier: Apache-2.0
"""The register of out-of-court disputes, and the bodies that are offered (Art. 21 DSA)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vigie.console import clocks
from vigie.console.desk import chosen, needs, person, show
from vigie.core.errors import InvalidInputError, VigieError
from vigie.flow import house
from vigie.flow.appeals import disputes as verbs
from vigie.store.models import Dispute, DisputeBody
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, QueryDict

    from vigie.store.models import User

CHILD: Final = "child"
SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One dispute in the register."""

    dispute: Dispute
    left: str
    over: bool


@needs(Permission.DISPUTE_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def disputes(request: HttpRequest) -> HttpResponse:
    """Show the register; enter, extend and close disputes; name bodies."""
    if request.method != "POST":
        return _page(request)
    try:
        chosen(request, _ACTS)(person(request), request.POST)
    except VigieError as problem:
        return _page(request, problem, status=problem.http_status)
    return HttpResponseRedirect(reverse("console:disputes"))


def _page(
    request: HttpRequest, problem: VigieError | None = None, status: int = 200
) -> HttpResponse:
    now = house.current().now()
    rows = Dispute.objects.exclude(decision__cls=CHILD).select_related("decision", "body", "appeal")
    context: dict[str, object] = {
        "room": "disputes",
        "open": [_row(one, now) for one in rows.filter(outcome="").order_by("due_at")[:SHOWN]],
        "closed": rows.exclude(outcome="").order_by("-closed_at")[:SHOWN],
        "bodies": DisputeBody.objects.order_by("-active", "name"),
        "given": request.POST,
        "problem": problem,
    }
    return show(request, "disputes.html", context, status=status)


def _row(dispute: Dispute, now: int) -> Row:
    due = dispute.due_at or now
    return Row(dispute, clocks.span(abs(due - now)), due < now)


def _open(user: User, post: QueryDict) -> None:
    about = post.get("about", "").strip().upper()
    number = _number(about[2:])
    if number is None or about[:2] not in ("D-", "A-"):
        raise InvalidInputError(
            _("Name a decision or a complaint, such as D-12 or A-3."), field="about"
        )
    form = verbs.DisputeForm(
        body=_number(post.get("body", "")) or 0,
        decision=number if about[0] == "D" else None,
        appeal=number if about[0] == "A" else None,
        reference=post.get("reference", ""),
        received_at=_day(post.get("received", "")),
    )
    verbs.open_dispute(house.current(), user, form)


def _extend(user: User, post: QueryDict) -> None:
    verbs.extend(house.current(), user, _number(post.get("dispute", "")) or 0)


def _close(user: User, post: QueryDict) -> None:
    verbs.close(
        house.current(),
        user,
        _number(post.get("dispute", "")) or 0,
        post.get("outcome", ""),
        implement="implement" in post,
        reason=post.get("reason", ""),
    )


def _add_body(user: User, post: QueryDict) -> None:
    form = verbs.BodyForm(
        name=post.get("name", ""),
        url=post.get("url", ""),
        languages=tuple(post.get("languages", "").replace(",", " ").split()),
        subjects=post.get("subjects", ""),
    )
    verbs.add_body(house.current(), user, form)


def _set_body(user: User, post: QueryDict, *, active: bool) -> None:
    verbs.set_active(house.current(), user, _number(post.get("body", "")) or 0, active=active)


_ACTS: Final[dict[str, Callable[[User, QueryDict], None]]] = {
    "open": _open,
    "extend": _extend,
    "close": _close,
    "add_body": _add_body,
    "offer": lambda user, post: _set_body(user, post, active=True),
    "stop": lambda user, post: _set_body(user, post, active=False),
}


def _number(text: str) -> int | None:
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 16 else None


def _day(text: str) -> int | None:
    if not text.strip():
        return None
    try:
        found = date.fromisoformat(text.strip())
    except ValueError as problem:
        raise InvalidInputError(_("Give a day, such as 2026-11-22."), field="received") from problem
    return int(datetime(found.year, found.month, found.day, tzinfo=UTC).timestamp() * 1000)
