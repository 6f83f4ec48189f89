# SPDX-License-Identifier: Apache-2.0
"""The register's lines of orders and referrals: whose word, what came of it, where.

One line an order that somebody answered, under the name of an authority that was
proven; refused ones stand here too, without a name where nobody proved it. A referral
is marked as one. An order for data says that data left, never which or of whom. Nothing
under a duty of silence, and no item, account or reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from vigie.core.actions import ActionKind
from vigie.exchange.scrub import scrub
from vigie.flow.orders import answering
from vigie.flow.orders.letters.write import label
from vigie.law import orders as forms
from vigie.law.order_form import Aim, Means, OrderForm
from vigie.store.models import Order, OrderOutcome, Proof

ORDER: Final = "order"
DISCLOSED: Final = "disclosed"
"""What an order for data made leave; nothing was restricted for it."""
REFERRAL: Final = "referral"
MOST: Final = 200
"""Characters of a provision in the words of an order."""
_ANSWERED: Final = (
    OrderOutcome.FOLLOWED, OrderOutcome.NARROWED, OrderOutcome.REFUSED, OrderOutcome.IMPOSSIBLE,
    OrderOutcome.WITHDRAWN, OrderOutcome.RESTRICTED, OrderOutcome.LEFT,
)  # fmt: skip
_AIMS: Final = (Aim.REMOVAL, Aim.REFERRAL)
_ACTED: Final = (OrderOutcome.FOLLOWED, OrderOutcome.NARROWED, OrderOutcome.WITHDRAWN)


def answered() -> QuerySet[Any]:
    """Return the orders and referrals with a line, each with `acted`: when it was answered."""
    named = [one.id for one in forms.load().values() if one.aim in _AIMS or one.discloses]
    rows = Order.objects.filter(form__in=named, outcome__in=_ANSWERED, silent=False)
    rows = rows.annotate(acted=Coalesce("executed_at", "closed_at")).filter(acted__isnull=False)
    return rows.select_related("authority", "record__entry")


def before(at: int, number: int | None) -> Q:
    """Return what is older than a place in the register; `number` within its own kind."""
    same = Q(acted=at, number__lt=number) if number is not None else Q(acted=at)
    return Q(acted__lt=at) | same


def newest_first(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Order lines as the page shows them."""
    return rows.order_by(F("acted").desc(), "-number")


def parts(order: Order) -> dict[str, object]:
    """Return the columns of an order's line by name."""
    form = forms.load().get(order.form)
    referral = form is not None and form.aim is Aim.REFERRAL
    acted = order.outcome in _ACTED
    data = form is not None and form.discloses
    return {
        "reference": label(order),
        "at": order.executed_at or order.closed_at or order.received_at,
        "source": REFERRAL if referral else ORDER,
        "authority": _authority(order),
        "provisions": tuple(_provisions(order, form)),
        "territories": tuple(sorted(_territories(order))) if acted and not data else (),
        "content": ", ".join(_surfaces(order)),
        "action": _action(order, acted=acted, data=data),
        "by": "person",
        "answer": order.outcome,
        "ended_at": order.closed_at if order.outcome == OrderOutcome.WITHDRAWN else None,
        "log_index": order.record.entry.index,
    }


def _action(order: Order, *, acted: bool, data: bool) -> str:
    if data:  # one that was withdrawn before anything left made nothing leave
        return DISCLOSED if acted and order.executed_at is not None else ""
    return ActionKind.DISABLED.value if acted else ""


def _authority(order: Order) -> str:
    """Return the name that was proven; what a letter says of itself is no name."""
    if order.authority is None or order.proof == Proof.NONE:
        return ""
    return f"{order.authority.name}, {order.authority.country}"


def _provisions(order: Order, form: OrderForm | None) -> Sequence[str]:
    if form is None:
        return ()
    field = form.means(Means.BASIS)
    named = order.fields.get(field.name) if field is not None else None
    if not isinstance(named, str) or not named.strip() or order.proof == Proof.NONE:
        return (form.law,)
    return (form.law, scrub(" ".join(named.split()))[:MOST])


def _territories(order: Order) -> set[str]:
    """Return where it had effect: of a narrowed one, less than it asked for."""
    acts: set[str] = set()
    name = label(order)
    for one in order.locations.filter(decision__isnull=False).select_related("decision"):
        row = one.decision
        while row is not None:
            found = [
                action
                for action in row.body.get("actions", ())
                if any(ground.get("order") == name for ground in action.get("grounds", ()))
            ]
            if found:
                acts |= {place for action in found for place in action["territories"]}
                break
            row = row.supersedes
    return acts or set(answering.territory_of(order))


def _surfaces(order: Order) -> list[str]:
    rows = order.locations.filter(decision__isnull=False)
    return sorted(set(rows.values_list("decision__surface", flat=True)) - {""})
