# SPDX-License-Identifier: Apache-2.0
"""Signed pictures that a client wants by address: in memory, for minutes, then gone.

The address holds 256 random bits and is the only key to the picture; it works in the
process that made it. Nothing is written to a disk; when memory is short the oldest go.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import Final, NamedTuple

from vigie.core.clock import Clock
from vigie.gateway.images.provenance import Made

PATH: Final = "/ai/v1/images/held"
MINUTES: Final = 10
BYTES: Final = 64 << 20
_MINUTE_MS: Final = 60_000


class _Kept(NamedTuple):
    made: Made
    until: int


class Held:
    """Keeps pictures for a short time."""

    def __init__(self, base_url: str, clock: Clock, most: int = BYTES) -> None:
        self._base = base_url.rstrip("/")
        self._clock = clock
        self._most = most
        self._size = 0
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def keep(self, made: Made) -> str:
        """Keep a picture and return its address."""
        self._drop_old()
        token = secrets.token_urlsafe(32)
        self._kept[token] = _Kept(made, self._clock.now_ms() + MINUTES * _MINUTE_MS)
        self._size += len(made.data)
        while self._size > self._most and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))
        return f"{self._base}{PATH}?t={token}"

    def find(self, token: str) -> Made | None:
        """Return the picture behind an address; None where it is gone or never was."""
        self._drop_old()
        kept = self._kept.get(token)
        return kept.made if kept else None

    def _drop_old(self) -> None:
        now = self._clock.now_ms()
        while self._kept:
            token, kept = next(iter(self._kept.items()))
            if kept.until > now:
                return
            self._drop(token)

    def _drop(self, token: str) -> None:
        self._size -= len(self._kept.pop(token).made.data)
