# SPDX-License-Identifier: Apache-2.0
"""What every answer to an order shares: who may, which order, its places, its record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.core.territory import EU
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.law import orders as forms
from vigie.law.order_form import Aim, OrderForm
from vigie.store.models import Order, OrderOutcome, OrderState, User
from vigie.store.permissions import Permission

OPEN: Final = (OrderState.RECEIVED, OrderState.CLARIFYING, OrderState.READY)
MAX_REASON: Final = 2_000
EXECUTED: Final = "order.executed"
REFUSED: Final = "order.refused"
CLOSED: Final = "order.closed"
DUTIES: Final = "order"


def check_may(user: User) -> None:
    """Raise RefusedError where a person may not answer orders."""
    if not user.has_perm(Permission.ORDER_EXECUTE):
        raise RefusedError(_("Your role may not answer orders."), code="no_permission")


def form_of(order: Order) -> OrderForm:
    """Return the form of an order. Raises RefusedError for one that is not known."""
    found = forms.load().get(order.form)
    if found is None:
        raise RefusedError(_("The form of this order is not known."), code="no_form")
    return found


def open_order(order: Order) -> Order:
    """Return the order as it is now, held. Inside `transaction.writing`.

    Raises ConflictError where it was answered already.
    """
    row = held(order)
    if row.state not in OPEN:
        raise ConflictError(
            _("This order was answered already."), code=answered_code(row), fix=_("Look at it.")
        )
    return row


def held(order: Order) -> Order:
    """Return the order as it is now, held. Raises NotFoundError."""
    rows = Order.objects.select_for_update(of=("self",)).filter(pk=order.pk)
    row = rows.first()
    if row is None:
        raise NotFoundError(_("There is no such order."), code="no_order")
    return row


def answered_code(order: Order) -> str:
    """Return what an answer that comes too late is told."""
    return "executed" if order.state == OrderState.EXECUTED else "closed"


def check_reason(text: str, field: str = "reason") -> str:
    """Return a reason. Raises InvalidInputError for none, or one too long."""
    words = text.strip()
    if not words or len(words) > MAX_REASON:
        raise InvalidInputError(
            _("Give a reason of at most %(most)s characters.") % {"most": MAX_REASON},
            code="no_reason",
            field=field,
        )
    return words


def territory_of(order: Order, form: OrderForm | None = None) -> tuple[str, ...]:
    """Return where an order is to have effect: as its form says, then as it names itself."""
    known = form or form_of(order)
    if known.territory == "eu27":
        return EU
    if known.territory == "named":
        return tuple(dict.fromkeys(order.territories)) or _issuing(order)
    return _issuing(order) if known.territory == "issuing" else ()


def _issuing(order: Order) -> tuple[str, ...]:
    return (order.country,) if order.country and order.country != "EU" else ()


def outcome_of(order: Order) -> str:
    """Return what came of an order; empty while it is open, whatever was written meanwhile."""
    return "" if order.state in OPEN else order.outcome


def is_referral(order: Order) -> bool:
    """Say whether it binds nobody: assessed by a person, never carried out as an order."""
    found = forms.load().get(order.form)
    return found is not None and found.aim is Aim.REFERRAL


def record(
    house: House,
    kind: str,
    order: Order,
    user: User | None,
    plain: Mapping[str, Any],
    personal: Mapping[str, Any],
) -> None:
    """Append the record of an answer; persons stand by role number, as commitments."""
    by = by_number(user) if user is not None else "vigie"
    open_values = {"order": order.number, "form": order.form, **plain}
    said = {"by": by} | {name: value for name, value in personal.items() if value}
    records.append_one(records.draft(kind, house.now(), open_values, said))


def close(order: Order, outcome: OrderOutcome, now: int) -> None:
    """Close an order with what came of it; the caller saves nothing more."""
    order.state, order.outcome, order.closed_at = OrderState.CLOSED, outcome, now
    order.save(update_fields=["state", "outcome", "closed_at", "decided_by", "second", "reason"])
