# SPDX-License-Identifier: Apache-2.0
"""What is said of a search's scope where it is entered, and what of it nobody would find."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from vigie.store.models import SearchDay

_NAMES: Final = ("items", "authors", "services", "orders", "notices")


def unfound(search: SearchDay) -> list[dict[str, Any]]:
    """Return the names of the scope without a record, for programs."""
    from vigie.flow.search_day import scope
    from vigie.flow.search_day.unfound import of

    return [
        {
            "kind": one.kind,
            "service": one.service,
            "name": one.name,
            "known_in": list(one.known_in),
        }
        for one in of(scope.of(search))
    ]


def lines(search: SearchDay) -> Iterable[str]:
    """Yield the same in words, and how to enter the scope again."""
    missing = unfound(search)
    for one in missing:
        known = f" It is known in {', '.join(one['known_in'])}." if one["known_in"] else ""
        yield f"No record within this scope: {_named(one)}.{known}"
    if missing:
        yield "Officers would see nothing of that. Where a name or the service is wrong, enter"
        yield f"the whole scope again: vigie order search scope S-{search.number} --service ..."


def _named(one: dict[str, Any]) -> str:
    if one["kind"] == "service":
        return f"service {one['name']}"
    name = f"item {one['name']}" if one["name"] else "an author that you named"
    return f"{name} in service {one['service']}"


def entered(search: SearchDay) -> Iterable[str]:
    """Yield what is said after the scope was entered again."""
    yield f"Written into the record of S-{search.number}."
    yield from lines(search)


def stands(search: SearchDay, published: bool) -> Iterable[str]:
    """Yield what is said after a search was opened."""
    yield f"Search S-{search.number} stands: nothing is deleted until it is closed."
    yield signed(published)
    yield from lines(search)
    if not any(search.scope.get(name) for name in _NAMES):
        yield "The scope names no record yet: officers would see nothing. Add it with"
        yield f"  vigie order search scope S-{search.number} --item ..."


def signed(published: bool) -> str:
    """Say whether a checkpoint is out."""
    if published:
        return "A checkpoint is published; `show` prints it."
    return "No checkpoint is published yet: run `vigie ledger checkpoint`, then look with `show`."
