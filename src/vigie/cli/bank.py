# SPDX-License-Identifier: Apache-2.0
"""`vigie bank create|import|match|list`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame
from vigie.cli.failures import FAILED, Done
from vigie.core.errors import InvalidInputError

if TYPE_CHECKING:
    from vigie.core.item import MediaFacts
    from vigie.screening.matching.index import HashIndex

CLASSES = ("child", "terrorist", "intimate", "terms")
KINDS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".txt": "hex", ".hex": "hex"}
SHOWN = 20
BY = "command line"


@click.group(
    "bank", cls=frame.Group, epilog=frame.example("vigie bank import partner-list hashes.csv")
)
def command() -> None:
    """Create, fill, match and list banks of known content.

    An entry is somebody's opinion with an owner. Hashes are never printed: some
    lists are confidential.
    """


@command.command(
    "create",
    epilog=frame.example("vigie bank create partner-list --class child --owner partner.example"),
)
@click.argument("name")
@click.option("--class", "cls", type=click.Choice(CLASSES), required=True, help="What it lists.")
@click.option("--owner", required=True, help="Who answers for its entries.")
@click.option("--description", default="", help="What the list is.")
@frame.data_dir
@frame.as_json
def create(
    *, name: str, cls: str, owner: str, description: str, data_dir: Path, as_json: bool
) -> None:
    """Create an empty bank."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.banks import create_bank

    bank = create_bank(house, name, cls, owner, description, BY)
    shown = {"id": bank.pk, "name": bank.name, "class": bank.cls, "owner": bank.owner}
    frame.show(shown, as_json=as_json, text=lambda: [f"Bank {name} is created."])


@command.command(
    "import",
    epilog=frame.example(
        "vigie bank import partner-list hashes.csv",
        "vigie bank import partner-list sha256.txt --algorithm sha256",
    ),
)
@click.argument("bank")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--algorithm", help="sha256, md5 or pdq, where the lines do not say.")
@click.option("--kind", type=click.Choice(sorted(set(KINDS.values()))), help="How it is written.")
@frame.data_dir
@frame.as_json
def import_(
    *,
    bank: str,
    file: Path,
    algorithm: str | None,
    kind: str | None,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Import the hashes of a file into a bank.

    CSV with a heading, JSON lines, or one hash a line. Lines that do not fit
    are reported with their numbers; the rest is imported; exit code 1 if any.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.cli.publishing import refresh
    from vigie.flow.banks import import_entries
    from vigie.screening.matching.bank import FileKind, read_entries

    chosen = FileKind(kind or KINDS.get(file.suffix.lower(), "hex"))
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        done = import_entries(house, bank, read_entries(lines, chosen, algorithm), BY)
    refresh(house)
    failed = [problem._asdict() for problem in done.problems]
    shown = {"bank": bank, "added": done.taken, "known": done.known, "failed": failed}
    frame.show(shown, as_json=as_json, text=lambda: _imported(shown))
    if failed:
        raise Done(FAILED)


def _imported(shown: dict[str, Any]) -> Iterable[str]:
    counts = f"{shown['added']:,} added, {shown['known']:,} were known"
    yield f"{counts}, {len(shown['failed']):,} failed"
    for problem in shown["failed"][:SHOWN]:
        yield f"line {problem['line']}: {problem['message']} ({problem['code']})"
    if len(shown["failed"]) > SHOWN:
        yield f"... and {len(shown['failed']) - SHOWN:,} more"


@command.command(
    "match", epilog=frame.example("vigie bank match picture.jpg", "vigie bank match --json *.png")
)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@frame.data_dir
@frame.as_json
def match(*, files: tuple[Path, ...], data_dir: Path, as_json: bool) -> None:
    """Say which banks list these pictures or files. Nothing is recorded or kept."""
    rows = _match(files, data_dir)
    frame.show(rows, as_json=as_json, text=lambda: _matched(rows))


def _match(files: Sequence[Path], folder: Path) -> list[dict[str, Any]]:
    from vigie.screening.media.pool import DecoderPool

    index = _index(frame.settings(folder).snapshots_dir)
    with DecoderPool(workers=1) as pool:
        return [_one(path, pool.submit(path.read_bytes()).result(), index) for path in files]


def _index(snapshots: Path) -> HashIndex:
    """Open the index of the Snapshot in force, newest entries included."""
    import msgspec

    from vigie.screening.matching.base import IndexRow
    from vigie.screening.matching.index import HashIndex
    from vigie.screening.snapshot_files import INDEX, current_number, read_manifest, read_parts

    manifest = read_manifest(snapshots, current_number(snapshots))
    if INDEX not in manifest.parts:
        raise InvalidInputError(
            "No bank is in force.", code="no_bank", fix="Import one: vigie bank import."
        )
    tail = read_parts(snapshots, manifest).get("index_tail", b"[]")
    rows = msgspec.json.decode(tail, type=list[IndexRow])
    return HashIndex.open(snapshots / "parts" / manifest.parts[INDEX]).with_tail(rows)


def _one(path: Path, facts: MediaFacts, index: HashIndex) -> dict[str, Any]:
    digests = [
        (name, bytes.fromhex(value))
        for name, value in (("sha256", facts.sha256), ("md5", facts.md5))
        if value
    ]
    answers = index.lookup(digests)
    if facts.pdq:
        answers += index.query([bytes.fromhex(facts.pdq)])
    found: dict[str, int] = {}
    for answer in answers:
        for ref, distance in answer.nearest.items():
            found[ref.bank] = min(distance, found.get(ref.bank, distance))
    return {"file": str(path), "status": facts.status, "problem": facts.problem, "banks": found}


def _matched(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    for row in rows:
        names = ", ".join(
            f"{bank} ({'exact' if not distance else f'{distance} bits away'})"
            for bank, distance in row["banks"].items()
        )
        note = f" [{row['problem']}]" if row["problem"] else ""
        yield f"{row['file']}: {names or 'in no bank'}{note}"


@command.command("list", epilog=frame.example("vigie bank list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """List banks with owner, class and number of entries."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from django.db.models import Count, Q

    from vigie.store.models import Bank

    active = Count("entries", filter=Q(entries__active=True))
    rows = [
        {
            "name": bank.name,
            "class": bank.cls,
            "owner": bank.owner,
            "enabled": bank.enabled,
            "entries": bank.active_entries,
        }
        for bank in Bank.objects.annotate(active_entries=active).order_by("name")
    ]
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


def _listed(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    yield from frame.table(
        ("name", "class", "owner", "state", "entries"),
        [
            (r["name"], r["class"], r["owner"], "on" if r["enabled"] else "off", r["entries"])
            for r in rows
        ],
    )
