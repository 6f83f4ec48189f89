# SPDX-License-Identifier: Apache-2.0
"""Time as a value that is passed in, never read in the pure rooms."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final, Protocol

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS


class Clock(Protocol):
    """Says what time it is, in milliseconds since 1970 UTC."""

    def now_ms(self) -> int:
        """Return the time in milliseconds; never less than before."""
        ...


class SystemClock:
    """The machine's clock, held back so that it never runs backwards."""

    def __init__(self) -> None:
        self._last = 0

    def now_ms(self) -> int:
        """Return the wall clock, or the last answer if the clock jumped back."""
        self._last = max(self._last, time.time_ns() // 1_000_000)
        return self._last


class FixedClock:
    """A clock for tests: stands still until it is moved."""

    def __init__(self, ms: int = 1_795_000_000_000) -> None:
        self.ms = ms

    def now_ms(self) -> int:
        """Return the set time."""
        return self.ms

    def advance(self, ms: int) -> None:
        """Move the clock forward."""
        self.ms += ms


def from_iso(text: str) -> int:
    """Return the milliseconds that `iso` wrote."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def iso(ms: int) -> str:
    """Write milliseconds as RFC 3339 in UTC, with milliseconds."""
    seconds, milli = divmod(ms, 1000)
    stamp = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{stamp}.{milli:03d}Z"
