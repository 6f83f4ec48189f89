# SPDX-License-Identifier: Apache-2.0
"""Asks an expression of the store. Every value is a parameter, never part of a statement.

Class `child` is left out here, for everybody: its decisions, and every other
decision about an item that has one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, overload

from django.db.models import Exists, OuterRef, Q, QuerySet

from vigie.core.clock import SystemClock
from vigie.flow.search.compile import Asked, of_node
from vigie.flow.search.fields import Target
from vigie.flow.search.narrow import narrow
from vigie.flow.search.nodes import Node
from vigie.store.models import Case, DecisionRecord, Queue

CHILD: Final = "child"
PAGE: Final = 50
MOST_COUNTED: Final = 1_000
_clock: Final = SystemClock()
Records = QuerySet[DecisionRecord]


@overload
def to_query(
    node: Node, target: Literal[Target.CASES], now: int | None = None
) -> QuerySet[Case]: ...
@overload
def to_query(
    node: Node,
    target: Literal[Target.DECISIONS, Target.ITEMS, Target.AUTHORS],
    now: int | None = None,
) -> Records: ...
def to_query(node: Node, target: Target, now: int | None = None) -> QuerySet[Case] | Records:
    """Return what fits, the newest first (cases: in no order).

    `decisions` gives decisions; `items` the newest decision about each item,
    where that one fits; `authors` for each author the newest decision that
    fits; `cases` cases. Relative dates count from `now`. Raises SearchError
    for a field that is not kept.
    """
    at = _clock.now_ms() if now is None else now
    if target is Target.CASES:
        fits = of_node(node, Asked(now=at, cases=True))
        return Case.objects.filter(fits).exclude(decision__in=_child()).exclude(queue=Queue.CHILD)
    asked = Asked(now=at)
    fits = of_node(node, asked)
    found = narrow(_decisions(), node, asked).filter(fits)
    if target is Target.ITEMS:
        found = found.filter(~Exists(_newer("service", "item_id")))
    elif target is Target.AUTHORS:
        newer = _newer("author").filter(fits)
        found = found.exclude(author="").filter(~Exists(newer))
    return found.order_by("-number")


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
    target: Literal[Target.DECISIONS, Target.ITEMS, Target.AUTHORS],
    now: int,
    before: int | None = None,
) -> Page:
    """Return the results before a decision's number, the newest first."""
    found = to_query(node, target, now)
    count = found.order_by()[: MOST_COUNTED + 1].count()
    if before is not None:
        found = found.filter(number__lt=before)
    numbers = list(found.values_list("number", flat=True)[: PAGE + 1])
    rows = DecisionRecord.objects.filter(number__in=numbers[:PAGE]).order_by("-number")
    older = numbers[PAGE - 1] if len(numbers) > PAGE else None
    return Page(rows=list(rows), older=older, count=count)


def _decisions() -> Records:
    return DecisionRecord.objects.exclude(cls=CHILD).exclude(pk__in=_child())


def _newer(*same: str) -> Records:
    """Return the decisions after the outer one that share these columns with it."""
    wanted = {name: OuterRef(name) for name in same}
    return _decisions().filter(**wanted, number__gt=OuterRef("number"))


def _child() -> QuerySet[DecisionRecord, int]:
    """Return the decisions about items of which a part is class `child`."""
    decided = DecisionRecord.objects.filter(cls=CHILD).values("item_id")
    waiting = Case.objects.filter(queue=Queue.CHILD).values("decision__item_id")
    about = DecisionRecord.objects.filter(Q(item_id__in=decided) | Q(item_id__in=waiting))
    return about.values_list("number", flat=True)
