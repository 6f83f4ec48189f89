# SPDX-License-Identifier: Apache-2.0
"""What a scope names and the store does not hold: a slip in a name, or the wrong service.

Officers would see nothing of it, and nobody would know why. What is of class `child`
counts as not there, as everywhere else in a search.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vigie.flow.queues.severity import CHILD
from vigie.flow.search_day.scope import Scope, decisions
from vigie.store.models import DecisionRecord


@dataclass(frozen=True, slots=True)
class Unfound:
    """One name of a scope without any record behind it."""

    kind: str
    """`item`, `author` or `service`."""
    service: str
    name: str
    """Empty for an author: the scope keeps a pseudonym alone."""
    known_in: tuple[str, ...] = ()
    """Other services that do hold an item of this name."""


def of(scope: Scope) -> list[Unfound]:
    """Return the names of a scope for which officers would see no record, in its order."""
    return [*_items(scope), *_authors(scope), *_services(scope)]


def _items(scope: Scope) -> Iterator[Unfound]:
    part = Scope(items=scope.items, after=scope.after, until=scope.until)
    there = set(decisions(part).order_by().values_list("service", "item_id").distinct())
    missing = [one for one in scope.items if one not in there]
    for service, name in missing:
        yield Unfound("item", service, name, _known_in(name))


def _known_in(item_id: str) -> tuple[str, ...]:
    """Return the services that hold an item of this name."""
    rows = DecisionRecord.objects.filter(item_id=item_id)
    if rows.filter(cls=CHILD).exists():
        return ()
    return tuple(sorted(rows.order_by().values_list("service", flat=True).distinct()))


def _authors(scope: Scope) -> Iterator[Unfound]:
    part = Scope(authors=scope.authors, after=scope.after, until=scope.until)
    there = set(decisions(part).order_by().values_list("service", "author").distinct())
    for service, author in scope.authors:
        if (service, author) not in there:
            yield Unfound("author", service, "", ())


def _services(scope: Scope) -> Iterator[Unfound]:
    for name in scope.services:
        part = Scope(services=(name,), after=scope.after, until=scope.until)
        if not decisions(part).exists():
            yield Unfound("service", name, name)
