# SPDX-License-Identifier: Apache-2.0
"""`vigie check`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame
from vigie.cli.failures import FAILED, Done

if TYPE_CHECKING:
    from vigie.cli.readiness import Finding


@click.command(
    "check", epilog=frame.example("vigie check", "vigie check --json --data-dir /srv/vigie")
)
@click.option(
    "--packs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the operator's own law packs, checked as if in force.",
)
@frame.data_dir
@frame.as_json
def command(*, packs: Path | None, data_dir: Path, as_json: bool) -> None:
    """Say what is missing before you go live, and what is kept.

    Lists what is kept, why and for how long. Exit code 1 while anything is
    missing; warnings alone pass.
    """
    from vigie.cli.context import open_house
    from vigie.cli.kept import kept
    from vigie.cli.readiness import findings

    house = open_house(data_dir)
    if packs is not None:
        from vigie.law import load

        house = dataclasses.replace(house, law=load(packs))
    found = findings(house)
    rows = kept(house)
    ready = not any(one.level == "missing" for one in found)
    frame.show(
        {"ready": ready, "findings": found, "kept": rows},
        as_json=as_json,
        text=lambda: _lines(found, rows, ready=ready),
    )
    if not ready:
        raise Done(FAILED)


def _lines(
    found: Sequence[Finding], rows: Sequence[dict[str, Any]], *, ready: bool
) -> Iterable[str]:
    for one in sorted(found, key=lambda one: ("missing", "warning", "ok").index(one.level)):
        yield f"{one.level:8} {one.text}"
        if one.fix:
            yield f"{'':8} {one.fix}"
    yield ""
    yield "What is kept, why and how long:"
    for row in rows:
        yield f"- {row['what']}"
        facts = {"why": row["why"], "how long": row["term"], "then": row["redaction"]}
        yield from (f"  {line}" for line in frame.pairs(facts))
    yield ""
    yield "Ready to go live." if ready else "Not ready to go live."
