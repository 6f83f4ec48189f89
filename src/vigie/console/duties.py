# SPDX-License-Identifier: Apache-2.0
"""Clocks of duties and orders as people read them: rows and words of states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vigie.console.clocks import HOUR, MINUTE, Clock, of_law, span
from vigie.flow.orders.clocks import OPEN, label
from vigie.flow.orders.listing import next_clock, unsure
from vigie.law import orders as forms
from vigie.law.deadlines import load
from vigie.store.models import ClockState, DutyClock, Order, OrderState

OPEN_STATES: Final = OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One line of the list of orders."""

    order: Order
    label: str
    link: str
    title: str
    sender: str
    clock: Clock | None
    scope: str
    elements: str
    complete: bool
    state: str
    shape: str
    silent: bool
    due: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow:
    """One line of the list of all clocks."""

    clock: DutyClock
    shown: Clock
    label: str
    link: str
    duty: str
    event: str
    state: str
    shape: str
    owner: str
    unsure: bool


def clock_of(row: DutyClock, now: int) -> Clock:
    """Return a clock as `_clock.html` draws it."""
    stopped = row.state == ClockState.PAUSED and row.paused_at is not None
    at = row.paused_at if stopped and row.paused_at is not None else now
    return Clock(
        words=_words(row, at),
        source=_source(row),
        kind="hard" if row.kind == "hard" else "soft",
        state=_urgency(row, at),
        quarters=_quarters(row, at),
        due=row.due_at,
        others=tuple(_others(row, now)),
    )


def _words(row: DutyClock, now: int) -> str:
    left = row.due_at - now
    if row.state in {ClockState.MET, ClockState.DONE_LATE, ClockState.ENDED}:
        return state_words()[row.state]
    if left < 0:
        return _("%(time)s over") % {"time": span(-left)}
    if left < MINUTE:
        return _("less than a minute left")
    return _("%(time)s left") % {"time": span(left)}


def _source(row: DutyClock) -> str:
    known = load().get(row.duty)
    if known is None:
        return row.duty
    words = of_law(known)
    return _("unconfirmed: %(clock)s") % {"clock": words} if not known.sorts else words


def _urgency(row: DutyClock, now: int) -> str:
    left = row.due_at - now
    open_one = row.state in OPEN_STATES and row.state != ClockState.PAUSED
    if not open_one or row.duty in unsure():
        return ""
    if left < 0:
        return "over"
    if row.kind == "hard" and left <= HOUR:
        return "last"
    return "soon" if left * 4 <= row.due_at - row.started_at - row.paused_ms else ""


def _quarters(row: DutyClock, now: int) -> int:
    begun = row.started_at + row.paused_ms
    whole = row.due_at - begun
    return 4 if whole <= 0 else min(4, max(0, 4 * (now - begun) // whole))


def _others(row: DutyClock, now: int) -> list[str]:
    """Say what stopped it, and the later reading."""
    found = []
    if row.state == ClockState.PAUSED:
        found.append(_("stopped: %(basis)s") % {"basis": row.pause_basis})
    if row.latest_at is not None and row.state in OPEN_STATES:
        left = row.latest_at - now
        words = span(abs(left))
        found.append(
            _("later reading: %(time)s left") % {"time": words}
            if left >= 0
            else _("later reading: %(time)s over") % {"time": words}
        )
    return found


def state_words() -> dict[str, str]:
    """Return the states of clocks in words."""
    return {
        ClockState.RUNNING: _("runs"),
        ClockState.PAUSED: _("stopped"),
        ClockState.MISSED: _("missed, still owed"),
        ClockState.MET: _("met"),
        ClockState.DONE_LATE: _("done late"),
        ClockState.ENDED: _("fell away"),
    }


_CLOCK_SHAPES: Final = {
    ClockState.RUNNING: "waits",
    ClockState.PAUSED: "held",
    ClockState.MISSED: "over",
    ClockState.MET: "done",
    ClockState.DONE_LATE: "done",
    ClockState.ENDED: "done",
}
_ORDER_SHAPES: Final = {
    OrderState.RECEIVED: "waits",
    OrderState.CLARIFYING: "held",
    OrderState.READY: "person",
    OrderState.EXECUTED: "waits",
    OrderState.CLOSED: "done",
}


def order_states() -> dict[str, str]:
    """Return the states of orders in words."""
    return {
        OrderState.RECEIVED: _("received, not read by a person"),
        OrderState.CLARIFYING: _("waits for the authority"),
        OrderState.READY: _("waits for a person"),
        OrderState.EXECUTED: _("carried out, not confirmed"),
        OrderState.CLOSED: _("closed"),
    }


def title_of(form: str) -> str:
    """Return the title of a form in the reader's language."""
    known = forms.load().get(form)
    return known.title((get_language() or "en")[:2]) if known is not None else form


def clock_row(row: DutyClock, now: int) -> ClockRow:
    """Return a clock as the list of all clocks shows it."""
    known = load().get(row.duty)
    return ClockRow(
        clock=row,
        shown=clock_of(row, now),
        label=label(row),
        link=link_to(row),
        duty=(known.action or known.text or known.law) if known is not None else row.duty,
        event=row.start_event.replace("_", " "),
        state=state_words()[row.state],
        shape=_CLOCK_SHAPES[ClockState(row.state)],
        owner=row.owner.username if row.owner is not None else "",
        unsure=row.duty in unsure(),
    )


_PLACES: Final = {
    "order": "order",
    "report": "report",
    "search": "search_day",
    "matter": "matter",
    "evidence": "evidence_item",
}


def link_to(row: DutyClock) -> str:
    """Return the page of what a clock is about; empty where there is none."""
    if row.subject == "silence" and row.order_id is not None:
        return reverse("console:silence", args=[row.order_id])
    return place(_PLACES.get(row.subject, ""), row.number)


def place(name: str, *args: int) -> str:
    """Return the address of a page by its name; empty where the console has none."""
    try:
        return reverse(f"console:{name}", args=args) if name else ""
    except NoReverseMatch:
        return ""


def order_row(order: Order, now: int) -> OrderRow:
    """Return an order as the list of orders shows it."""
    clock = next_clock(order)
    count = len(order.missing)
    form = forms.load().get(order.form)
    required = [one for one in form.fields if one.needed(order.fields)] if form is not None else []
    whole = len(required)
    return OrderRow(
        order=order,
        label=f"O-{order.number}",
        link=place("order", order.number),
        title=title_of(order.form),
        sender=_sender(order),
        clock=clock_of(clock, now) if clock is not None else None,
        scope=_scope(order),
        elements=_("complete")
        if not count
        else _("%(here)s of %(all)s elements")
        % {"here": max(0, whole - count), "all": max(whole, count)},
        complete=not count,
        state=_state(order),
        shape=_ORDER_SHAPES[OrderState(order.state)],
        silent=order.silent,
        due=clock.due_at if clock is not None else None,
    )


def _sender(order: Order) -> str:
    name = order.authority.name if order.authority is not None else order.sender
    return f"{name}, {order.country}" if order.country else name


def _scope(order: Order) -> str:
    form = forms.load().get(order.form)
    if order.territories:
        return ", ".join(order.territories)
    if form is not None and form.territory == "eu27":
        return _("all Member States")
    return order.country or "—"


def _state(order: Order) -> str:
    words = order_states()[order.state]
    if order.state != OrderState.CLOSED and order.owner is not None:
        return _("%(name)s has it") % {"name": order.owner.username}
    return words
