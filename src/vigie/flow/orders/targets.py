# SPDX-License-Identifier: Apache-2.0
"""The items behind the locations of an order, and the decision that stands about each.

An item that passed without a finding has no record of its own, and an address that
Vigie never saw may still be one of the platform's: both get one when an order is
carried out, so that the platform is told and says what became of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from vigie.core import ids, locations
from vigie.core.actions import Outcome
from vigie.core.clock import iso
from vigie.core.decision import Decision
from vigie.flow import records
from vigie.flow.notices.cases import UNSEEN, head_about, keep_address
from vigie.flow.notices.locate import Place, locate
from vigie.store.models import DecisionKind, DecisionRecord, Order, OrderLocation

CHILD: Final = "child"
NAMED: Final = "order"


@dataclass(frozen=True, slots=True)
class Named:
    """One location of an order and what is known of it."""

    location: OrderLocation
    place: Place
    head: DecisionRecord | None
    """The last word about it; None: the store holds no record."""

    @property
    def seen(self) -> bool:
        """False: Vigie never saw it; only the platform can say whether it is there."""
        return self.place.known

    @property
    def possible(self) -> bool:
        """False: it is no address of the web and no item, so nobody can be told of it."""
        return self.seen or (
            bool(self.location.url.strip()) and locations.is_plausible(self.location.url)
        )


def named(order: Order) -> list[Named]:
    """Return the locations of an order in their order, found anew."""
    return [of_location(one) for one in order.locations.order_by("position")]


def of_location(one: OrderLocation) -> Named:
    """Return what is known of one location."""
    place = _place(one)
    return Named(one, place, head_of_item(place))


def _place(one: OrderLocation) -> Place:
    if one.item_id:
        return Place(one.url, one.service, one.item_id, known=True)
    return locate(one.url)


def head_of_item(place: Place) -> DecisionRecord | None:
    """Return the last word about an item, of whatever class."""
    return head_about(place, child=False) or head_about(place, child=True)


def head_for(order: Order, one: Named, now: int) -> DecisionRecord:
    """Return the decision on which an order's act stands; made where there is none.

    Inside `transaction.writing`. The record that is made restricts nothing.
    """
    head = head_of_item(one.place)
    if head is not None:
        return head
    if not one.seen:
        keep_address(one.place, now)
    return _begun(order, one.place, now)


def _begun(order: Order, place: Place, now: int) -> DecisionRecord:
    number = records.next_number()
    made = Decision(
        decision_id=ids.decision_id(ids.STORE_WRITER, number, secrets.randbits(40)),
        item_id=place.item_id,
        version=UNSEEN,
        outcome=Outcome.REVIEW,
        at=iso(now),
    )
    plain: dict[str, Any] = {
        "decision_id": made.decision_id,
        "outcome": made.outcome.value,
        "verb": NAMED,
        "actions": [],
    }
    item = {"id": place.item_id, "version": UNSEEN, "service": place.service, "author": ""}
    draft = records.draft("decision.made", now, plain, {"item": item, "order": f"O-{order.number}"})
    index = records.append_one(draft)
    body: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(made))
    return DecisionRecord.objects.create(
        number=number,
        decision_id=made.decision_id,
        record_id=draft.record_id,
        log_index=index,
        kind=DecisionKind.ORDER,
        service=place.service,
        item_id=place.item_id,
        version=UNSEEN,
        outcome=made.outcome.value,
        at=now,
        body=body,
        has_content=not place.known,
    )


def decided(order: Order) -> Iterator[tuple[OrderLocation, DecisionRecord]]:
    """Yield the locations on which something was done, with the decision that did it."""
    rows = order.locations.filter(decision__isnull=False).select_related("decision")
    for one in rows.order_by("position"):
        if one.decision is not None:
            yield one, one.decision
