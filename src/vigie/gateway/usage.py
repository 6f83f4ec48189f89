# SPDX-License-Identifier: Apache-2.0
"""What keys use, summed in this process until it is settled through the journal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from vigie.core.gateway import ExchangeFacts
from vigie.journal.rows import JournalUsage


class Used(NamedTuple):
    """Sums of one key."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    images: int = 0


class Usage:
    """Sums that are not in the journal yet, by key."""

    def __init__(self) -> None:
        self._sums: dict[str, Used] = {}

    def count(self, facts: ExchangeFacts) -> None:
        """Count one exchange that ended."""
        used = Used(1, facts.input_tokens, facts.output_tokens, facts.images)
        self._add(facts.application, used)

    def take(self) -> dict[str, Used]:
        """Hand over the sums, to be committed."""
        taken, self._sums = self._sums, {}
        return taken

    def give_back(self, sums: dict[str, Used]) -> None:
        """Take back what could not be committed."""
        for key, used in sums.items():
            self._add(key, used)

    def _add(self, key: str, used: Used) -> None:
        known = self._sums.get(key, Used())
        self._sums[key] = Used(*(a + b for a, b in zip(known, used, strict=True)))


def rows_of(sums: dict[str, Used]) -> Iterable[JournalUsage]:
    """Return the bodies of the rows that settle sums."""
    return (JournalUsage(key=key, **used._asdict()) for key, used in sums.items())
