# SPDX-License-Identifier: Apache-2.0
"""When a clock warns before it runs out: shares of its time, and the last hour of long ones."""

from __future__ import annotations

from typing import Final

from vigie.core.clock import HOUR_MS, MINUTE_MS
from vigie.law.deadlines import ClockKind

SHARES: Final = (50, 75, 90)
"""Hundredths of the time that are spent when a warning goes out."""
LATE_SHARES: Final = (90,)
"""The same for times that bind somebody else, or let something be kept."""
SHORT_MS: Final = 30 * MINUTE_MS
"""Below this one warning is enough."""
LONG_MS: Final = 4 * HOUR_MS
"""From this on the last hour has a warning of its own."""
WATCHED: Final = frozenset({ClockKind.RETENTION.value, ClockKind.INFO.value})
"""Kinds whose end is no failure of ours: they run out, they are never missed."""


def warnings(kind: str, started: int, due: int) -> list[int]:
    """Return the moments of a clock's warnings in order, none twice, all before it is due."""
    whole = due - started
    if whole <= 0:
        return []
    shares = LATE_SHARES if kind in WATCHED else SHARES
    if whole < SHORT_MS:
        shares = (75,)
    moments = {started + whole * share // 100 for share in shares}
    if whole >= LONG_MS:
        moments.add(due - HOUR_MS)
    return sorted(one for one in moments if one < due)


def passed(kind: str, started: int, due: int, now: int) -> int:
    """Count the warnings whose moment has come."""
    return sum(one <= now for one in warnings(kind, started, due))


def following(kind: str, started: int, due: int, given: int) -> int:
    """Return when the next warning is due after so many; the end itself after the last."""
    return next(iter(warnings(kind, started, due)[given:]), due)
