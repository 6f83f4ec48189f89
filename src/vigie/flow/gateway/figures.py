# SPDX-License-Identifier: Apache-2.0
"""Daily figures of the gateway: how often what happened, and whether ten people stand behind it.

A cell is shown only where at least ten people are in it. To know that, at most nine
short digests are kept with it, under a key of that day alone; the tenth empties them.
An exchange whose application named no user adds to the count and to no people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from vigie.core.gateway import ExchangeFacts, day_of
from vigie.flow.fold.incoming import Exchange
from vigie.flow.house import House
from vigie.journal.keyed import Keyed
from vigie.store.models import GatewayDay

PEOPLE: Final = 10
"""No cell with fewer is shown."""
_PURPOSE: Final = b"vigie/gateway/day/v1\n"
_SHORT: Final = 6


class Cell(NamedTuple):
    """What one row of a day is about."""

    day: int
    application: str
    feature: str
    country: str
    ending: str
    category: str


@dataclass(slots=True)
class _Sum:
    exchanges: int = 0
    opened: int = 0
    failures: int = 0
    unregistered: int = 0
    people: set[str] = field(default_factory=set)


def add(house: House, exchanges: Iterable[Exchange]) -> None:
    """Add exchanges to their days. Inside `transaction.writing`."""
    sums: dict[Cell, _Sum] = {}
    for one in exchanges:
        cell = _cell(one.facts, day_of(one.at))
        found = sums.setdefault(cell, _Sum())
        found.exchanges += 1
        found.opened += bool(one.facts.opened)
        found.failures += one.facts.failures
        found.unregistered += bool(one.facts.change) and not one.facts.change_number
        if one.facts.user:
            found.people.add(_digest(house, cell, one.facts.user))
    for cell in sorted(sums):
        _write(cell, sums[cell])


def _cell(facts: ExchangeFacts, day: int) -> Cell:
    return Cell(
        day,
        facts.application[:20],
        facts.feature.value,
        facts.country[:2],
        facts.ending.value,
        facts.category[:64],
    )


def _digest(house: House, cell: Cell, user: str) -> str:
    """Return a person's digest under the key of the day: it fits no other day's."""
    of_day = Keyed(Keyed(house.pseudonym_key).digest(_PURPOSE + str(cell.day).encode()))
    return of_day.digest(f"{cell.application}\n{user}".encode())[:_SHORT].hex()


def _write(cell: Cell, new: _Sum) -> None:
    row, _ = GatewayDay.objects.get_or_create(**cell._asdict())
    row.exchanges += new.exchanges
    row.opened += new.opened
    row.failures += new.failures
    row.unregistered += new.unregistered
    people = set() if row.many else {*row.people, *new.people}
    row.many = row.many or len(people) >= PEOPLE
    row.people = [] if row.many else sorted(people)
    row.save()
