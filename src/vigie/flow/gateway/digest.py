# SPDX-License-Identifier: Apache-2.0
"""The digest of a day: what was asked, refused and cut, by category, country and feature.

No cell with fewer than ten people is shown, and none can be worked out from the
others. Of a day that is not over, counts are cut down to tens: whoever asks twice
would otherwise see what one person did in between.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from django.utils.translation import gettext as _

from vigie.core.errors import InvalidInputError
from vigie.core.gateway import Ending, day_of
from vigie.flow.gateway.figures import PEOPLE
from vigie.flow.gateway.suppress import TOTAL, Cell, Place, hidden_in_both, with_totals
from vigie.flow.house import House
from vigie.store.models import GatewayDay

_BETWEEN: Final = "\n"
_TENS: Final = 10
STOPPED: Final = (Ending.REFUSED, Ending.CUT)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of exchanges; None: fewer than ten people stand behind it, or it would tell."""

    exchanges: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """How often one thing happened, country by country and feature by feature."""

    ending: str
    category: str
    """Empty where nothing was found."""
    countries: tuple[Figure, ...]
    features: tuple[Figure, ...]
    total: Figure


@dataclass(frozen=True, slots=True)
class Sum:
    """A number over several lines; `least`: some of them are hidden, so it is at least that."""

    exchanges: int
    least: bool

    def __str__(self) -> str:
        """Write it for the eye."""
        return f"{self.exchanges:,} or more" if self.least else f"{self.exchanges:,}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One day as anybody at the desk may read it."""

    day: int
    """Days since 1970 UTC."""
    running: bool
    """The day is not over: counts are cut down to tens."""
    countries: tuple[str, ...]
    """Columns; empty text: no country was known."""
    features: tuple[str, ...]
    """Columns of the second table."""
    lines: tuple[Line, ...]
    asked: Line
    """All exchanges, whatever became of them."""
    unjudged: Figure
    """Released unjudged by the operator's choice: in tens, since nobody counts whose they were."""
    failures: Figure
    """Judgements that failed or came too late; in tens."""

    def sum_of(self, ending: Ending) -> Sum:
        """Return how often it ended so, over all categories."""
        mine = [line.total.exchanges for line in self.lines if line.ending == ending]
        return Sum(sum(one or 0 for one in mine), any(one is None for one in mine))


def digest(house: House, day: int | None = None) -> Digest:
    """Return the digest of a day, by default the last one that is over.

    Raises InvalidInputError for a day that has not come.
    """
    today = day_of(house.now())
    wanted = today - 1 if day is None else day
    if not 0 <= wanted <= today:
        raise InvalidInputError(_("This day has not come yet."), field="day")
    rows = list(GatewayDay.objects.filter(day=wanted))
    both = _Shown.of(rows, running=wanted == today)
    names = sorted({row for table in both for row, _column in table.cells if row != TOTAL})
    lines = [_line(row, both) for row in sorted(names, key=_order)]
    return Digest(
        day=wanted,
        running=wanted == today,
        countries=both[0].columns,
        features=both[1].columns,
        lines=tuple(lines),
        asked=_line(TOTAL, both),
        unjudged=_in_tens(sum(row.opened for row in rows)),
        failures=_in_tens(sum(row.failures for row in rows)),
    )


@dataclass(slots=True)
class _Shown:
    """A table with totals, and what of it is hidden."""

    cells: dict[Place, Cell]
    running: bool
    away: set[Place] = field(default_factory=set)
    blank: bool = False
    """A row without its total is hidden whole, what counts nothing too."""

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(sorted({column for _row, column in self.cells if column != TOTAL}))

    @classmethod
    def of(cls, rows: Iterable[GatewayDay], *, running: bool) -> tuple[_Shown, _Shown]:
        """Add up a day by country and by feature."""
        by_country = cls(with_totals(_cells(rows, "country")), running)
        by_feature = cls(with_totals(_cells(rows, "feature")), running, blank=True)
        hidden = hidden_in_both(by_country.cells, by_feature.cells, PEOPLE)
        by_country.away, by_feature.away = hidden
        return by_country, by_feature

    def figure(self, place: Place) -> Figure:
        row, _column = place
        if place in self.away or (self.blank and (row, TOTAL) in self.away):
            return Figure(None)
        count = self.cells[place].count if place in self.cells else 0
        return Figure(count - count % _TENS if self.running else count)

    def row(self, name: str) -> tuple[Figure, ...]:
        return tuple(self.figure((name, column)) for column in self.columns)


def _line(row: str, both: tuple[_Shown, _Shown]) -> Line:
    ending, _between, category = row.partition(_BETWEEN)
    by_country, by_feature = both
    total = by_country.figure((row, TOTAL))
    return Line(ending, category, by_country.row(row), by_feature.row(row), total)


def _cells(rows: Iterable[GatewayDay], by: Literal["country", "feature"]) -> dict[Place, Cell]:
    """Add up a day's cells over applications, and over the other dimension."""
    found: dict[Place, Cell] = {}
    for row in rows:
        column = row.country if by == "country" else row.feature
        place = (f"{row.ending}{_BETWEEN}{row.category}", column)
        found.setdefault(place, Cell()).add(Cell(row.exchanges, set(row.people), row.many))
    return found


def _in_tens(count: int) -> Figure:
    """Return a number behind which an unknown number of people stand."""
    return Figure(None if 0 < count < _TENS else count - count % _TENS)


def _order(row: str) -> tuple[int, str]:
    """Put what was released first, then what was stopped, as `Ending` has them."""
    ending = row.partition(_BETWEEN)[0]
    known = list(Ending)
    return (known.index(Ending(ending)) if ending in set(Ending) else len(known), row)
