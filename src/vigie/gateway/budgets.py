# SPDX-License-Identifier: Apache-2.0
"""Budgets and rates of keys: counted in this process, settled through the journal.

A key's day is what `jobs` has settled for all processes, what this one has counted
since, and its own exchanges under way. The overshoot is what other processes admit
between two settlements. A rate is this process's own; several processes add up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from vigie.core.errors import UnavailableError
from vigie.core.gateway import DAY_MS, ExchangeFacts
from vigie.machine.limits import BURST_SECONDS, Bucket
from vigie.screening.access import AccessKey

FILE: Final = "gateway.usage.json"
SECOND_MS: Final = 1_000
PAUSE_MS: Final = 1_000
"""The settled totals are read no more often."""
MINUTE: Final = "requests_per_minute"
REQUESTS: Final = "requests_per_day"
TOKENS: Final = "tokens_per_day"
IMAGES: Final = "images_per_day"
_DAYS: Final = frozenset({REQUESTS, TOKENS, IMAGES})


class BudgetError(UnavailableError):
    """A key has used what it may. `retry_after`: seconds until there is more."""

    http_status = 429

    def __init__(self, message: str, code: str, retry_after: int) -> None:
        super().__init__(message, code=code)
        self.retry_after = max(retry_after, 1)


class _Own:
    """What this process counted for one key today."""

    __slots__ = ("counted", "day", "images", "under_way")

    def __init__(self, day: int) -> None:
        self.day = day
        self.under_way = 0
        self.images = 0
        """Pictures that are being made."""
        self.counted: list[tuple[int, int, int, int]] = []
        """(time, requests, tokens, pictures): not known to be settled."""

    def count(self, now_ms: int, tokens: int, images: int) -> None:
        """Count an exchange that ended; those of one second are one line."""
        requests = 1
        if self.counted and now_ms - self.counted[-1][0] < SECOND_MS:
            _, r, t, i = self.counted.pop()
            requests, tokens, images = requests + r, tokens + t, images + i
        self.counted.append((now_ms, requests, tokens, images))


class Budgets:
    """Takes from the budgets of keys.

    Args:
        settled: gives what `jobs` last settled: `day`, `at` (milliseconds: what ended
            before is in it) and by key `requests`, `tokens`, `images`.
    """

    def __init__(self, settled: Callable[[int], Mapping[str, Any]]) -> None:
        self._settled = settled
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._own: dict[str, _Own] = {}

    def take(self, key: AccessKey, now_ms: int, *, images: int = 0) -> None:
        """Admit one exchange; `ended` follows. Raises BudgetError where none is left."""
        if key.per_second:
            self._rate(key, "second", key.per_second * BURST_SECONDS, key.per_second / 1000, now_ms)
        minute = key.limits.get(MINUTE, 0)
        if minute:
            self._rate(key, MINUTE, minute, minute / 60_000, now_ms)
        if _DAYS.isdisjoint(key.limits):
            return
        own = self._of(key.id, now_ms)
        self._day(own, key, now_ms, images)
        own.under_way += 1
        own.images += images

    def ended(
        self, key: AccessKey, now_ms: int, facts: ExchangeFacts | None, *, images: int = 0
    ) -> None:
        """Count an exchange that `take` admitted; None: it came to nothing.

        `images`: as they were taken; the facts say how many were made.
        """
        if _DAYS.isdisjoint(key.limits):
            return
        own = self._of(key.id, now_ms)
        own.under_way = max(own.under_way - 1, 0)
        own.images = max(own.images - images, 0)
        if facts is not None:
            own.count(now_ms, facts.input_tokens + facts.output_tokens, facts.images)

    def _rate(self, key: AccessKey, name: str, full: int, per_ms: float, now_ms: int) -> None:
        bucket = self._buckets.get((key.id, name))
        if bucket is None:
            bucket = self._buckets[key.id, name] = Bucket(full, now_ms)
        if wait := bucket.take(full, per_ms, now_ms):
            raise BudgetError(
                "This key sends more requests than it may.", "rate_limit_exceeded", wait
            )

    def _day(self, own: _Own, key: AccessKey, now_ms: int, images: int) -> None:
        requests, tokens, made = self._used(own, key.id, now_ms)
        limits = key.limits
        is_spent = (
            (REQUESTS in limits and requests >= limits[REQUESTS])
            or (TOKENS in limits and tokens >= limits[TOKENS])
            or (images > 0 and IMAGES in limits and made + images > limits[IMAGES])
        )
        if is_spent:
            wait = (DAY_MS - now_ms % DAY_MS) // 1000
            raise BudgetError("The budget of this key is used up.", "insufficient_quota", wait)

    def _used(self, own: _Own, key: str, now_ms: int) -> tuple[int, int, int]:
        said = self._settled(now_ms)
        found: Mapping[str, int] = {}
        if said.get("day") == own.day:
            at = said.get("at", 0)
            own.counted = [one for one in own.counted if one[0] >= at]
            found = said.get("keys", {}).get(key, {})
        requests = found.get("requests", 0) + own.under_way
        tokens, made = found.get("tokens", 0), found.get("images", 0) + own.images
        for _, more_requests, more_tokens, more_made in own.counted:
            requests += more_requests
            tokens += more_tokens
            made += more_made
        return requests, tokens, made

    def _of(self, key: str, now_ms: int) -> _Own:
        own = self._own.get(key)
        if own is None:
            own = self._own[key] = _Own(now_ms // DAY_MS)
        elif own.day != now_ms // DAY_MS:
            own.day = now_ms // DAY_MS
            own.counted.clear()
        return own


def settled_reader(path: Path) -> Callable[[int], Mapping[str, Any]]:
    """Return a reader of what `jobs` has settled, at most once a second."""
    held: Mapping[str, Any] = {}
    looked = -PAUSE_MS

    def read(now_ms: int) -> Mapping[str, Any]:
        nonlocal held, looked
        if now_ms - looked >= PAUSE_MS:
            looked = now_ms
            try:
                found = json.loads(path.read_bytes())
            except (OSError, ValueError):
                return held
            held = found if isinstance(found, dict) else {}
        return held

    return read
