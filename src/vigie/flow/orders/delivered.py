# SPDX-License-Identifier: Apache-2.0
"""Orders that the decentralised system of Regulation (EU) 2023/1543 delivered.

The operator's access point hands over each message with the identifier of its sender,
which the system itself has checked. That identifier must stand in the directory,
entered before; otherwise the order is received like any other and waits for a proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from vigie.core.errors import InvalidInputError, RefusedError
from vigie.flow.house import House
from vigie.flow.orders import authorities, prove
from vigie.flow.orders.given import GivenDocument, OrderGiven
from vigie.flow.orders.receive import OrderReceipt, receive_order
from vigie.store.models import ContactKind, Order, OrderChannel

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_NUMBER: Final = 200


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of one message."""

    receipt: OrderReceipt
    proven: bool
    why: str
    """Code of why it is not proven; empty where it is."""


def take(
    house: House, form: str, documents: Sequence[GivenDocument], sender: str, message: str
) -> Delivered:
    """Receive a message of the system, and prove its sender by it. Outside a transaction.

    Args:
        house: the installation.
        form: a form of `law.orders`.
        documents: the message's documents, as they came.
        sender: identifier of the sender, as the access point checked it.
        message: the system's number of the message.

    Raises as `receive_order`, InvalidInputError without identifier or number.
    """
    for field, value in (("sender", sender), ("message", message)):
        if not value.strip() or len(value) > MAX_NUMBER or not value.isprintable():
            raise InvalidInputError("Give what the access point checked.", field=field)
    given = OrderGiven(form=form, channel=OrderChannel.EEVIDENCE, documents=tuple(documents))
    receipt = receive_order(house, given)
    why = _prove(house, receipt.order, sender, message)
    return Delivered(receipt=receipt, proven=not why, why=why)


def _prove(house: House, order: Order, sender: str, message: str) -> str:
    """Prove an order by its delivery; return a code where that is not possible."""
    if order.same_as_id is not None:
        return "again"
    why = "unknown_sender"
    for contact in authorities.find(ContactKind.EEVIDENCE, sender):
        try:
            prove.by_eevidence(house, order, contact, message.strip())
        except RefusedError as problem:
            why = problem.code
        else:
            return ""
    return why
