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


class Limits:
    """Counts items per key; per process, so several processes add up."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, int]] = {}

    def check(self, key: AccessKey, items: int, now_ms: int) -> None:
        """Take `items` from the key's bucket. Raises RateError where it is empty."""
        if not key.per_second:
            return
        full = float(key.per_second * BURST_SECONDS)
        left, at = self._buckets.get(key.id, (full, now_ms))
        left = min(full, left + (now_ms - at) / 1000 * key.per_second)
        if left < min(items, full):
            self._buckets[key.id] = (left, now_ms)
            raise RateError(
                "This key sends more items a second than it may.",
                fix=f"Send at most {key.per_second} items a second.",
            )
        self._buckets[key.id] = (left - items, now_ms)
