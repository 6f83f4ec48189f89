# SPDX-License-Identifier: Apache-2.0
"""`vigie order list|show`: what waits, in the order of its clocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame
from vigie.core.errors import NotFoundError

if TYPE_CHECKING:
    from vigie.store.models import DutyClock, Order

MOST = 1_000
STATES = ("open", "received", "clarifying", "ready", "executed", "closed", "all")


@click.command("list", epilog=frame.example("vigie order list --due", "vigie order list --json"))
@click.option("--due", is_flag=True, help="Only what is late or due within 24 hours.")
@click.option("--form", default="", metavar="FORM", help="Only orders of this form.")
@click.option(
    "--state", type=click.Choice(STATES), default="open", show_default=True, help="Only in it."
)
@click.option(
    "--most", type=click.IntRange(1, MOST), default=100, show_default=True, help="Orders to list."
)
@frame.data_dir
@frame.as_json
def list_(*, due: bool, form: str, state: str, most: int, data_dir: Path, as_json: bool) -> None:
    """List orders, the one due first on top; those without a clock of law after them."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.orders import listing
    from vigie.law import orders as forms

    if form and form not in forms.load():
        raise NotFoundError(
            f"There is no form {form}.",
            code="no_form",
            field="--form",
            fix=f"Choose from: {', '.join(one.id for one in forms.received_here())}.",
        )
    now = house.now()
    found = listing.orders(
        form=form,
        state="" if state == "all" else state,
        due=now + listing.SOON_MS if due else None,
    )
    shown = found.select_related("authority", "owner").prefetch_related("clocks")[:most]
    rows = [_row(one, now) for one in shown]
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


@click.command("show", epilog=frame.example("vigie order show 12"))
@click.argument("number", type=click.IntRange(min=1), metavar="NUMBER")
@frame.data_dir
@frame.as_json
def show(*, number: int, data_dir: Path, as_json: bool) -> None:
    """Show one order with its clocks, letters and silences; no word of it, no account."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.store.models import Order

    order = Order.objects.select_related("authority", "owner").filter(pk=number).first()
    if order is None:
        raise NotFoundError(
            f"There is no order {number}.", code="no_order", field="NUMBER", fix="vigie order list"
        )
    now = house.now()
    found = {**_row(order, now), **_parts(order, now)}
    frame.show(found, as_json=as_json, text=lambda: _shown(found))


def _row(order: Order, now: int) -> dict[str, Any]:
    from vigie.core.clock import iso
    from vigie.flow.orders import answering
    from vigie.flow.orders.listing import next_clock

    clock = next_clock(order)
    return {
        "order": f"O-{order.number}",
        "number": order.number,
        "form": order.form,
        "state": order.state,
        "outcome": answering.outcome_of(order),
        "from": order.authority.name if order.authority is not None else order.sender,
        "country": order.country,
        "received": iso(order.received_at),
        "due": iso(clock.due_at) if clock is not None else None,
        "left": _left(clock, now) if clock is not None else "",
        "duty": clock.duty if clock is not None else "",
        "proof": order.proof,
        "missing": list(order.missing),
        "silent": order.silent,
        "owner": order.owner.username if order.owner is not None else "",
    }


def _left(clock: DutyClock, now: int) -> str:
    """Write the time that is left: days, hours and minutes, never seconds."""
    if clock.state == "paused":
        return "stopped"
    minutes = abs(clock.due_at - now) // 60_000
    days, rest = divmod(minutes, 1_440)
    words = f"{days} d {rest // 60} h" if days else f"{rest // 60} h {rest % 60:02d} min"
    return f"{words} over" if clock.due_at < now else words


def _parts(order: Order, now: int) -> dict[str, Any]:
    from vigie.core.clock import iso

    def at(ms: int | None) -> str | None:
        return iso(ms) if ms is not None else None

    return {
        "clocks": [
            {
                "duty": one.duty,
                "state": one.state,
                "due": iso(one.due_at),
                "latest": at(one.latest_at),
                "left": _left(one, now) if one.state in {"running", "missed", "paused"} else "",
                "stopped_by": one.pause_basis,
            }
            for one in order.clocks.order_by("due_at", "pk")
        ],
        "letters": [
            {"kind": one.kind, "state": one.state, "at": iso(one.at), "sent": at(one.sent_at)}
            for one in order.letters.order_by("at", "pk")
        ],
        "silences": [
            {"begins": iso(one.begins_at), "ends": iso(one.ends_at), "ended": at(one.ended_at)}
            for one in order.silences.order_by("pk")
        ],
        "locations": order.locations.count(),
        "data_categories": order.data.count(),
    }


def _listed(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    head = ("order", "form", "state", "due", "left", "from")
    yield from frame.table(head, [[row[name] or "" for name in head] for row in rows])
    yield frame.counted(len(rows), "order")


def _shown(found: dict[str, Any]) -> Iterable[str]:
    lists = ("clocks", "letters", "silences")
    facts = {key: value for key, value in found.items() if key not in lists}
    facts["missing"] = ", ".join(found["missing"])
    yield from frame.pairs({key: "" if value is None else value for key, value in facts.items()})
    for name in lists:
        rows = found[name]
        if rows:
            head = tuple(rows[0])
            yield ""
            yield f"{name}:"
            yield from frame.table(head, [[row[one] or "" for one in head] for row in rows])
