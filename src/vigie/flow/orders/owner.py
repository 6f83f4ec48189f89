# SPDX-License-Identifier: Apache-2.0
"""Whose an order is: who has it answers for its clocks, and is told of them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, RefusedError
from vigie.flow.transaction import writing
from vigie.store.models import DutyClock, Order, OrderState, User
from vigie.store.permissions import Permission


def take(user: User, order: Order) -> None:
    """Take an order that is nobody's; the one who has it may take it again.

    Raises RefusedError for a role that carries out no orders, ConflictError where it is
    closed or somebody else has it: that person gives it back first.
    """
    _check_may(user)
    with writing():
        row = Order.objects.select_related("owner").get(pk=order.pk)
        if row.state == OrderState.CLOSED:
            raise ConflictError(_("This order is closed."), code="order_closed")
        if row.owner is not None and row.owner != user and row.owner.is_active:
            raise ConflictError(_("%(name)s has it.") % {"name": row.owner.username}, code="taken")
        _write(row, user)


def give_back(user: User, order: Order) -> None:
    """Give an order back, so that it is nobody's. Raises as `take`."""
    _check_may(user)
    with writing():
        row = Order.objects.get(pk=order.pk)
        if row.owner_id != user.pk:
            raise ConflictError(_("You do not have this order."), code="not_yours")
        _write(row, None)


def _check_may(user: User) -> None:
    if not user.has_perm(Permission.ORDER_EXECUTE):
        raise RefusedError(_("Your role carries out no orders."))


def _write(order: Order, owner: User | None) -> None:
    order.owner = owner
    order.save(update_fields=["owner"])
    DutyClock.objects.filter(order=order).update(owner=owner)
