# SPDX-License-Identifier: Apache-2.0
"""Class `child`: counsel's bases for keeping bytes, and what is kept, as hashes alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from vigie.console.desk import needs, person, show
from vigie.core.errors import InvalidInputError, VigieError
from vigie.evidence import keys
from vigie.flow import house
from vigie.flow.vault import custody as bases
from vigie.flow.vault import layout
from vigie.store.models import CustodyBasis, Evidence
from vigie.store.permissions import Permission
from vigie.web.numbers import whole_number

if TYPE_CHECKING:
    from django.http import HttpRequest

SHOWN: Final = 100


@needs(Permission.CUSTODY_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def custody(request: HttpRequest) -> HttpResponse:
    """Show the bases on record; counsel records one or ends one."""
    if request.method != "POST":
        return _page(request)
    try:
        _act(request)
    except VigieError as problem:
        return _page(request, problem)
    return HttpResponseRedirect(reverse("console:custody"))


def _act(request: HttpRequest) -> None:
    user, here, given = person(request), house.current(), request.POST
    if given.get("do") == "end":
        bases.end(here, user, _number(given.get("basis", "")))
        return
    bases.record(
        here,
        user,
        basis=given.get("basis", ""),
        holder=given.get("holder", ""),
        country=given.get("country", ""),
        ends_at=_day(given.get("ends_at", "")),
    )


def _number(text: str) -> int:
    return whole_number(text) or 0


def _day(text: str) -> int:
    """Return the end of a day as milliseconds."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInputError(_("Give a day, such as 2027-05-01."), field="ends_at") from None
    return round(day.timestamp() * 1000) + 86_399_999


def _page(request: HttpRequest, problem: VigieError | None = None) -> HttpResponse:
    here = house.current()
    now = here.now()
    rows = CustodyBasis.objects.select_related("entered_by").order_by("-entered_at", "-pk")[:SHOWN]
    duties = sorted(one.id for one in here.law.entries.values() if one.keeps_bytes)
    context: dict[str, object] = {
        "room": "evidence",
        "rows": [(one, one.ended_at is None and one.ends_at > now) for one in rows],
        "duties": duties,
        "countries": sorted({one.jurisdiction for one in here.law.entries.values()}),
        "has_lane": layout.recipients(here.settings).child is not None,
        "problem": problem,
        "given": request.POST,
    }
    return show(request, "custody.html", context, status=problem.http_status if problem else 200)


@needs(Permission.CHILD_READ)
@require_safe
def kept(request: HttpRequest) -> HttpResponse:
    """Show what is in custody of class `child`: hashes, times and terms, never content."""
    rows = Evidence.objects.filter(lane=keys.CHILD).select_related("decision")
    context: dict[str, object] = {
        "room": "child",
        "rows": rows.prefetch_related("custody").order_by("-number")[:SHOWN],
    }
    return show(request, "evidence_child.html", context)
