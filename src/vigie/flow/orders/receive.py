# SPDX-License-Identifier: Apache-2.0
"""An order is received: sealed and logged before anything of it is read.

The first transaction writes the order, its log entry with the digests of the raw
bytes, and its clocks; reading comes after, and a document that no reader survives is
in the log and on the desk all the same. The receipt names no account and confirms
nothing but the receipt: number, tracking code, promise of inclusion, checkpoint.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Max

from vigie.core import canonical
from vigie.flow import promised, records, tracking
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.orders import clocks, documents
from vigie.flow.orders.given import OrderGiven, check_given
from vigie.flow.transaction import writing
from vigie.law.orders import OrderForm
from vigie.ledger.tiles import LogFolder
from vigie.store.models import Order, OrderChannel, OrderOutcome, OrderState

RECEIVED: Final = "order.received"
SUBJECT: Final = "order"
ACKNOWLEDGED: Final = "dsa_order_ack"
_KEY: Final = b"vigie/order-bytes/v1"
_WEIGHT: Final = (
    OrderChannel.FORM,
    OrderChannel.UPLOAD,
    OrderChannel.API,
    OrderChannel.DESK,
    OrderChannel.EEVIDENCE,
)
"""From what anybody may use to what only an authority can."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReceipt:
    """What the sender is given at once."""

    order: Order
    code: str
    """With it, the sender sees where the order stands."""
    checkpoint: str | None
    """Signed state of the log as published now; it covers the order about a second later."""

    @property
    def number(self) -> int:
        """The short number; people see `O-<number>`."""
        return self.order.number

    @property
    def receipt(self) -> dict[str, Any]:
        """The promise of inclusion with its opening, as `vigie-verify` reads it."""
        return self.order.receipt

    @property
    def again(self) -> bool:
        """True: these very bytes are being worked on already, under another number."""
        return self.order.same_as_id is not None


def receive_order(house: House, given: OrderGiven) -> OrderReceipt:
    """Receive an order, request or referral; returns its receipt. Outside a transaction.

    Args:
        house: the installation.
        given: form, channel, typed fields and documents.

    Raises InvalidInputError for an unknown form, for nothing in it and for what is too
    large, RefusedError where the desk's person may not record orders, UnavailableError
    where it cannot be sealed: then nothing is received, and the door says so.
    """
    cleaned = check_given(given, house.now())
    kept = documents.put(house, cleaned.documents)
    with writing():
        order = _write(house, cleaned, kept)
        documents.bind(order, kept, house.now())
        if order.same_as_id is None:
            _start(house, order, cleaned.about)
    receipt = receipt_of(house, order)
    if order.same_as_id is None:
        _read(house, order)
    return receipt


def receipt_of(house: House, order: Order) -> OrderReceipt:
    """Return the receipt of an order that was received."""
    note = LogFolder(house.settings.log_dir).checkpoint()
    return OrderReceipt(
        order=order,
        code=code_of(house, order),
        checkpoint=note.decode() if note is not None else None,
    )


def code_of(house: House, order: Order) -> str:
    """Return the tracking code of an order; derived, never stored."""
    return tracking.code_of(house, SUBJECT, order.record_id)


def by_code(code: str) -> Order | None:
    """Return what was received under a tracking code.

    One that was merged stays itself: who holds a copy of an order and sends it again
    does not learn what became of it.
    """
    if not tracking.normal(code):
        return None
    return Order.objects.filter(code_digest=tracking.digest_of(code)).first()


def _read(house: House, order: Order) -> None:
    """Read it now; what goes wrong stays on the desk, unread, and is tried again later."""
    from vigie.flow.orders.read import read_order  # noqa: PLC0415 - reading needs the letters

    try:
        read_order(house, order)
    except Exception as problem:  # noqa: BLE001 - no fault of the reader takes the receipt away
        # The kind alone: what a document says belongs into no log file.
        _log.error("order %s could not be read: %s", order.number, type(problem).__name__)


def _write(house: House, given: OrderGiven, kept: Sequence[documents.Kept]) -> Order:
    now = house.now()
    number = (Order.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    mark = _fingerprint(house, given, kept)
    first = _worked_on(mark, given)
    draft = records.draft(
        RECEIVED,
        now,
        _plain(given, number, first),
        _personal(given, kept),
        promised_until=promised.until(house, now),
    )
    records.append_one(draft, since=now)
    return Order.objects.create(
        number=number,
        form=given.form,
        channel=given.channel,
        sender=given.sender,
        reply_to=given.reply_to,
        fingerprint=mark,
        same_as=first,
        state=OrderState.CLOSED if first else OrderState.RECEIVED,
        outcome=OrderOutcome.MERGED if first else "",
        closed_at=now if first else None,
        read_at=now if first else None,
        code_digest=tracking.digest_of(tracking.code_of(house, SUBJECT, draft.record_id)),
        receipt=promised.promise(house, [draft], now),
        recorded_by=given.user,
        received_at=given.came_at if given.came_at is not None else now,
        record_id=draft.record_id,
    )


def _worked_on(mark: str, given: OrderGiven) -> Order | None:
    """Return the open order that these very bytes brought before.

    Not where they come by a road that proves more than the first: whoever copied an
    order could send it first, and the genuine one would lose what proves it.
    """
    rows = Order.objects.filter(fingerprint=mark, same_as=None).exclude(state=OrderState.CLOSED)
    for one in rows.order_by("number"):
        if _weight(given.channel) <= _weight(OrderChannel(one.channel)):
            return one
    return None


def _weight(channel: OrderChannel) -> int:
    return _WEIGHT.index(channel)


def _fingerprint(house: House, given: OrderGiven, kept: Sequence[documents.Kept]) -> str:
    """Return what is equal for the same bytes of the same form only."""
    said = {"form": given.form, "sha256": sorted({one.sha256 for one in kept})}
    secret = hmac.digest(house.pseudonym_key, _KEY, "sha256")
    return hmac.digest(secret, canonical.encode(said), "sha256").hex()


def _plain(given: OrderGiven, number: int, first: Order | None) -> dict[str, Any]:
    values: dict[str, Any] = {
        "order": number,
        "form": given.form,
        "channel": given.channel.value,
        "documents": len(given.documents),
    }
    if first is not None:
        values["same_as"] = first.number
    if given.user is not None:
        values["by"] = by_number(given.user)
    if given.came_at is not None:
        values["came_at"] = given.came_at
    return values


def _personal(given: OrderGiven, kept: Sequence[documents.Kept]) -> dict[str, Any]:
    """Return what stands in the record as commitments: whoever holds a copy learns nothing."""
    values: dict[str, Any] = {"sha256": [one.sha256 for one in kept]}
    if given.sender or given.reply_to:
        values["sender"] = {"name": given.sender, "mail": given.reply_to}
    return values


def _start(house: House, order: Order, form: OrderForm) -> None:
    """Start every clock that the form may bring: the strictest holds until it was read."""
    for one in form.clocks:
        if one.at == "received":
            clocks.start(
                house,
                duty=one.duty,
                subject=SUBJECT,
                number=order.number,
                at=order.received_at,
                order=order,
            )
    if order.channel != OrderChannel.DESK:
        # The sender holds the receipt already; what came by post is answered by letter.
        clocks.meet(house, SUBJECT, order.number, ACKNOWLEDGED)
