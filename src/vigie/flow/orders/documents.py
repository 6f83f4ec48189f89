# SPDX-License-Identifier: Apache-2.0
"""Documents of orders: sealed before anybody or anything opens them, handed out as they came."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from vigie.core.errors import NotFoundError, RefusedError
from vigie.flow import records, sealed
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.orders.given import GivenDocument
from vigie.flow.transaction import writing
from vigie.store.models import Order, OrderDocument, User
from vigie.store.permissions import Permission

OPENED: Final = "order.opened"
MAX_REASON: Final = 2_000
MATCHED: Final = "matched"
"""A list of class `child` knows these bytes: they were not kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One document on its way into its row."""

    given: GivenDocument
    sha256: str
    file: str
    wrapped_key: str
    problem: str = ""


def put(house: House, given: Iterable[GivenDocument]) -> list[Kept]:
    """Seal documents; outside a transaction. What no row names later is swept away.

    Raises UnavailableError where one cannot be sealed: then nothing is received.
    """
    return [_put(house, one) for one in given]


def _put(house: House, one: GivenDocument) -> Kept:
    digest = hashlib.sha256(one.data).hexdigest()
    try:
        file, wrapped = sealed.put(house, one.data)
    except RefusedError:
        return Kept(one, digest, "", "", MATCHED)
    return Kept(one, digest, file, wrapped)


def bind(order: Order, kept: Sequence[Kept], now: int) -> list[OrderDocument]:
    """Give sealed documents to the order that they came with. Inside `transaction.writing`."""
    return [
        OrderDocument.objects.create(
            order=order,
            name=one.given.name,
            mime=one.given.mime,
            size=len(one.given.data),
            sha256=one.sha256,
            file=one.file,
            wrapped_key=one.wrapped_key,
            problem=one.problem,
            at=now,
        )
        for one in kept
    ]


def fetch(house: House, document: OrderDocument) -> bytes:
    """Return a document's bytes for a reader or a check of its signature.

    Raises NotFoundError where nothing is kept, UnavailableError where it does not open.
    """
    return sealed.fetch(house, document.file, document.wrapped_key)


def find(user: User, order: int, number: int) -> OrderDocument:
    """Return a document that this person may see; NotFoundError otherwise."""
    rows = OrderDocument.objects.select_related("order").filter(order__number=order, pk=number)
    found = rows.first() if user.has_perm(Permission.ORDER_READ) else None
    if found is None:
        raise NotFoundError(_("There is no such document."), code="no_document")
    return found


def hand_out(house: House, user: User, document: OrderDocument, reason: str = "") -> bytes:
    """Return a document's bytes to a person; the record is in the log before they leave.

    Raises as `fetch`, and RefusedError without the permission.
    """
    if not user.has_perm(Permission.ORDER_READ):
        raise RefusedError(_("Your role may not read orders."))
    data = fetch(house, document)
    plain = {"order": document.order_id, "document": document.pk, "by": by_number(user)}
    with writing():
        said = {"reason": reason[:MAX_REASON]} if reason else None
        records.append_one(records.draft(OPENED, house.now(), plain, said))
    return data
