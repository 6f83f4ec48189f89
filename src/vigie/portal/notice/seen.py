# SPDX-License-Identifier: Apache-2.0
"""Which notice this browser may read: for half an hour after its code was given.

The code stands in no address, so that no history and no log keeps it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vigie.flow import house
from vigie.store.models import Notice

if TYPE_CHECKING:
    from django.http import HttpRequest

KEY: Final = "notice_seen"
LASTS_MS: Final = 30 * 60_000


def remember(request: HttpRequest, notice: Notice, *, fresh: bool = False) -> None:
    """Let this browser read a notice; `fresh`: it has just been sent."""
    until = house.current().now() + LASTS_MS
    request.session[KEY] = {"number": notice.number, "until": until, "fresh": fresh}


def of(request: HttpRequest) -> Notice | None:
    """Return the notice that this browser may read now."""
    kept: dict[str, int] = request.session.get(KEY) or {}
    if kept.get("until", 0) <= house.current().now():
        request.session.pop(KEY, None)
        return None
    return Notice.objects.filter(number=kept.get("number", 0)).first()


def is_fresh(request: HttpRequest) -> bool:
    """Say whether the notice was sent from this browser just now."""
    return bool((request.session.get(KEY) or {}).get("fresh"))


def forget(request: HttpRequest) -> None:
    """Close the notice in this browser."""
    request.session.pop(KEY, None)
