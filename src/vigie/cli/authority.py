# SPDX-License-Identifier: Apache-2.0
"""`vigie authority list|show|add|contact|import`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from vigie.cli import frame

if TYPE_CHECKING:
    from vigie.store.models import Authority

COLUMNS: Final = ("name", "country", "kind", "contact", "value", "source", "declared")
"""Head of a file for `vigie authority import`; a line without a contact is the authority alone."""
BY: Final = "command line"
KINDS: Final = click.Choice(
    ["court", "prosecutor", "police", "regulator", "data_protection", "referral_unit", "other"]
)
CONTACTS: Final = click.Choice(["phone", "mail", "post", "certificate", "eevidence"])


@click.group(
    "authority", cls=frame.Group, epilog=frame.example("vigie authority list --country DE")
)
def command() -> None:
    """Keep the sender directory: authorities, and the contacts by which they are known.

    A contact proves something once a second person has found it in its public source;
    that is done in the console, by somebody who did not enter it.
    """


@command.command("list", epilog=frame.example("vigie authority list --country DE --json"))
@click.option("--country", default="", help="Two letters; EU for a body of the Union.")
@click.option("--name", "words", default="", help="Part of the name.")
@click.option("--all", "closed", is_flag=True, help="Closed entries, too.")
@frame.data_dir
@frame.as_json
def list_(*, country: str, words: str, closed: bool, data_dir: Path, as_json: bool) -> None:
    """List authorities with the number of contacts that hold."""
    from vigie.cli.context import open_house

    now = open_house(data_dir).now()
    from vigie.flow.orders import authorities

    rows = [_row(one, now) for one in authorities.listed(words, country, closed=closed)]
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


@command.command("show", epilog=frame.example("vigie authority show 3 --json"))
@click.argument("number", type=int)
@frame.data_dir
@frame.as_json
def show(*, number: int, data_dir: Path, as_json: bool) -> None:
    """Show an authority with its contacts and their sources."""
    from vigie.cli.context import open_house

    now = open_house(data_dir).now()
    from vigie.core.clock import iso
    from vigie.flow.orders import authorities

    found = authorities.entry(number)
    contacts = [
        {
            "id": one.pk,
            "kind": one.kind,
            "value": one.value,
            "source": one.source,
            "declared": one.declared,
            "entered_at": iso(one.entered_at),
            "checked_at": iso(one.checked_at) if one.checked_at else None,
            "holds": authorities.stands(one, now),
            "seen_in": [f"O-{order}" for order in one.seen_in],
        }
        for one in found.contacts.select_related("authority").order_by("pk")
    ]
    said = _row(found, now) | {"note": found.note, "contact_list": contacts}
    frame.show(said, as_json=as_json, text=lambda: _shown(said, contacts))


@command.command(
    "add", epilog=frame.example('vigie authority add "Example Court" --country DE --kind court')
)
@click.argument("name")
@click.option("--country", required=True, help="Two letters; EU for a body of the Union.")
@click.option("--kind", type=KINDS, required=True, help="What it is.")
@click.option("--note", default="", help="For the people of the desk.")
@frame.data_dir
@frame.as_json
def add(*, name: str, country: str, kind: str, note: str, data_dir: Path, as_json: bool) -> None:
    """Enter an authority; without contacts it proves nothing."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.orders import authorities

    form = authorities.AuthorityForm(name=name, country=country, kind=kind, note=note)
    made = _row(authorities.add(house, BY, form), house.now())
    frame.show(made, as_json=as_json, text=lambda: [f"Entered as number {made['id']}."])


@command.command(
    "contact",
    epilog=frame.example(
        "vigie authority contact 3 phone '+49 30 123456' "
        "--source https://court.example/contact --by c.vidal"
    ),
)
@click.argument("number", type=int)
@click.argument("kind", type=CONTACTS)
@click.argument("value")
@click.option("--source", required=True, help="Public source in which anybody can find it.")
@click.option("--declared", is_flag=True, help="Declared for removal orders by its Member State.")
@click.option("--by", required=True, help="Account that enters it, and so cannot check it.")
@frame.data_dir
@frame.as_json
def contact(
    *,
    number: int,
    kind: str,
    value: str,
    source: str,
    declared: bool,
    by: str,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Enter a contact; it waits for a second person. VALUE may be a file of a certificate."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow import accounts
    from vigie.flow.orders import authorities

    form = authorities.ContactForm(
        kind=kind, value=_value(kind, value), source=source, declared=declared
    )
    row = authorities.add_contact(house, accounts.by_name(by), authorities.entry(number), form)
    made = {"id": row.pk, "authority": number, "kind": row.kind, "value": row.value,
            "seen_in": [f"O-{order}" for order in row.seen_in]}  # fmt: skip
    frame.show(made, as_json=as_json, text=lambda: _entered(made))


@command.command("import", epilog=frame.example("vigie authority import list.csv --by c.vidal"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", required=True, help="Account that enters them, and so cannot check them.")
@frame.data_dir
@frame.as_json
def import_(*, file: Path, by: str, data_dir: Path, as_json: bool) -> None:
    """Take over a directory from CSV: all of it, or nothing and the line that is wrong.

    Head: name,country,kind,contact,value,source,declared. What stands there already
    is left as it is; nothing is marked as checked.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow import accounts
    from vigie.flow.orders import authorities_import

    made = authorities_import.take(house, accounts.by_name(by), file.read_bytes())
    said = {"authorities": made.authorities, "contacts": made.contacts, "there": made.there}
    frame.show(said, as_json=as_json, text=lambda: frame.pairs(said))


def _value(kind: str, value: str) -> str:
    """Return the digest of a certificate that is given as a file; anything else as it is."""
    from vigie.core.errors import InvalidInputError
    from vigie.flow.orders import signatures

    if kind != "certificate" or not Path(value).is_file():
        return value
    try:
        return signatures.fingerprint(Path(value).read_bytes())
    except ValueError as problem:
        raise InvalidInputError("This file holds no certificate.", field="value") from problem


def _row(one: Authority, now: int) -> dict[str, Any]:
    from vigie.flow.orders import authorities

    standing = one.contacts.filter(withdrawn_at=None).select_related("authority")
    held = [authorities.stands(each, now) for each in standing]
    return {
        "id": one.pk,
        "name": one.name,
        "country": one.country,
        "kind": one.kind,
        "contacts": len(held),
        "hold": sum(held),
        "closed": one.closed_at is not None,
    }


def _listed(rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    if not rows:
        yield "The directory is empty: no order can be proven."
        return
    head = ("id", "name", "country", "kind", "contacts", "hold", "closed")
    yield from frame.table(
        head, [[("yes" if row[key] is True else row[key]) or "—" for key in head] for row in rows]
    )


def _shown(said: Mapping[str, Any], contacts: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    yield from frame.pairs({key: said[key] for key in said if key != "contact_list"})
    head = ("id", "kind", "value", "source", "checked_at", "holds")
    yield from frame.table(head, [[row[key] or "no" for key in head] for row in contacts])


def _entered(made: Mapping[str, Any]) -> Iterable[str]:
    yield f"Entered as contact {made['id']}; it waits for a second person (console, Authorities)."
    if made["seen_in"]:
        orders = ", ".join(made["seen_in"])
        yield f"It stood in {orders} before: it proves nothing unless those are proven otherwise."
