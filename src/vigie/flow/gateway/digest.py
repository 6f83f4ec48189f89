# SPDX-License-Identifier: Apache-2.0
"""The digest of a day: what was asked, refused and cut, by category and country.

No cell with fewer than ten people is shown, and none can be worked out from the
others. Of a day that is not over, counts are cut down to tens: whoever asks twice
would otherwise see what one person did in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from vigie.core.errors import InvalidInputError
from vigie.core.gateway import Ending, day_of
from vigie.flow.gateway.figures import PEOPLE
from vigie.flow.gateway.suppress import TOTAL, Cell, Place, hidden, with_totals
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
    """How often one thing happened, country by country."""

    ending: str
    category: str
    """Empty where nothing was found."""
    countries: tuple[Figure, ...]
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
    lines: tuple[Line, ...]
    asked: Line
    """All exchanges, whatever became of them."""

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
    table = with_totals(_cells(wanted))
    away = hidden(table, PEOPLE)
    running = wanted == today
    countries = tuple(sorted({column for _row, column in table if column != TOTAL}))

    def line(row: str) -> Line:
        ending, _between, category = row.partition(_BETWEEN)
        figures = [_figure(table, away, (row, one), running) for one in (*countries, TOTAL)]
        return Line(ending, category, tuple(figures[:-1]), figures[-1])

    rows = sorted({row for row, _column in table if row != TOTAL}, key=_order)
    return Digest(
        day=wanted,
        running=running,
        countries=countries,
        lines=tuple(line(row) for row in rows),
        asked=line(TOTAL),
    )


def _cells(day: int) -> dict[Place, Cell]:
    """Add up a day's cells over applications and features."""
    found: dict[Place, Cell] = {}
    for row in GatewayDay.objects.filter(day=day):
        place = (f"{row.ending}{_BETWEEN}{row.category}", row.country)
        found.setdefault(place, Cell()).add(Cell(row.exchanges, set(row.people), row.many))
    return found


def _figure(table: dict[Place, Cell], away: set[Place], place: Place, running: bool) -> Figure:
    if place in away:
        return Figure(None)
    count = table[place].count if place in table else 0
    return Figure(count - count % _TENS if running else count)


def _order(row: str) -> tuple[int, str]:
    """Put what was released first, then what was stopped, as `Ending` has them."""
    ending = row.partition(_BETWEEN)[0]
    known = list(Ending)
    return (known.index(Ending(ending)) if ending in set(Ending) else len(known), row)
