# SPDX-License-Identifier: Apache-2.0
"""What a form's values mean for the desk: columns, locations, data, silence, clocks.

Nothing here decides and nothing leaves: a letter is at most written, for a person to
send. Inside `transaction.writing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vigie.core.clock import DAY_MS
from vigie.flow.house import House
from vigie.flow.notices.locate import locate
from vigie.flow.orders import clocks, silence
from vigie.flow.orders.values import moment
from vigie.law.orders import Means, OrderForm, holds
from vigie.store.models import Order, OrderData, OrderLocation

SUBJECT: Final = "order"
NAMED_TIME: Final = "order_named_time"
EMERGENCY: Final = "emergency"
MAX_ROWS: Final = 2_000
"""Rows of data that one order may ask for."""
_AUTHORITY: Final = 300
_REFERENCE: Final = 200
_ACCOUNT: Final = 512


def told(form: OrderForm, values: Mapping[str, Any], what: Means) -> Any:
    """Return the value of the field that tells something; None where there is none."""
    field = form.means(what)
    return values.get(field.name) if field is not None else None


def columns(order: Order, form: OrderForm, values: Mapping[str, Any]) -> list[str]:
    """Set what lists and letters show; returns the names of the columns."""
    order.sender = str(told(form, values, Means.AUTHORITY) or order.sender)[:_AUTHORITY]
    order.reference = str(told(form, values, Means.REFERENCE) or "")[:_REFERENCE]
    country = str(told(form, values, Means.COUNTRY) or "")
    order.country = country if len(country) == 2 else ""
    order.language = str(told(form, values, Means.LANGUAGE) or "")[:5]
    order.emergency = told(form, values, Means.EMERGENCY) in (True, EMERGENCY)
    named = told(form, values, Means.TERRITORIES) or []
    order.territories = [one for one in named if len(one) == 2]
    order.fields = dict(values)
    return [
        "sender", "reference", "country", "language", "emergency", "territories", "fields",
    ]  # fmt: skip


def places(order: Order, form: OrderForm, values: Mapping[str, Any]) -> None:
    """Write the locations that it names; what is worked on already stays."""
    if order.locations.exclude(decision=None).exists():
        return
    order.locations.all().delete()
    for position, url in enumerate(told(form, values, Means.LOCATIONS) or []):
        place = locate(url)
        OrderLocation.objects.create(
            order=order,
            position=position,
            url=url,
            service=place.service,
            item_id=place.item_id if place.known else "",
        )


def data(order: Order, form: OrderForm, values: Mapping[str, Any]) -> None:
    """Write what it asks for, a row for each account and category; nothing is granted."""
    if order.data.filter(granted=True).exists():
        return
    order.data.all().delete()
    covered = form.covered(values)
    since, until = (moment(told(form, values, one)) for one in (Means.FROM, Means.UNTIL))
    rows = [
        OrderData(
            order=order,
            category=category,
            account=str(account)[:_ACCOUNT],
            period_from=since,
            period_until=until,
            covered=category in covered,
        )
        for account in told(form, values, Means.ACCOUNTS) or []
        for category in told(form, values, Means.CATEGORIES) or []
    ]
    OrderData.objects.bulk_create(rows[:MAX_ROWS])


def quiet(house: House, order: Order, form: OrderForm, values: Mapping[str, Any]) -> None:
    """Begin the duty of silence that the form brings, proven or not: nobody is told too early."""
    rule = form.silence
    until = moment(told(form, values, Means.SILENCE_UNTIL))
    asked = until is not None or told(form, values, Means.SILENCE) is True
    if rule is None or not (rule.always or asked):
        return
    ends = until if until is not None and until > house.now() else None
    if until is not None and ends is None:
        # The moment from which the person may be told has passed.
        return
    silence.begin(house, order, basis=rule.law, until=ends)


def duties(
    house: House, order: Order, form: OrderForm, values: Mapping[str, Any], *, known: bool
) -> None:
    """Keep the clocks that the values bring; `known`: the form was read, so others end."""
    for one in form.clocks:
        if one.at != "received":
            continue
        if not known or holds(one.when, values):
            clocks.start(
                house,
                duty=one.duty,
                subject=SUBJECT,
                number=order.number,
                at=order.received_at,
                order=order,
            )
        else:
            why = "the form brings another time"
            clocks.end(house, SUBJECT, order.number, one.duty, why=why)
    _named_time(house, order, form, values)


def _named_time(house: House, order: Order, form: OrderForm, values: Mapping[str, Any]) -> None:
    """Start the clock of a time that the document itself names."""
    due = moment(told(form, values, Means.DUE))
    if due is None or not form.binding:
        return
    clocks.start(
        house,
        duty=NAMED_TIME,
        subject=SUBJECT,
        number=order.number,
        at=order.received_at,
        order=order,
        until=max(due, order.received_at),
    )


def is_late(order: Order, form: OrderForm, values: Mapping[str, Any], now: int) -> bool:
    """Say whether it was past its time when it was recorded here."""
    due = moment(told(form, values, Means.DUE))
    if due is not None and due <= now:
        return True
    return order.clocks.filter(kind="hard", due_at__lte=now).exists()


def is_old(form: OrderForm, values: Mapping[str, Any], now: int) -> bool:
    """Say whether it was issued long ago or in the future: a person looks at the date."""
    issued = moment(told(form, values, Means.ISSUED))
    return issued is not None and not now - 90 * DAY_MS <= issued <= now + DAY_MS


def differs(one: Mapping[str, Any], other: Mapping[str, Any]) -> Sequence[str]:
    """Return the fields that two readings of an order have with different values."""
    return sorted(name for name in set(one) & set(other) if one[name] != other[name])
