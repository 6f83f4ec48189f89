# SPDX-License-Identifier: Apache-2.0
"""Asks an expression of the store. Every value is a parameter, never part of a statement.

Class `child` is left out here, for everybody: its decisions, and every other
decision about an item that has one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, overload

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from vigie.core.clock import SystemClock
from vigie.flow.search.compile import Asked, field_of, of_node
from vigie.flow.search.kinds import Target
from vigie.flow.search.narrow import narrow
from vigie.flow.search.nodes import Node, terms
from vigie.store.models import Case, CaseState, DecisionRecord, Queue

CHILD: Final = "child"
PAGE: Final = 50
GROUP: Final = 500
MOST_COUNTED: Final = 500
_clock: Final = SystemClock()
Records = QuerySet[DecisionRecord]
OfDecisions = Literal[Target.DECISIONS, Target.ITEMS, Target.AUTHORS]


@overload
def to_query(
    node: Node, target: Literal[Target.CASES], now: int | None = None, hidden: Records | None = None
) -> QuerySet[Case]: ...
@overload
def to_query(
    node: Node, target: OfDecisions, now: int | None = None, hidden: Records | None = None
) -> Records: ...
def to_query(
    node: Node, target: Target, now: int | None = None, hidden: Records | None = None
) -> QuerySet[Case] | Records:
    """Return what fits, the newest first (cases: in no order).

    `decisions` gives decisions; `items` the newest decision about each item,
    where that one fits; `authors` for each author the newest decision that
    fits; `cases` cases. Relative dates count from `now`; `hidden` decisions
    are as if they were not there. Raises SearchError for a field that is not
    kept.
    """
    asked = Asked(now=_clock.now_ms() if now is None else now, cases=target is Target.CASES)
    fits = of_node(node, asked)
    seen = _seen(hidden)
    if target is Target.CASES:
        return Case.objects.filter(fits, decision__in=seen).exclude(queue=Queue.CHILD)
    decisions = narrow(seen, node, asked).filter(fits)
    if target is Target.ITEMS:
        decisions = decisions.filter(_is_newest(seen, "service", "item_id"))
    elif target is Target.AUTHORS:
        decisions = decisions.exclude(author="")
        decisions = decisions.filter(_is_newest(seen.filter(fits), "author"))
    return decisions.order_by("-number")


def check_kept(node: Node) -> None:
    """Raise SearchError where a field is not kept in the store."""
    for term in terms(node):
        field_of(term)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of what fits."""

    rows: list[DecisionRecord]
    older: int | None
    """Where the next page begins; None: this is the last."""
    count: int
    """How many fit in all, at most `MOST_COUNTED` + 1."""


def page(
    node: Node,
    target: OfDecisions,
    now: int,
    before: int | None = None,
    hidden: Records | None = None,
) -> Page:
    """Return the results before a decision's number, the newest first."""
    found = to_query(node, target, now, hidden)
    count = found.order_by()[: MOST_COUNTED + 1].count()
    rows, older = _rows(found, PAGE, before)
    return Page(rows=rows, older=older, count=count)


def every(
    node: Node, target: OfDecisions, now: int, hidden: Records | None = None
) -> Iterator[list[DecisionRecord]]:
    """Yield all results in groups, the newest first; each group is a query of its own."""
    found = to_query(node, target, now, hidden)
    before: int | None = None
    while True:
        rows, before = _rows(found, GROUP, before)
        if rows:
            yield rows
        if before is None:
            return


def _rows(found: Records, size: int, before: int | None) -> tuple[list[DecisionRecord], int | None]:
    """Return some rows and where the next begin; numbers first: an index has them."""
    if before is not None:
        found = found.filter(number__lt=before)
    numbers = list(found.values_list("number", flat=True)[: size + 1])
    rows = DecisionRecord.objects.filter(number__in=numbers[:size]).order_by("-number")
    return list(rows), numbers[size - 1] if len(numbers) > size else None


def _seen(hidden: Records | None) -> Records:
    """Return the decisions that are there for the one who asks."""
    found = DecisionRecord.objects.exclude(cls=CHILD)
    for hide in (*_child(), *(() if hidden is None else (hidden,))):
        found = found.exclude(pk__in=hide.values("number"))
    return found


def _is_newest(seen: Records, *same: str) -> Q:
    """Return that no newer decision shares these columns with a decision.

    Said in the way that each database answers decision by decision: PostgreSQL
    gathers all that fit for a NOT EXISTS, SQLite picks another index for a
    subquery in order.
    """
    alike = seen.filter(**{name: OuterRef(name) for name in same})
    if connection.vendor == "sqlite":
        return ~Q(Exists(alike.filter(number__gt=OuterRef("number"))))
    # None is newer than the newest: `=` would make the planner expect next to nothing.
    return Q(number__gte=Subquery(alike.order_by("-number").values("number")[:1]))


def child_items() -> QuerySet[DecisionRecord, str]:
    """Return the ids of the items of which a decision is class `child`."""
    return DecisionRecord.objects.filter(cls=CHILD).values_list("item_id", flat=True)


def _child() -> tuple[Records, Records]:
    """Return the decisions about items that were decided as class `child`, or wait so."""
    # All states: the index of the queues begins with it.
    waiting = Case.objects.filter(state__in=list(CaseState), queue=Queue.CHILD)
    return (
        DecisionRecord.objects.filter(item_id__in=child_items()),
        DecisionRecord.objects.filter(item_id__in=waiting.values("decision__item_id")),
    )
