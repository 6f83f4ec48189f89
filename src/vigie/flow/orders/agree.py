# SPDX-License-Identifier: Apache-2.0
"""A second person agrees to an order: what is to be preserved is preserved when it is asked for.

Asked for on the page of the order, agreed to there or under *Second person*. Agreeing
and carrying out are one transaction; where it fails, the request waits on.
"""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, NotFoundError
from vigie.flow import second_person
from vigie.flow.house import House
from vigie.flow.orders import answering, execute, preservation
from vigie.flow.orders.execute import Carrying
from vigie.flow.transaction import writing
from vigie.store.models import Order, SecondPersonRequest, SecondPersonState, User
from vigie.store.permissions import Permission

KIND: Final = "order.execute"


def ask(
    house: House, user: User, order: Order, how: Carrying, reason: str = ""
) -> SecondPersonRequest:
    """Ask a second person to agree that an order is carried out; preserves meanwhile.

    Raises what carrying it out would raise but for the second person, ConflictError
    (`asked`) where a request for it waits.
    """
    _check(user, order, how)
    preservation.preserve_all(house, order, execute.plan(order).acts_on)
    with writing():
        answering.open_order(order)
        if waiting(order) is not None:
            raise ConflictError(_("A second person was asked already."), code="asked")
        summary = _("Carry out %(label)s") % {"label": f"O-{order.number}"}
        words = reason.strip() or how.note.strip() or summary
        return second_person.ask(house, user, KIND, _payload(order, how), summary, words)


def _check(user: User, order: Order, how: Carrying) -> None:
    """Raise everything but the want of a second person: a stand-in has agreed."""
    others = User.objects.filter(is_active=True).exclude(pk=user.pk)
    stand_in = next((one for one in others if one.has_perm(Permission.ORDER_EXECUTE)), None)
    execute.check_execute(user, order, stand_in, how)


def waiting(order: Order) -> SecondPersonRequest | None:
    """Return the request that waits for an order, if one does."""
    rows = SecondPersonRequest.objects.filter(kind=KIND, state=SecondPersonState.WAITING)
    return rows.filter(payload__order=order.number).select_related("asked_by").first()


def agree(house: House, user: User, order: Order) -> Order:
    """Agree to what was asked for, and carry it out. Raises as `execute` and `confirm`."""
    request = waiting(order)
    if request is None:
        raise NotFoundError(_("Nobody asked for a second person."), code="no_request")
    preservation.preserve_all(house, order, execute.plan(order).acts_on)
    second_person.confirm(house, user, request)
    return Order.objects.get(pk=order.pk)


def carry_out(house: House, request: SecondPersonRequest, user: User) -> None:
    """Carry out what the first person asked for. Inside `transaction.writing`."""
    order = Order.objects.filter(pk=request.payload["order"]).first()
    if order is None:
        raise NotFoundError(_("There is no such order."), code="no_order")
    execute.carry_out(house, request.asked_by, order, user, _how(request.payload))


def _payload(order: Order, how: Carrying) -> dict[str, Any]:
    return {
        "order": order.number,
        "copies": sorted(how.copies),
        "left_out": sorted(how.left_out),
        "territories": list(how.territories),
        "narrowed": how.narrowed,
        "unpreserved": how.unpreserved,
        "note": how.note,
    }


def _how(payload: dict[str, Any]) -> Carrying:
    return Carrying(
        copies=frozenset(payload.get("copies", ())),
        left_out=frozenset(payload.get("left_out", ())),
        territories=tuple(payload.get("territories", ())),
        narrowed=str(payload.get("narrowed", "")),
        unpreserved=str(payload.get("unpreserved", "")),
        note=str(payload.get("note", "")),
    )


second_person.register(KIND, Permission.ORDER_EXECUTE, carry_out)
