# SPDX-License-Identifier: Apache-2.0
"""What a duty of silence hides from the person concerned and from the public.

One question for every door: does this belong to an order about which nobody may be
told now? Statement and its page, exports, answers to requests for access, complaints,
the register and the search of those who work without orders all ask here. Hidden are
the decisions taken on such an order, and those by which they were taken back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from vigie.flow.chain import head_of
from vigie.store.models import DecisionKind, DecisionRecord, Order, OrderLocation

if TYPE_CHECKING:
    from django.db.models import QuerySet


def any_silent() -> bool:
    """Say whether a duty of silence stands about any order."""
    return Order.objects.filter(silent=True).exists()


def about(column: str = "number") -> Q:
    """Return the condition that a row's decision is hidden now."""
    located = _located()
    back = DecisionRecord.objects.filter(kind=DecisionKind.ORDER, supersedes__in=located)
    return Q(**{f"{column}__in": located}) | Q(**{f"{column}__in": back.values("number")})


def _located() -> QuerySet[OrderLocation, Any]:
    silent = OrderLocation.objects.filter(order__silent=True, decision__isnull=False)
    return silent.order_by().values("decision")


def is_hidden(decision: int) -> bool:
    """Say whether a decision was taken on an order about which nobody may be told now."""
    return DecisionRecord.objects.filter(about(), number=decision).exists()


def last_shown(decision: DecisionRecord) -> DecisionRecord:
    """Return the last word about an item that may be told: where nothing is hidden, the last."""
    head = head_of(decision)
    while is_hidden(head.number) and head != decision and head.supersedes is not None:
        head = head.supersedes
    return head


def shown(rows: QuerySet[DecisionRecord]) -> QuerySet[DecisionRecord]:
    """Leave out the decisions that nobody may be told of."""
    return rows.exclude(about())
