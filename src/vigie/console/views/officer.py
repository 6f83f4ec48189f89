# SPDX-License-Identifier: Apache-2.0
"""What an officer sees: the scope of one search, read-only; each view is recorded before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.http import require_safe

from vigie.console import moments, present
from vigie.console.desk import needs, person, show
from vigie.flow import house
from vigie.flow.search_day import officers, seen
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from vigie.store.models import OfficerAccess


def _access(request: HttpRequest) -> OfficerAccess:
    return officers.access_of(person(request), house.current().now())


@needs(Permission.OFFICER_READ)
@require_safe
def scope(request: HttpRequest) -> HttpResponse:
    """Show what the scope names: decisions with their items, orders, notices."""
    access = _access(request)
    before = moments.number(request.GET.get("before", "")) or None
    found = seen.listing(house.current(), person(request), before)
    rows = [(one, present.state(one), present.surface(one.surface)) for one in found.decisions]
    context: dict[str, object] = {
        "room": "scope",
        "access": access,
        "search": access.search,
        "rows": rows,
        "orders": found.orders,
        "notices": found.notices,
        "older": found.older,
    }
    return show(request, "officer.html", context)


@needs(Permission.OFFICER_READ)
@require_safe
def decision(request: HttpRequest, number: int) -> HttpResponse:
    """Show one decision of the scope with its item, as it was decided."""
    access = _access(request)
    found = seen.decision(house.current(), person(request), number)
    context: dict[str, object] = {
        "room": "scope",
        "access": access,
        "found": found,
        "state": present.state(found.record),
        "surface": present.surface(found.record.surface),
        "where": present.where(found.record.territories),
    }
    return show(request, "officer_decision.html", context)


@needs(Permission.OFFICER_READ)
@require_safe
def order(request: HttpRequest, number: int) -> HttpResponse:
    """Show one order that the scope names."""
    access = _access(request)
    found = seen.order(house.current(), person(request), number)
    context: dict[str, object] = {
        "room": "scope",
        "access": access,
        "order": found,
        "fields": [(name, str(value)) for name, value in found.fields.items() if value],
        "locations": found.locations.order_by("position"),
    }
    return show(request, "officer_order.html", context)


@needs(Permission.OFFICER_READ)
@require_safe
def notice(request: HttpRequest, number: int) -> HttpResponse:
    """Show one notice that the warrant itself names, with who gave it."""
    access = _access(request)
    found = seen.notice(house.current(), person(request), number)
    context: dict[str, object] = {
        "room": "scope",
        "access": access,
        "notice": found,
        "items": found.items.order_by("position"),
    }
    return show(request, "officer_notice.html", context)
