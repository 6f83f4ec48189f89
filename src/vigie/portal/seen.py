# SPDX-License-Identifier: Apache-2.0
"""What this browser may read: for half an hour after its code was given.

The code stands in no address, so that no history and no log keeps it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from vigie.flow import house
from vigie.store.models import Appeal, Notice, Order

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpRequest

M = TypeVar("M", Appeal, Notice, Order)
LASTS_MS: Final = 30 * 60_000


class Seen(Generic[M]):
    """One kind of thing with a number; which one stands in the session, under a key."""

    def __init__(self, key: str, rows: Callable[[], QuerySet[M]]) -> None:
        self._key = key
        self._rows: Callable[[], QuerySet[Any]] = rows

    def remember(self, request: HttpRequest, row: M, *, fresh: bool = False) -> None:
        """Let this browser read one; `fresh`: it has just been sent."""
        until = house.current().now() + LASTS_MS
        request.session[self._key] = {"number": row.number, "until": until, "fresh": fresh}

    def of(self, request: HttpRequest) -> M | None:
        """Return the one that this browser may read now."""
        kept = self._kept(request)
        if kept.get("until", 0) <= house.current().now():
            self.forget(request)
            return None
        found: M | None = self._rows().filter(number=kept.get("number", 0)).first()
        return found

    def is_fresh(self, request: HttpRequest) -> bool:
        """Say whether it was sent from this browser just now."""
        return bool(self._kept(request).get("fresh"))

    def forget(self, request: HttpRequest) -> None:
        """Close it in this browser."""
        request.session.pop(self._key, None)

    def _kept(self, request: HttpRequest) -> dict[str, Any]:
        kept: dict[str, Any] | None = request.session.get(self._key)
        return kept or {}


NOTICES: Final = Seen("notice_seen", Notice.objects.all)
APPEALS: Final = Seen("appeal_seen", Appeal.objects.all)
ORDERS: Final = Seen("order_seen", lambda: Order.objects.select_related("same_as", "record__entry"))
