# SPDX-License-Identifier: Apache-2.0
"""What the operator rarely changes, read at most once in a few seconds by each process.

For what a page shows only: every verb asks the store itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

from django.utils.translation import get_language

from vigie.flow import house
from vigie.flow.queues import first
from vigie.flow.statement_text import clause_titles
from vigie.flow.strikes.weights import all_weights, ladder
from vigie.flow.webhooks import DECISION_MADE, subscribed
from vigie.store.models import SubjectKind, WebhookEndpoint
from vigie.web import titles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vigie.flow.house import House
    from vigie.flow.strikes.weights import Step, Weight
    from vigie.store.models import ReviewQueue

T = TypeVar("T")
FOR_MS: Final = 5_000
MOST: Final = 500


class _Kept(NamedTuple):
    house: House
    at: int
    value: Any


_kept: Final[dict[str, _Kept]] = {}


def _recent(name: str, read: Callable[[], T]) -> T:
    """Return what was read within the last seconds for this very house, or read it."""
    current = house.current()
    now = current.now()
    found = _kept.get(name)
    if found is not None and found.house is current and 0 <= now - found.at < FOR_MS:
        return cast("T", found.value)
    value = read()
    if len(_kept) >= MOST:
        _kept.clear()
    _kept[name] = _Kept(current, now, value)
    return value


def forget() -> None:
    """Read everything anew; for tests, whose clock stands still."""
    _kept.clear()


def clauses() -> dict[str, dict[str, str]]:
    """Return the clauses of the terms in force, with their titles."""
    return _recent("clauses", clause_titles)


def queues() -> dict[str, ReviewQueue]:
    """Return all queues by their short names."""
    return _recent("queues", first.all_queues)


def titles_of(wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Return the titles of these versions of policies, in the language of the page."""
    asked = sorted(set(wanted))
    return _recent(f"titles {get_language()} {asked}", lambda: titles.of_versions(asked))


def weights() -> list[Weight]:
    """Return how much decisions count."""
    return _recent("weights", all_weights)


def steps() -> list[Step]:
    """Return the ladder of authors."""
    return _recent("steps", lambda: ladder(SubjectKind.AUTHOR))


def endpoints() -> int:
    """Return how many endpoints are told of a decision."""
    return _recent("endpoints", _endpoints)


def _endpoints() -> int:
    rows = list(WebhookEndpoint.objects.filter(enabled=True))
    return len(list(subscribed(rows, DECISION_MADE)))
