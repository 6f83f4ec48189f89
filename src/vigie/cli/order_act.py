# SPDX-License-Identifier: Apache-2.0
"""`vigie order execute|refuse|impossible|letter`: answers from the operator's own machine.

Whoever may use this command line may name the people who answer for it: the same
checks hold as in the console, and both stand on the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from vigie.cli import frame
from vigie.core.errors import NotFoundError

if TYPE_CHECKING:
    from vigie.store.models import Order, OrderLetter, User

F = TypeVar("F", bound=Callable[..., Any])
NOTE = "command line"


def _by(command: F) -> F:
    return click.option(
        "--by", required=True, metavar="NAME", help="Account of the person who answers."
    )(command)


@click.command(
    "execute",
    epilog=frame.example(
        "vigie order execute 12 --by l.moreau --second c.vidal",
        "vigie order execute 12 --by l.moreau --second c.vidal --copies --json",
    ),
)
@click.argument("number", type=int)
@_by
@click.option("--second", default="", metavar="NAME", help="Account of the person who agreed.")
@click.option("--copies", is_flag=True, help="Act on identical copies too.")
@click.option("--only-in", "places", multiple=True, metavar="CC", help="Fewer countries.")
@click.option("--leave-out", "left", multiple=True, type=int, help="Position of an address.")
@click.option("--narrowed", default="", help="Why in part only; the authority reads it.")
@click.option("--unpreserved", default="", help="Why, although nothing could be sealed.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@frame.data_dir
@frame.as_json
def execute(
    *,
    number: int,
    by: str,
    second: str,
    copies: bool,
    places: tuple[str, ...],
    left: tuple[int, ...],
    narrowed: str,
    unpreserved: str,
    dry_run: bool,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Carry out a removal order whose sender is proven; told to the authority once confirmed."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.orders import execute as verbs

    order, known = _order(number), verbs.plan(_order(number))
    if dry_run:
        shown = _plan(known)
        frame.show(shown, as_json=as_json, text=lambda: _planned(shown))
        return
    how = verbs.Carrying(
        copies=frozenset(one.key for one in known.copies) if copies else frozenset(),
        left_out=frozenset(left),
        territories=places,
        narrowed=narrowed,
        unpreserved=unpreserved,
        note=NOTE,
    )
    agreed = _person(second) if second else None
    done = verbs.execute(house, _person(by), order, agreed, how)
    frame.show(_state(done), as_json=as_json, text=lambda: _told(done))


@click.command("refuse", epilog=frame.example('vigie order refuse 12 --by l.moreau --reason "…"'))
@click.argument("number", type=int)
@_by
@click.option("--reason", required=True, help="The authority reads it.")
@frame.data_dir
@frame.as_json
def refuse(*, number: int, by: str, reason: str, data_dir: Path, as_json: bool) -> None:
    """Refuse an order with a letter that confirms nothing."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.orders import execute as verbs

    made = verbs.refuse(house, _person(by), _order(number), reason)
    frame.show(_letter(made), as_json=as_json, text=lambda: _written(made))


@click.command(
    "impossible",
    epilog=frame.example(
        'vigie order impossible 12 --by l.moreau --ground force_majeure --reason "…"'
    ),
)
@click.argument("number", type=int)
@_by
@click.option(
    "--ground",
    required=True,
    type=click.Choice(["force_majeure", "manifest_errors", "insufficient_information"]),
    help="As Annex III names it.",
)
@click.option("--reason", required=True, help="The authority reads it.")
@frame.data_dir
@frame.as_json
def impossible(
    *, number: int, by: str, ground: str, reason: str, data_dir: Path, as_json: bool
) -> None:
    """Say why an order cannot be carried out for now; clocks stop when the letter has left."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.orders import execute as verbs

    order = _order(number)
    made = verbs.impossible(house, _person(by), order, ground, reason, missing=tuple(order.missing))
    frame.show(_letter(made), as_json=as_json, text=lambda: _written(made))


@click.command(
    "letter",
    epilog=frame.example(
        "vigie order letter 12",
        "vigie order letter 12 --letter 3 --out annex-iii.pdf",
        'vigie order letter 12 --letter 3 --handed "e-Evidence, message 4711" --by l.moreau',
    ),
)
@click.argument("number", type=int)
@click.option("--letter", "key", type=int, default=0, help="Which one; without it, all are listed.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it: .pdf or .json."
)
@click.option("--handed", default="", help="Note how it was handed over; needs --by.")
@click.option("--by", default="", metavar="NAME", help="Account of the person who did.")
@frame.data_dir
@frame.as_json
def letter(
    *,
    number: int,
    key: int,
    out: Path | None,
    handed: str,
    by: str,
    data_dir: Path,
    as_json: bool,
) -> None:
    """List the letters of an order, write one to a file, note how one was handed over."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.orders import letters

    order = _order(number)
    rows = list(order.letters.order_by("pk"))
    if not key:
        shown = [_letter(one) for one in rows]
        frame.show(shown, as_json=as_json, text=lambda: _listed(shown))
        return
    row = next((one for one in rows if one.pk == key), None)
    if row is None:
        raise NotFoundError("There is no such letter.", code="no_letter", field="--letter")
    if out is not None:
        _write(row, out)
    if handed:
        row = letters.sent_by_hand(house, _person(by), row, handed)
    found = row
    data = letters.data_of(found) | _letter(found)
    frame.show(data, as_json=as_json, text=lambda: _written(found))


def _write(row: OrderLetter, out: Path) -> None:
    import json

    from vigie.flow.orders import letters

    if out.suffix == ".json":
        out.write_text(json.dumps(letters.data_of(row), ensure_ascii=False, indent=1), "utf-8")
    else:
        out.write_bytes(letters.pdf(row))


def _order(number: int) -> Order:
    from vigie.store.models import Order

    row = Order.objects.select_related("authority").filter(pk=number).first()
    if row is None:
        raise NotFoundError(f"There is no order O-{number}.", code="no_order")
    return row


def _person(name: str) -> User:
    from vigie.store.models import User

    row = User.objects.filter(username=name, is_active=True).first()
    if row is None:
        raise NotFoundError(f"There is no account {name!r}.", code="no_account", field="--by")
    return row


def _plan(known: Any) -> dict[str, Any]:
    return {
        "form": known.form.id,
        "territories": list(known.territories),
        "addresses": [one.location.url or one.place.item_id for one in known.acts_on],
        "copies": [one.key for one in known.copies],
        "second_person": known.second,
        "unproven": known.unproven or None,
    }


def _planned(shown: dict[str, Any]) -> Iterable[str]:
    yield f"Would disable access in {', '.join(shown['territories']) or 'no country'}:"
    yield from (f"  {one}" for one in shown["addresses"])
    yield from (f"  identical copy: {one}" for one in shown["copies"])
    if shown["second_person"]:
        yield "A second person must agree."
    if shown["unproven"]:
        yield f"Nothing may be done yet: {shown['unproven']}"


def _state(order: Order) -> dict[str, Any]:
    from vigie.core.clock import iso

    decided = order.locations.filter(decision__isnull=False).order_by("position")
    return {
        "order": f"O-{order.number}",
        "state": order.state,
        "outcome": order.outcome,
        "executed_at": iso(order.executed_at) if order.executed_at else None,
        "decisions": [one.decision_id for one in decided],
    }


def _told(order: Order) -> Iterable[str]:
    count = order.locations.filter(decision__isnull=False).count()
    yield f"O-{order.number} was carried out on {count} addresses; nothing is confirmed yet."


def _letter(row: OrderLetter) -> dict[str, Any]:
    from vigie.core.clock import iso

    return {
        "letter": row.pk,
        "kind": row.kind,
        "language": row.language,
        "state": row.state,
        "written_at": iso(row.at),
        "sent_at": iso(row.sent_at) if row.sent_at else None,
        "pdf_sha256": row.pdf_sha256,
    }


def _written(row: OrderLetter) -> Iterable[str]:
    yield f"Letter {row.pk}, {row.kind}, {row.language}: {row.state}."


def _listed(rows: list[dict[str, Any]]) -> Iterable[str]:
    names = ("letter", "kind", "language", "state", "written_at", "sent_at")
    yield from frame.table(names, [tuple(row[name] or "" for name in names) for row in rows])
