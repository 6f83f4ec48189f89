# SPDX-License-Identifier: Apache-2.0
"""Orders, clocks and silences for tests that are not about how an order comes in."""

from __future__ import annotations

from typing import Any

from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import (
    DecisionRecord,
    Order,
    OrderChannel,
    OrderLocation,
    OrderState,
    Record,
)


def order(house: House, form: str = "tco_removal_order_annex_i", **more: Any) -> Order:
    """Write an order as its receipt leaves it."""
    now = more.pop("received_at", house.now())
    with writing():
        draft = records.draft("order.received", now, {"form": form})
        records.append_one(draft)
        last = Order.objects.order_by("-number").values_list("number", flat=True).first()
        values = {"state": OrderState.READY, "channel": OrderChannel.FORM} | more
        return Order.objects.create(
            number=(last or 0) + 1, form=form, received_at=now, record_id=draft.record_id, **values
        )


def located(order: Order, decision: DecisionRecord) -> OrderLocation:
    """Say that a decision was taken on an order."""
    return OrderLocation.objects.create(
        order=order,
        position=order.locations.count(),
        service=decision.service,
        item_id=decision.item_id,
        version=decision.version,
        decision=decision,
    )


def told(kind: str) -> list[dict[str, Any]]:
    """Return the records of a kind in the order of the log, readable."""
    import json

    rows = Record.objects.filter(kind=kind).order_by("entry__index")
    return [json.loads(one.canonical) for one in rows]
