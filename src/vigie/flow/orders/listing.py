# SPDX-License-Identifier: Apache-2.0
"""Open orders and all clocks, the one due first on top: what the lists and figures ask.

Clocks of low confidence never sort: an order's place comes from its sure clocks,
and in the list of all clocks they stand after everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db.models import BooleanField, Case, F, OuterRef, Subquery, Value, When

from vigie.core.clock import DAY_MS, HOUR_MS
from vigie.flow.orders.clocks import OPEN
from vigie.law.deadlines import load
from vigie.store.models import ClockState, DutyClock, Order, OrderState, User
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet

SUBJECT: Final = "order"
PAGE: Final = 50
MOST_PAGES: Final = 1_000
SOON_MS: Final = DAY_MS
"""What is due within this is due soon."""
CHILD: Final = frozenset({"us_cybertip", "us_cybertip_preserve", "ncmec_open_report"})
"""Duties of class `child`: their clocks stand in no list of those who do not work there."""
DONE: Final = (ClockState.MET, ClockState.DONE_LATE, ClockState.ENDED)
STATES: Final = {
    "open": OPEN,
    "late": (ClockState.MISSED,),
    "soon": (ClockState.RUNNING,),
    "paused": (ClockState.PAUSED,),
    "done": DONE,
}
"""What a list can be narrowed to, by word."""


class Numbers(NamedTuple):
    """What stands above the list of orders."""

    open: int
    hour: int
    """Due within the hour, or late."""
    answered: int
    """Closed this year."""
    in_time: int
    """Of those: without a clock that was missed."""
    silent: int
    paused: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    rows: list[Order] | list[DutyClock]
    number: int
    more: bool


@cache
def unsure() -> frozenset[str]:
    """Return the duties whose clocks never sort."""
    return frozenset(name for name, one in load().items() if not one.sorts)


def first_due() -> QuerySet[DutyClock]:
    """Return the open sure clocks of an outer order's own duties, the one due first on top."""
    rows = DutyClock.objects.filter(order=OuterRef("pk"), subject=SUBJECT, state__in=OPEN)
    return rows.exclude(duty__in=unsure()).order_by("due_at")


def orders(
    *, form: str = "", state: str = "open", due: int | None = None
) -> QuerySet[Order, Order]:
    """Return orders, the one due first on top; those without a clock after them.

    Args:
        form: a form of `law.orders`; empty: all.
        state: `open`, or a word of `OrderState`.
        due: only those whose first clock is due before this moment.
    """
    rows = Order.objects.annotate(due=Subquery(first_due().values("due_at")[:1]))
    if state == "open":
        rows = rows.exclude(state=OrderState.CLOSED)
    elif state:
        rows = rows.filter(state=state)
    if form:
        rows = rows.filter(form=form)
    if due is not None:
        rows = rows.filter(due__lt=due)
    return rows.order_by(F("due").asc(nulls_last=True), "received_at", "number")


def next_clock(order: Order) -> DutyClock | None:
    """Return the open clock that is due first; one of low confidence never goes before."""
    own = (one for one in order.clocks.all() if one.subject == SUBJECT)
    open_ones = [one for one in own if one.state in OPEN]
    return min(open_ones, key=lambda one: (one.duty in unsure(), one.due_at), default=None)


def page_of_orders(rows: QuerySet[Order, Order], number: int) -> Page:
    """Return one page with what its rows show."""
    found = list(_cut(rows.values_list("number", flat=True), number))
    shown = Order.objects.select_related("authority", "owner").prefetch_related("clocks")
    by_number = shown.in_bulk(found[:PAGE])
    return Page([by_number[one] for one in found[:PAGE]], number, len(found) > PAGE)


def _cut(rows: QuerySet[Order, int], number: int) -> QuerySet[Order, int]:
    start = (number - 1) * PAGE
    return rows[start : start + PAGE + 1]


def clocks(
    user: User | None, now: int, *, subject: str = "", state: str = "open", mine: bool = False
) -> QuerySet[DutyClock]:
    """Return clocks, the one due first on top and what is unconfirmed at the end.

    `user` is who looks; None: the machine itself, which sees those of class `child` too.
    """
    rows = visible(user).filter(state__in=STATES.get(state, OPEN))
    if state == "soon":
        rows = rows.filter(due_at__lte=now + SOON_MS).exclude(duty__in=unsure())
    if subject:
        rows = rows.filter(subject=subject)
    if mine and user is not None:
        rows = rows.filter(owner=user)
    late = Case(
        When(duty__in=unsure(), then=Value(True)), default=Value(False), output_field=BooleanField()
    )
    direction = F("due_at").desc() if state == "done" else F("due_at").asc()
    return rows.annotate(unsure=late).order_by("unsure", direction, "pk")


def visible(user: User | None) -> QuerySet[DutyClock]:
    """Return the clocks that a person may see."""
    rows = DutyClock.objects.all()
    if user is None or user.has_perm(Permission.CHILD_READ):
        return rows
    return rows.exclude(duty__in=CHILD)


def page_of_clocks(rows: QuerySet[DutyClock], number: int) -> Page:
    """Return one page of clocks."""
    start = (number - 1) * PAGE
    found = list(rows.select_related("owner", "order")[start : start + PAGE + 1])
    return Page(found[:PAGE], number, len(found) > PAGE)


def late(user: User | None) -> QuerySet[DutyClock]:
    """Return the clocks that were missed and are still owed."""
    return visible(user).filter(state=ClockState.MISSED)


def soon(user: User | None, now: int, within: int = SOON_MS) -> QuerySet[DutyClock]:
    """Return the clocks of ours that run out within some time."""
    rows = visible(user).filter(state=ClockState.RUNNING, due_at__lte=now + within)
    return rows.exclude(duty__in=unsure()).filter(next_alarm_at__isnull=False)


def numbers(now: int) -> Numbers:
    """Return what stands above the list of orders."""
    year = datetime.fromtimestamp(now / 1000, UTC).replace(
        month=1, day=1, hour=0, minute=0, second=0, microsecond=0
    )
    closed = Order.objects.filter(
        state=OrderState.CLOSED, closed_at__gte=round(year.timestamp() * 1000)
    )
    missed = DutyClock.objects.filter(missed_at__isnull=False, subject=SUBJECT)
    answered = closed.count()
    late = closed.filter(pk__in=missed.values("order")).count()
    running = DutyClock.objects.filter(subject=SUBJECT, state__in=OPEN)
    sure = running.exclude(duty__in=unsure())
    due = sure.filter(due_at__lte=now + HOUR_MS).exclude(state=ClockState.PAUSED)
    still = Order.objects.exclude(state=OrderState.CLOSED)
    return Numbers(
        open=still.count(),
        hour=due.values("order").distinct().count(),
        answered=answered,
        in_time=answered - late,
        silent=Order.objects.filter(silent=True).count(),
        paused=running.filter(state=ClockState.PAUSED).values("order").distinct().count(),
    )
