# SPDX-License-Identifier: Apache-2.0
"""Which receipt this browser may read: for half an hour after its code was given.

The code stands in no address, so that no history and no log keeps it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vigie.flow import house
from vigie.store.models import Order

if TYPE_CHECKING:
    from django.http import HttpRequest

KEY: Final = "order_seen"
LASTS_MS: Final = 30 * 60_000


def remember(request: HttpRequest, order: Order, *, fresh: bool = False) -> None:
    """Let this browser read a receipt; `fresh`: it has just been sent."""
    until = house.current().now() + LASTS_MS
    request.session[KEY] = {"number": order.number, "until": until, "fresh": fresh}


def of(request: HttpRequest) -> Order | None:
    """Return the order whose receipt this browser may read now."""
    kept: dict[str, int] = request.session.get(KEY) or {}
    if kept.get("until", 0) <= house.current().now():
        request.session.pop(KEY, None)
        return None
    rows = Order.objects.select_related("same_as", "record__entry")
    return rows.filter(number=kept.get("number", 0)).first()


def is_fresh(request: HttpRequest) -> bool:
    """Say whether it was sent from this browser just now."""
    return bool((request.session.get(KEY) or {}).get("fresh"))


def forget(request: HttpRequest) -> None:
    """Close it in this browser."""
    request.session.pop(KEY, None)
