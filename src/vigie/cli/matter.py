# SPDX-License-Identifier: Apache-2.0
"""`vigie matter list|show|export|key|note`."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from vigie.cli import frame
from vigie.core.errors import NotFoundError

if TYPE_CHECKING:
    from vigie.store.models import Matter

BY: Final = "command line"


@click.group("matter", cls=frame.Group, epilog=frame.example("vigie matter list"))
def command() -> None:
    """Show and export matter files of proceedings; make the key of privileged notes."""


@command.command("list", epilog=frame.example("vigie matter list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """List the matter files; of privileged notes only how many there are."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.core.clock import iso
    from vigie.store.models import Matter

    rows = [
        {
            "matter": f"M-{one.number}",
            "title": one.title,
            "reference": one.reference,
            "opened_at": iso(one.opened_at),
            "closed_at": iso(one.closed_at) if one.closed_at else "",
            "privileged_notes": one.privileged.count(),
        }
        for one in Matter.objects.order_by("-number")
    ]
    frame.show(rows, as_json=as_json, text=lambda: _list(rows))


def _list(rows: list[dict[str, Any]]) -> Iterable[str]:
    if not rows:
        return ["There is no matter file yet."]
    names = ("matter", "title", "reference", "opened_at", "closed_at", "privileged_notes")
    return frame.table(
        [name.replace("_", " ") for name in names],
        [[row[name] or "-" for name in names] for row in rows],
    )


@command.command("show", epilog=frame.example("vigie matter show M-1"))
@click.argument("number", metavar="MATTER")
@frame.data_dir
@frame.as_json
def show(*, number: str, data_dir: Path, as_json: bool) -> None:
    """Print a matter file; privileged notes stay shut."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.flow.matters.export import as_json as whole

    shown = whole(_found(number))
    frame.show(shown, as_json=as_json, text=lambda: _whole(shown))


def _found(number: str) -> Matter:
    from vigie.store.models import Matter

    digits = number.strip().upper().removeprefix("M-")
    numeric = digits.isascii() and digits.isdigit() and len(digits) < 16
    found = Matter.objects.select_related("authority").filter(pk=int(digits) if numeric else 0)
    if not found:
        raise NotFoundError(
            f"There is no matter {number}.", code="no_matter", fix="See `vigie matter list`."
        )
    return found[0]


def _whole(shown: dict[str, Any]) -> Iterable[str]:
    names = ("matter", "title", "authority", "reference", "opened_at", "closed_at")
    yield from frame.pairs({name: shown[name] or "-" for name in names})
    yield f"privileged notes: {shown['privileged_notes']}"
    for one in shown["entries"]:
        struck = " (struck)" if one["struck_at"] else ""
        yield f"\n{one['kind']}: {one['title']}{struck} {one['happens_at'] or ''}".rstrip()
        yield from (f"  {line}" for line in one["text"].splitlines())
    for one in shown["texts"]:
        state = "approved" if one["approved_at"] else "draft"
        given = f", given {one['given_at']}" if one["given_at"] else ""
        yield f"\n{one['kind']} {one['language']} v{one['version']}, {state}{given}"
        yield from (f"  {line}" for line in one["text"].splitlines())
    for one in shown["documents"]:
        yield f"\ndocument: {one['name']}, {one['size']:,} bytes, sha256 {one['sha256']}"
    for one in shown["links"]:
        yield f"{one['kind']}: {one['target']}"


@command.command("export", epilog=frame.example("vigie matter export M-1 --out m-1.json"))
@click.argument("number", metavar="MATTER")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file, not shown."
)
@frame.data_dir
@frame.as_json
def export(*, number: str, out: Path | None, data_dir: Path, as_json: bool) -> None:
    """Write a matter file as JSON, recorded in the log, without privileged notes.

    It says how many notes there are. Documents stand by name and hash.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.matters.export import export_matter

    text = frame.to_json(export_matter(house, _found(number), BY)) + "\n"
    if out is None:
        sys.stdout.write(text)
        return
    out.write_text(text, encoding="utf-8")
    told = {"written": str(out)}
    frame.show(told, as_json=as_json, text=lambda: [f"{out} is written."])


@command.group("key", cls=frame.Group, epilog=frame.example("vigie matter key show"))
def key() -> None:
    """Make, name and show the key to which privileged notes are encrypted."""


@key.command(
    "create", epilog=frame.example("vigie matter key create --out /media/counsel/legal.key")
)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the private half: counsel's own, never within the data folder.",
)
@frame.data_dir
@frame.as_json
def create(*, out: Path, data_dir: Path, as_json: bool) -> None:
    """Make the key pair; only its public half stays on the server.

    Whoever loses the private half loses the notes. Keep two copies of it.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.matters.privileged import create_key

    _key(create_key(house, out), as_json=as_json)


@key.command("set", epilog=frame.example("vigie matter key set age1..."))
@click.argument("recipient")
@frame.data_dir
@frame.as_json
def set_(*, recipient: str, data_dir: Path, as_json: bool) -> None:
    """Name a public key that counsel made with `age-keygen`."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.matters.privileged import set_recipient

    _key(set_recipient(house, recipient), as_json=as_json)


@key.command("show", epilog=frame.example("vigie matter key show"))
@frame.data_dir
@frame.as_json
def show_key(*, data_dir: Path, as_json: bool) -> None:
    """Print the public key that notes are encrypted to."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.matters.privileged import recipient

    _key(recipient(house), as_json=as_json)


def _key(recipient: str, *, as_json: bool) -> None:
    frame.show({"recipient": recipient}, as_json=as_json, text=lambda: [recipient])


@command.command("note", epilog=frame.example("vigie matter note 3 > note-3.age"))
@click.argument("note", type=int)
@frame.data_dir
@frame.as_json
def note_(*, note: int, data_dir: Path, as_json: bool) -> None:
    """Write a privileged note as it is kept: an age file, which only counsel's key opens.

    Read it where the key is: `age --decrypt -i legal.key note-3.age`.
    """
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.store.models import PrivilegedNote

    row = PrivilegedNote.objects.filter(pk=note).first()
    if row is None:
        raise NotFoundError("There is no such note.", code="no_note")
    if as_json:
        sealed = base64.b64encode(bytes(row.ciphertext)).decode("ascii")
        frame.show({"note": row.pk, "age": sealed}, as_json=True, text=list)
        return
    sys.stdout.buffer.write(bytes(row.ciphertext))
