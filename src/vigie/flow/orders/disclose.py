# SPDX-License-Identifier: Apache-2.0
"""What may leave on an order: only what its legal basis covers, only after a proof.

Nothing here hands out data. A grant says which rows may; `scope_of` is the one gate
through which a package learns what to hold, and asks proof, cover and grant again.
No answer depends on whether an account exists: nobody looks it up before the proof.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.orders import coverage, prove
from vigie.flow.orders.coverage import Asked
from vigie.flow.orders.scope import Scope, ScopeLine
from vigie.flow.transaction import writing
from vigie.store.models import (
    Order,
    OrderData,
    OrderOutcome,
    OrderState,
    Proof,
    User,
)
from vigie.store.permissions import Permission

MAX_REASON: Final = 2_000
NOTHING_LEAVES: Final = (OrderOutcome.REFUSED, OrderOutcome.WITHDRAWN, OrderOutcome.MERGED)
"""What was refused or lost its effect, and what is worked on elsewhere."""


def scope_of(order: Order) -> Scope:
    """Return exactly what may leave on an order, today.

    Raises RefusedError (`unproven`) unless its sender is proven for a disclosure,
    ConflictError (`nothing_granted`, `order_closed`) where nobody granted what is covered
    or the order was refused or withdrawn. A period
    that ends later than the order came ends there: nothing that is to come.
    """
    row = Order.objects.select_related("authority").get(pk=order.pk)
    prove.check_suffices(row, discloses=True)
    if row.outcome in NOTHING_LEAVES:
        raise ConflictError(_("This order is closed."), code="order_closed")
    lines = tuple(
        ScopeLine(
            category=one.row.category,
            service=one.row.service,
            account=one.row.account,
            since=one.row.period_from,
            until=min(one.row.period_until or row.received_at, row.received_at),
        )
        for one in coverage.asked(row)
        if one.covered and one.row.granted
    )
    if not lines:
        raise ConflictError(
            _("Nothing of this order was granted."),
            code="nothing_granted",
            fix=_("Tick what its legal basis covers, then grant it."),
        )
    return Scope(order=row.number, lines=lines)


def grant(house: House, user: User, order: Order, rows: Iterable[int], why: str) -> list[OrderData]:
    """Grant rows of what a proven order asks for; the others are not granted.

    Args:
        house: the installation.
        user: who decides; not who called back, so that nobody discloses alone.
        order: the order.
        rows: keys of its rows of data.
        why: the reason, for the record.

    Raises RefusedError without permission or proof, for a row that the legal basis
    does not cover, and for an emergency (`emergency.ask`: two persons).
    """
    wanted, reason = frozenset(rows), words(why)
    check_granter(user, order)
    if order.emergency:
        raise RefusedError(
            _("In an emergency two persons decide, within the least data."), code="two_persons"
        )
    with writing():
        return give(house, user, order, wanted, reason)


def check_granter(user: User, order: Order) -> None:
    """Raise RefusedError where this person may not decide what leaves."""
    if not user.has_perm(Permission.ORDER_EXECUTE):
        raise RefusedError(_("Your role may not decide what leaves."))
    calls = order.proofs.filter(proof=Proof.CALL_BACK, withdrawn_at=None, by=user)
    if calls.exists():
        raise RefusedError(
            _("Who called back does not decide what leaves: nobody discloses alone."),
            code="own_call",
        )


def give(
    house: House, user: User, order: Order, wanted: Collection[int], reason: str
) -> list[OrderData]:
    """Grant rows inside the caller's transaction, with every check made under its lock."""
    row = held(order)
    prove.check_suffices(row, discloses=True)
    found = check_rows(row, wanted)
    now = house.now()
    note_cover(row, wanted)
    plain = {
        "order": row.number,
        "by": by_number(user),
        "categories": sorted({one.row.category for one in found}),
        "emergency": row.emergency,
    }
    personal = {"accounts": sorted({one.row.account for one in found}), "reason": reason}
    records.append_one(records.draft("order.granted", now, plain, personal))
    return [one.row for one in found]


def check_rows(order: Order, wanted: Collection[int]) -> list[Asked]:
    """Return the wanted rows. Raises where one is another order's, or is not covered."""
    known = {one.row.pk: one for one in coverage.asked(order)}
    if not wanted or not set(wanted) <= set(known):
        raise InvalidInputError(_("Tick rows of this order."), code="no_rows", field="rows")
    found = [known[key] for key in sorted(wanted)]
    beyond = next((one for one in found if not one.covered), None)
    if beyond is not None:
        raise RefusedError(
            _("%(what)s cannot be granted.") % {"what": beyond.words},
            code="not_covered",
            field="rows",
            fix=beyond.why,
        )
    return found


def note_cover(order: Order, granted: Collection[int] = ()) -> None:
    """Write on each row whether it is covered, why not, and whether it is granted."""
    for one in coverage.asked(order):
        row = one.row
        row.covered, row.why, row.granted = one.covered, one.why, row.pk in granted
        row.save(update_fields=["covered", "why", "granted"])


def take_back(house: House, user: User, order: Order, why: str) -> None:
    """Take a grant back; what left before stays where it went. Raises as `grant`."""
    reason = words(why)
    if not user.has_perm(Permission.ORDER_EXECUTE):
        raise RefusedError(_("Your role may not decide what leaves."))
    with writing():
        row = held(order)
        if not row.data.filter(granted=True).update(granted=False):
            raise ConflictError(_("Nothing of this order was granted."), code="nothing_granted")
        plain = {"order": row.number, "by": by_number(user)}
        records.append_one(
            records.draft("order.grant_withdrawn", house.now(), plain, {"reason": reason})
        )


def words(why: str) -> str:
    """Return a reason. Raises InvalidInputError for none, or one too long."""
    reason = why.strip()
    if not reason or len(reason) > MAX_REASON:
        raise InvalidInputError(
            _("Give a reason of at most %(most)s characters.") % {"most": MAX_REASON},
            code="no_reason",
            field="reason",
        )
    return reason


def held(order: Order) -> Order:
    """Return the order as it is now, held. Raises ConflictError where it is closed."""
    rows = Order.objects.select_for_update(of=("self",)).select_related("authority")
    row = rows.filter(pk=order.pk).first()
    if row is None:
        raise NotFoundError(_("There is no such order."), code="no_order")
    if row.state == OrderState.CLOSED:
        raise ConflictError(_("This order is closed."), code="order_closed")
    return row
