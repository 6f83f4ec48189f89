# SPDX-License-Identifier: Apache-2.0
"""`vigie import history`."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from vigie.cli import frame
from vigie.cli.failures import FAILED, Done
from vigie.cli.progress import Progress
from vigie.core.errors import InvalidInputError

if TYPE_CHECKING:
    from vigie.flow.history import Assertion, Problem, Source

BY = "command line"
SHOWN: Final = 20
KINDS: Final = ("decisions", "notices", "strikes", "blocklist")
"""On the command line."""


@click.group(
    "import", cls=frame.Group, epilog=frame.example("vigie import history old.csv --kind decisions")
)
def command() -> None:
    """Take over what other tools know."""


@command.command(
    "history",
    epilog=frame.example(
        "vigie import history decisions.csv --kind decisions --source 'old console'",
        "vigie import history strikes.csv --kind strikes --source coop --map author=user_id",
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What the rows are.")
@click.option("--source", required=True, help="The tool, as people will read it.")
@click.option("--service", default="default", show_default=True, help="The product.")
@click.option(
    "--map", "mapped", multiple=True, metavar="FIELD=COLUMN",
    help="Where a column has another name; may be repeated.",
)  # fmt: skip
@click.option("--bank", default="", help="Bank for the hashes of a blocklist.")
@click.option("--dry-run", is_flag=True, help="Read and check; take nothing.")
@frame.data_dir
@frame.as_json
def history(
    *,
    file: Path,
    kind: str,
    source: str,
    service: str,
    mapped: tuple[str, ...],
    bank: str,
    dry_run: bool,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Take decisions, notices, strikes or blocked authors from CSV.

    Everything taken over is shown as "asserted, not witnessed". A row has an
    `id` of the other tool; the same file can be imported again. Columns:
    decisions id,item_id,author,at,outcome,policy,reason; notices
    id,item_id,author,at,category,outcome,url; strikes
    id,author,at,policy,weight,expires_at; blocklist
    id,at,reason and author or algorithm,value (a hash, entered into --bank).
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.history import Source, check_source, import_history
    from vigie.store.models import HistoryKind

    meant = HistoryKind(kind.removesuffix("s"))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    given = Source(kind=meant, tool=source, service=service, digest=digest, by=BY, bank=bank)
    check_source(given)
    with Progress("import", file.stat().st_size, quiet=as_json) as progress:
        rows = _rows(file, given, _mapping(mapped, given), progress)
        shown = _checked(rows) if dry_run else _told(import_history(house, given, rows))
    shown = {"file": file.name, "kind": kind, "source": source, **shown}
    frame.show(shown, as_json=as_json, text=lambda: _lines(shown))
    if shown["failed"]:
        raise Done(FAILED)


def _mapping(given: Iterable[str], source: Source) -> dict[str, str]:
    """Read FIELD=COLUMN pairs."""
    from vigie.flow.history import COLUMNS

    names = COLUMNS[source.kind]
    found = {}
    for pair in given:
        name, equals, column = pair.partition("=")
        if not equals or name not in names:
            raise InvalidInputError(
                f"{pair!r} is no FIELD=COLUMN.", field="--map", fix=f"FIELD: {', '.join(names)}."
            )
        found[name] = column
    return found


def _rows(
    file: Path, source: Source, mapping: Mapping[str, str], progress: Progress
) -> Iterator[Assertion | Problem]:
    from vigie.flow.history import COLUMNS, NEEDED, read_row

    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        table = csv.DictReader(lines, strict=False)
        names = {name: mapping.get(name, name) for name in COLUMNS[source.kind]}
        missing = [
            names[n] for n in NEEDED[source.kind] if names[n] not in (table.fieldnames or ())
        ]
        if missing:
            raise InvalidInputError(
                f"{file.name} has no column {missing[0]}.",
                code="no_column",
                field="--map",
                fix=f"Columns here: {', '.join(table.fieldnames or ('none',))}.",
            )
        for row in table:
            progress.add(sum(len(text) for text in row.values() if isinstance(text, str)), 1)
            picked = {name: row.get(column) for name, column in names.items()}
            yield read_row(table.line_num, picked, source.kind)


def _told(done: Any) -> dict[str, Any]:
    return {
        "taken": done.taken,
        "known": done.known,
        "failed": [problem._asdict() for problem in done.problems],
        "log_index": done.log_index,
    }


def _checked(rows: Iterable[Assertion | Problem]) -> dict[str, Any]:
    """Count without taking anything."""
    from vigie.flow.history import Problem

    good, failed = 0, []
    for row in rows:
        if isinstance(row, Problem):
            failed.append(row._asdict())
        else:
            good += 1
    return {"readable": good, "taken": 0, "failed": failed}


def _lines(shown: Mapping[str, Any]) -> Iterable[str]:
    if "readable" in shown:
        yield f"{shown['readable']:,} rows can be taken, {len(shown['failed']):,} cannot"
    else:
        yield f"{shown['taken']:,} taken over: asserted by {shown['source']}, not witnessed"
        yield f"{shown['known']:,} were known, {len(shown['failed']):,} failed"
    for problem in shown["failed"][:SHOWN]:
        yield f"line {problem['line']}: {problem['field']} {problem['message']}"
    if len(shown["failed"]) > SHOWN:
        yield f"... and {len(shown['failed']) - SHOWN:,} more"
