# SPDX-License-Identifier: Apache-2.0
"""Which cells of a table must stay hidden so that no small one can be read or worked out.

Pure. A table has rows, columns and their totals. Hiding a small cell alone is
no use: whoever has the total subtracts. So further cells are hidden until

- every line with a hidden cell has two or more of them,
- those that a shown total gives away together have people enough,
- no hidden cell follows from all lines together: as a graph whose points are the
  lines and whose edges are the hidden cells, it has no bridge.

Source: Gusfield, A graph theoretic approach to statistical data security (SIAM
J. Comput. 17, 1988): in a table with totals a hidden cell is determined exactly
where its edge is a bridge.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

TOTAL: Final = "*"
"""Name of the row and of the column of totals."""
Place = tuple[str, str]
"""Row and column."""


@dataclass(slots=True)
class Cell:
    """A count and who stands behind it, as far as it matters."""

    count: int = 0
    people: set[str] = field(default_factory=set)
    many: bool = False
    """People enough, whoever they are."""

    def add(self, other: Cell) -> None:
        """Add another cell to this one."""
        self.count += other.count
        self.many |= other.many
        self.people |= other.people

    def enough(self, least: int) -> bool:
        """Say whether so many people stand behind it."""
        return self.many or len(self.people) >= least


Table = Mapping[Place, Cell]


def with_totals(cells: Table) -> dict[Place, Cell]:
    """Return a table with the totals of its rows, its columns and the whole."""
    found: dict[Place, Cell] = {}
    for (row, column), cell in cells.items():
        for place in ((row, column), (row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)):
            found.setdefault(place, Cell()).add(cell)
    return found


def hidden(table: Table, least: int, also: Container[Place] = frozenset()) -> set[Place]:
    """Return the places of a table with totals that must not be shown.

    `least` is how many people must stand behind what is shown; `also` are places that
    are hidden elsewhere. Cells that count nothing are shown as nothing.
    """
    full = {place: cell for place, cell in table.items() if cell.count}
    away = {place for place, cell in full.items() if place in also or not cell.enough(least)}
    while (more := _exposed(full, away, least)) is not None:
        away.add(more)
    return away


def hidden_in_both(one: Table, other: Table, least: int) -> tuple[set[Place], set[Place]]:
    """Return what to hide of two tables with the same rows, shown side by side.

    They share the totals of their rows, by which one could give away what the other
    hides. So a total that is hidden in one is hidden in both, and of such a row the
    second table shows nothing at all: it says no more of it than the first does.
    """
    rows: set[str] = set()
    while True:
        first = hidden(one, least, {(row, TOTAL) for row in rows})
        rows |= _without_total(first)
        second = hidden(other, least, {place for place in other if place[0] in rows})
        if _without_total(second) <= rows:
            return first, second
        rows |= _without_total(second)


def _without_total(away: set[Place]) -> set[str]:
    return {row for row, column in away if column == TOTAL}


def _exposed(full: Table, away: set[Place], least: int) -> Place | None:
    """Return the next cell to hide; None where nothing can be worked out."""
    for line in _lines(full):
        gone = [place for place in line if place in away]
        if gone and _gives_away(full, line, gone, least):
            more = _cheapest(full, away, [place for place in line if place not in away])
            if more is not None:
                return more
    bridge = _bridge(away)
    if bridge is None:
        return None
    shown = [place for place in full if place not in away]
    near = [one for one in shown if one[0] == bridge[0] or one[1] == bridge[1]]
    return _cheapest(full, away, near) or _cheapest(full, away, shown)


def _gives_away(full: Table, line: list[Place], gone: list[Place], least: int) -> bool:
    if len(gone) == 1:
        return True
    if line[-1] in gone:
        return False
    together = Cell()
    for place in gone:
        together.add(full[place])
    return not together.enough(least)


def _lines(full: Table) -> Iterator[list[Place]]:
    """Yield each row and column that counts something, totals last: they cost most."""
    names = [(place[at] == TOTAL, at, place[at]) for place in full for at in (0, 1)]
    for _is_total, at, name in sorted(set(names)):
        line = sorted(place for place in full if place[at] == name)
        yield sorted(line, key=lambda place: place[1 - at] == TOTAL)


def _cheapest(full: Table, away: set[Place], places: list[Place]) -> Place | None:
    """Return the cell whose loss costs least.

    One that closes a ring with what is hidden already asks for no further one;
    totals are kept as long as may be, large cells longer than small ones.
    """
    rows = {row for row, _ in away}
    columns = {column for _, column in away}

    def cost(one: Place) -> tuple[bool, int, int, Place]:
        closes = one[0] in rows and one[1] in columns
        return (not closes, one.count(TOTAL), full[one].count, one)

    return min(places, key=cost, default=None)


def _bridge(away: set[Place]) -> Place | None:
    """Return a hidden cell that all lines together give away; None where there is none."""
    for place in sorted(away):
        if not _joined(away - {place}, ("row", place[0]), ("column", place[1])):
            return place
    return None


def _joined(edges: set[Place], start: Place, end: Place) -> bool:
    """Say whether a way of hidden cells leads from one line to another."""
    beside: dict[Place, list[Place]] = {}
    for row, column in edges:
        beside.setdefault(("row", row), []).append(("column", column))
        beside.setdefault(("column", column), []).append(("row", row))
    seen, todo = {start}, [start]
    while todo:
        for one in beside.get(todo.pop(), ()):
            if one not in seen:
                seen.add(one)
                todo.append(one)
    return end in seen
