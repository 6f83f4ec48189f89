# SPDX-License-Identifier: Apache-2.0
"""Counts how often each version of a policy fired, while segments are written.

Shadow results are these counts: a version in shadow is evaluated on everything
and acts on nothing, so what it would have asked of people is known before it is
live.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec
from django.db import connection

from vigie.core.clock import DAY_MS

_NONE: Final = b'"verdicts":[]'
_ADD: Final = """
    INSERT INTO store_policyday (policy, version, state, day, fired, failed)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (policy, version, state, day) DO UPDATE
    SET fired = store_policyday.fired + excluded.fired,
        failed = store_policyday.failed + excluded.failed
"""


class _Verdict(msgspec.Struct):
    policy: str
    version: int
    state: str
    failed: bool = False


class _Decision(msgspec.Struct):
    """The part of a decision that is counted."""

    verdicts: list[_Verdict] = []


_DECISION: Final = msgspec.json.Decoder(_Decision)
Key = tuple[str, int, str, int]
"""Policy, version, state, day."""


class PolicyDays:
    """The counts of one open segment."""

    def __init__(self) -> None:
        self._fired: Counter[Key] = Counter()
        self._failed: Counter[Key] = Counter()

    def add(self, decision: bytes, at: int) -> None:
        """Count a decision as it was answered; most have no verdict and cost a look."""
        if _NONE in decision:
            return
        day = at // DAY_MS
        # One policy can give a verdict for each of its grounds: it fired once.
        seen = {
            (v.policy, v.version, v.state, v.failed) for v in _DECISION.decode(decision).verdicts
        }
        for policy, version, state, failed in seen:
            counts = self._failed if failed else self._fired
            counts[policy, version, state, day] += 1

    def write(self) -> None:
        """Add the counts to the store, in the transaction that seals the segment."""
        keys = sorted({*self._fired, *self._failed})
        if not keys:
            return
        rows = [(*key, self._fired[key], self._failed[key]) for key in keys]
        with connection.cursor() as cursor:
            cursor.executemany(_ADD, rows)
