# SPDX-License-Identifier: Apache-2.0
"""`vigie evidence package|proof|list|handed`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame
from vigie.cli.vault_records import as_person, proven
from vigie.core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from vigie.evidence.outgoing import Recipient
    from vigie.flow.house import House
    from vigie.flow.packages import Made
    from vigie.store.models import EvidencePackage, Order, SearchDay

Note = Callable[[str, int, int], None]
_WORDS = {"reading": "Opening what is sealed", "writing": "Encrypting"}
_out = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; must not exist."
)


@click.group(
    "evidence",
    cls=frame.Group,
    epilog=frame.example("vigie evidence package O-17 --to prosecutor.pub --as l.anders"),
)
def command() -> None:
    """Hand over evidence that an outsider can verify; prove how duties were met.

    A package holds what the order's granted scope names and nothing else. It is
    encrypted to its recipient; the log knows of it before it leaves.
    """


@command.command(
    "package",
    epilog=frame.example(
        "vigie evidence package O-17 --to prosecutor.pub --as l.anders",
        "vigie evidence package --search 3 --to court.pub --as l.anders --out search.zip.age",
    ),
)
@click.argument("order", required=False)
@click.option("--search", type=int, help="Number of a search day, instead of an order.")
@click.option(
    "--to",
    "to",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Public key of the recipient: age1... or ssh-ed25519.",
)
@_out
@as_person
@frame.data_dir
@frame.as_json
def package(
    *,
    order: str | None,
    search: int | None,
    to: Path,
    out: Path | None,
    name: str,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Make the package of ORDER (such as O-17) or of a search; asks for the password.

    Interrupted, it leaves no file; run it again. What was opened for it stands in
    the log either way.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow import packages

    if (order is None) == (search is None):
        raise click.UsageError("Name an order or --search.")
    recipient = packages.read_recipient(_text(to))
    found = _order(order) if order is not None else None
    day = _search(search) if search is not None else None
    user = proven(name)
    label = f"o{found.number}" if found else f"s{search}"
    target = out or Path(f"vigie-{label}-{_today(house)}.zip.age")
    with _progress(quiet=as_json) as note:
        made = packages.build(
            house, user=user, recipient=recipient, out=target, order=found, search=day, note=note
        )
    _show(made, as_json=as_json)


@command.command(
    "proof",
    epilog=frame.example(
        "vigie evidence proof --from 2026-10-01 --until 2026-11-01 --as l.anders --out october.zip"
    ),
)
@click.option("--from", "since", required=True, help="First day (UTC), such as 2026-10-01.")
@click.option("--until", required=True, help="Day after the last one (UTC).")
@click.option(
    "--to",
    "to",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Encrypt to this public key; without it the proof is a plain ZIP.",
)
@_out
@as_person
@frame.data_dir
@frame.as_json
def proof(
    *,
    since: str,
    until: str,
    to: Path | None,
    out: Path | None,
    name: str,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Prove how notices, complaints and notifications of a period were handled.

    Every one with receipt time, decision time and outcome, and the log entries
    behind them. It shows that what was recorded stands unchanged and in order; that
    everything was recorded is what receipts are for.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow import packages

    days = _day(since, "--from"), _day(until, "--until")
    recipient: Recipient | None = packages.read_recipient(_text(to)) if to else None
    user = proven(name)
    end = ".zip.age" if recipient else ".zip"
    target = out or Path(f"vigie-proof-{since}-{until}{end}")
    with _progress(quiet=as_json) as note:
        made = packages.build_proof(
            house,
            user=user,
            since=days[0],
            until=days[1],
            out=target,
            recipient=recipient,
            note=note,
        )
    _show(made, as_json=as_json)


@command.command("list", epilog=frame.example("vigie evidence list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """List the packages that were made, the newest first."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.store.models import EvidencePackage

    rows = [_row(one) for one in EvidencePackage.objects.order_by("-at", "-package_id")]
    frame.show(rows, as_json=as_json, text=lambda: _table(rows))


@command.command(
    "handed",
    epilog=frame.example(
        'vigie evidence handed vp-o17-5f2c9d01 --as l.anders --note "by courier to room 12"'
    ),
)
@click.argument("package_id", metavar="PACKAGE")
@click.option("--note", required=True, help="How and to whom.")
@as_person
@frame.data_dir
@frame.as_json
def handed(*, package_id: str, note: str, name: str, data_dir: Path, as_json: bool) -> None:
    """Note how a package reached its recipient.

    That answers its order: the letter is written, the clock met, the order closed.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.packages.handed import hand_over

    made = hand_over(house, proven(name), package_id, note)
    row = _row(made)
    frame.show(row, as_json=as_json, text=lambda: _handed(made))


def _handed(made: EvidencePackage) -> Iterable[str]:
    yield f"{made.package_id}: noted."
    if made.order_id is not None:
        from vigie.store.models import Order

        found = Order.objects.get(pk=made.order_id)
        yield f"O-{found.number}: {found.state}{f', {found.outcome}' if found.outcome else ''}."


def _order(text: str) -> Order:
    from vigie.store.models import Order

    found = re.fullmatch(r"[Oo]-?(\d{1,18})|(\d{1,18})", text)
    number = int(found[1] or found[2]) if found else -1
    row = Order.objects.filter(pk=number).first()
    if row is None:
        raise NotFoundError(f"There is no order {text}.", code="no_order", field="ORDER")
    return row


def _search(number: int) -> SearchDay:
    from vigie.store.models import SearchDay

    row = SearchDay.objects.filter(pk=number).first()
    if row is None:
        raise NotFoundError(f"There is no search {number}.", code="no_search", field="--search")
    return row


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        raise InvalidInputError(
            f"{path} cannot be read as a public key.", code="recipient", field="--to"
        ) from None


def _today(house: House) -> str:
    from vigie.core.clock import iso

    return iso(house.now())[:10]


def _day(text: str, field: str) -> int:
    """Return the beginning of a day in milliseconds. Raises InvalidInputError."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(
            f"{text} is no day.", code="bad_day", field=field, fix="Write it like 2026-10-01."
        ) from None
    start = dt.datetime.combine(day, dt.time(), dt.UTC)
    return int(start.timestamp()) * 1000


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Note]:
    """Show each kind of work by a bar of its own."""
    from vigie.cli.progress import Progress

    bars: dict[str, tuple[Progress, int]] = {}

    def note(what: str, done: int, of: int) -> None:
        if what not in bars:
            bars[what] = (Progress(_WORDS.get(what, what), of, quiet=quiet), 0)
        bar, before = bars[what]
        bar.add(done - before, 1)
        bars[what] = (bar, done)

    try:
        yield note
    finally:
        for bar, _ in bars.values():
            bar.__exit__(None, None, None)


def _show(made: Made, *, as_json: bool) -> None:
    shown = {**_row(made.row), "file": str(made.file), "missing": list(made.missing)}
    frame.show(shown, as_json=as_json, text=lambda: _lines(made))


def _lines(made: Made) -> Iterable[str]:
    row = made.row
    records = frame.counted(row.records, "record")
    yield f"{made.file} is written: {row.package_id}, {records}, checked as an outsider would."
    yield f"Give the recipient this digest by another way: sha512 {row.tagmanifest_sha512}"
    for one in made.missing:
        yield f"Missing: {one}"


def _row(row: EvidencePackage) -> dict[str, Any]:
    from vigie.core.clock import iso

    return {
        "package": row.package_id,
        "order": f"O-{row.order_id}" if row.order_id else None,
        "search": row.search,
        "records": row.records,
        "bytes": row.size,
        "tagmanifest_sha512": row.tagmanifest_sha512,
        "recipient": row.recipient,
        "made_by": row.made_by,
        "made_at": iso(row.at),
        "handed_at": iso(row.handed_at) if row.handed_at else None,
        "handed_note": row.handed_note,
    }


def _table(rows: list[dict[str, Any]]) -> Iterable[str]:
    if not rows:
        yield "No package was made yet."
        return
    head = ("package", "about", "records", "made", "by", "handed over")
    yield from frame.table(
        head,
        [
            (
                one["package"],
                one["order"] or (f"S-{one['search']}" if one["search"] else "proof"),
                one["records"],
                one["made_at"][:16],
                one["made_by"],
                (one["handed_at"] or "no")[:16],
            )
            for one in rows
        ],
    )
