# SPDX-License-Identifier: Apache-2.0
"""Where an order stands, in words for its sender: nothing about any account or item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from vigie.store.models import OrderState

if TYPE_CHECKING:
    from vigie.law.orders import OrderForm
    from vigie.store.models import Order


def words(order: Order, about: OrderForm) -> str:
    """Return one sentence; of a closed one no more than that it is closed.

    Who holds a copy of an order and sends it again does not learn what became of it.
    """
    if order.same_as_id is not None:
        return _("It was received. A person checks it and who sent it.")
    if not about.binding and order.state != OrderState.CLOSED:
        return _("A person looks at it. It binds nobody and has no time limit.")
    return {
        OrderState.RECEIVED: _("It was received. A person checks it and who sent it."),
        OrderState.CLARIFYING: _("Something is missing or unclear. We write to the authority."),
        OrderState.READY: _("It is complete and its sender is confirmed. It is being worked on."),
        OrderState.EXECUTED: _("It was worked on. The report to the authority follows."),
        OrderState.CLOSED: _("It is closed. The answer is written to the authority alone."),
    }[OrderState(order.state)]
