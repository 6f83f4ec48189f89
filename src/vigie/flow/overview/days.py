# SPDX-License-Identifier: Apache-2.0
"""Decisions by day: counted as they are recorded, so that no page counts a million rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from vigie.core.actions import Outcome
from vigie.store.models import DailyFigure, DecisionKind, DecisionRecord

DAY_MS: Final = 86_400_000
CHILD: Final = "child"
RESTRICTING: Final = (Outcome.LABEL, Outcome.LIMIT, Outcome.WITHHOLD, Outcome.REMOVE)
"""What changes for an item; `review` and `allow` leave it."""


def day_of(ms: int) -> int:
    """Return the day of a moment: days since 1970, UTC."""
    return ms // DAY_MS


def count(records: Iterable[DecisionRecord]) -> None:
    """Add new decisions to the figures of their days. Inside `transaction.writing`, once each."""
    added = Counter(
        (day_of(one.at), f"{one.kind}.{one.outcome}")
        for one in records
        if one.cls != CHILD and not one.sample
    )
    for (day, key), number in sorted(added.items()):
        row, _ = DailyFigure.objects.get_or_create(day=day, key=key)
        row.number += number
        row.save(update_fields=["number"])


@dataclass(frozen=True, slots=True)
class Day:
    """The decisions of one day, by who decided and what."""

    day: int
    counts: Mapping[str, int] = field(default_factory=dict)

    def of(self, kinds: Iterable[DecisionKind], outcomes: Iterable[Outcome]) -> int:
        """Return how many of these were made."""
        names = tuple(outcomes)
        return sum(self.counts.get(f"{kind}.{outcome}", 0) for kind in kinds for outcome in names)


def series(first: int, last: int) -> list[Day]:
    """Return every day from the first to the last, those without decisions too."""
    counts: dict[int, dict[str, int]] = {day: {} for day in range(first, last + 1)}
    rows = DailyFigure.objects.filter(day__gte=first, day__lte=last)
    for day, key, number in rows.values_list("day", "key", "number"):
        counts[day][key] = number
    return [Day(day, found) for day, found in counts.items()]


def total(days: Iterable[Day], kinds: Iterable[DecisionKind], outcomes: Iterable[Outcome]) -> int:
    """Return how many of these were made on all days together."""
    wanted, names = tuple(kinds), tuple(outcomes)
    return sum(day.of(wanted, names) for day in days)
