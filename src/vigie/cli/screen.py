# SPDX-License-Identifier: Apache-2.0
"""`vigie screen`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vigie.cli import frame
from vigie.cli.failures import FAILED, Done

if TYPE_CHECKING:
    from vigie.cli.summary import Summary

SHOWN = 20


@click.command(
    "screen",
    epilog=frame.example(
        "vigie screen items.jsonl --out decisions.jsonl",
        "vigie screen export.csv --map id=post_id --map text=body --set service=agora",
        "vigie screen pictures/ --dry-run",
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--map", "maps", multiple=True, help="FIELD=COLUMN of a CSV file; repeatable.")
@click.option("--set", "fixed", multiple=True, help="FIELD=VALUE for all rows and pictures.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write decisions, JSON lines."
)
@click.option("--dry-run", is_flag=True, help="Decide and record nothing.")
@frame.data_dir
@frame.as_json
def command(
    *,
    files: tuple[Path, ...],
    maps: tuple[str, ...],
    fixed: tuple[str, ...],
    out: Path | None,
    dry_run: bool,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Screen files of items and print what was decided.

    JSON lines as for POST /v1/items, CSV with mapped columns (both also
    gzipped), pictures, or folders of pictures. Lines that are no items are
    reported with their numbers and counted; the rest goes on; exit code 1 if
    any failed. Decisions are committed to a journal, then folded here, or by a
    running server.
    """
    from vigie.cli.items import Columns, pairs_of
    from vigie.cli.screening import run
    from vigie.cli.setup import ensure

    columns = Columns(pairs_of(maps, "--map"), pairs_of(fixed, "--set"))
    settings = ensure(data_dir)
    summary = run(settings, files, columns, out=out, dry_run=dry_run, quiet=as_json)
    frame.show(summary.as_dict(), as_json=as_json, text=lambda: _lines(summary, out))
    if summary.failures:
        raise Done(FAILED)


def _lines(summary: Summary, out: Path | None) -> Iterable[str]:
    yield from frame.table(
        ("outcome", "items", "share"),
        [
            (name, f"{count:,}", f"{100 * count / max(summary.decided, 1):.2f} %")
            for name, count in summary.outcomes.most_common()
        ],
    )
    if summary.policies:
        yield ""
        yield from frame.table(
            ("policy", "state", "items"),
            [(n, s, f"{count:,}") for (n, s), count in sorted(summary.policies.items())],
        )
    yield ""
    yield from frame.pairs(summary.figures())
    if out is not None:
        yield f"decisions written to {out}"
    for where, code, message in summary.failures[:SHOWN]:
        yield f"{where}: {message} ({code})"
    if len(summary.failures) > SHOWN:
        yield f"... and {len(summary.failures) - SHOWN:,} more"
