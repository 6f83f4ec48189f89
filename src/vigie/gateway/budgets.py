# SPDX-License-Identifier: Apache-2.0
"""Budgets and rates of keys, asked before an exchange begins.

A key's day is what `usage` knows: all that every process has settled, and all of this
one's own. A rate is this process's own; several processes add up.
"""

from __future__ import annotations

from typing import Final

from vigie.core.errors import UnavailableError
from vigie.core.gateway import DAY_MS
from vigie.gateway.usage import Usage, Used
from vigie.screening.access import AccessKey

BURST_SECONDS: Final = 5
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


class _Bucket:
    """Fills steadily; holds at most `full`."""

    __slots__ = ("at", "left")

    def __init__(self, full: float, now_ms: int) -> None:
        self.left = full
        self.at = now_ms

    def take(self, full: float, per_ms: float, now_ms: int) -> int:
        """Take one and return 0, or the seconds until there is one."""
        self.left = min(full, self.left + (now_ms - self.at) * per_ms)
        self.at = now_ms
        if self.left < 1:
            return int((1 - self.left) / per_ms / 1000) + 1
        self.left -= 1
        return 0


class Budgets:
    """Takes from the budgets of keys."""

    def __init__(self, usage: Usage) -> None:
        self._usage = usage
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, key: AccessKey, now_ms: int, *, images: int = 0) -> None:
        """Count a request. Raises BudgetError where the key has none left."""
        if key.per_second:
            self._rate(key, "second", key.per_second * BURST_SECONDS, key.per_second / 1000, now_ms)
        minute = key.limits.get(MINUTE, 0)
        if minute:
            self._rate(key, MINUTE, minute, minute / 60_000, now_ms)
        if not _DAYS.isdisjoint(key.limits):
            self._day(key, now_ms, images)
        self._usage.add(key.id, Used(requests=1))

    def _rate(self, key: AccessKey, name: str, full: int, per_ms: float, now_ms: int) -> None:
        bucket = self._buckets.get((key.id, name))
        if bucket is None:
            bucket = self._buckets[key.id, name] = _Bucket(full, now_ms)
        if wait := bucket.take(full, per_ms, now_ms):
            raise BudgetError(
                "This key sends more requests than it may.", "rate_limit_exceeded", wait
            )

    def _day(self, key: AccessKey, now_ms: int, images: int) -> None:
        used, limits = self._usage.today(key.id), key.limits
        is_spent = (
            (REQUESTS in limits and used.requests >= limits[REQUESTS])
            or (TOKENS in limits and used.tokens >= limits[TOKENS])
            or (images > 0 and IMAGES in limits and used.images + images > limits[IMAGES])
        )
        if is_spent:
            wait = (DAY_MS - now_ms % DAY_MS) // 1000
            raise BudgetError("The budget of this key is used up.", "insufficient_quota", wait)
