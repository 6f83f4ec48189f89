# SPDX-License-Identifier: Apache-2.0
"""Rates per key: a bucket that fills every second. Told, never silently dropped."""

from __future__ import annotations

from typing import Final

from vigie.core.errors import UnavailableError
from vigie.screening.access import AccessKey

BURST_SECONDS: Final = 5


class RateError(UnavailableError):
    """The key sends more than it may."""

    code = "rate_limited"
    http_status = 429


class Bucket:
    """Fills steadily, never above `full`."""

    __slots__ = ("at", "left")

    def __init__(self, full: float, now_ms: int) -> None:
        self.left = full
        self.at = now_ms

    def take(self, full: float, per_ms: float, now_ms: int, count: int = 1) -> int:
        """Take `count` and return 0, or the seconds until they are there.

        What it could never hold takes a full one, and leaves it in debt.
        """
        self.left = min(full, self.left + (now_ms - self.at) * per_ms)
        self.at = now_ms
        asked = min(count, full)
        if self.left < asked:
            return int((asked - self.left) / per_ms / 1000) + 1
        self.left -= count
        return 0


class Limits:
    """Counts items per key; per process, so several processes add up."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def check(self, key: AccessKey, items: int, now_ms: int) -> None:
        """Take `items` from the key's bucket. Raises RateError where it is empty."""
        if not key.per_second:
            return
        full = float(key.per_second * BURST_SECONDS)
        bucket = self._buckets.get(key.id)
        if bucket is None:
            bucket = self._buckets[key.id] = Bucket(full, now_ms)
        if bucket.take(full, key.per_second / 1000, now_ms, items):
            raise RateError(
                "This key sends more items a second than it may.",
                fix=f"Send at most {key.per_second} items a second.",
            )
