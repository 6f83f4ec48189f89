# SPDX-License-Identifier: Apache-2.0
"""`vigie backup`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vigie.cli import frame

if TYPE_CHECKING:
    from vigie.flow.backup.pack import Made


@click.command(
    "backup",
    epilog=frame.example(
        "vigie backup --out /backups --to age1ql3z...", "vigie backup --out /backups --to key.pub"
    ),
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the backup and the checkpoint beside it.",
)
@click.option(
    "--to", "to", required=True, multiple=True, help="age recipient, or a file of them; repeat."
)
@frame.data_dir
@frame.as_json
def command(*, out: Path, to: tuple[str, ...], data_dir: Path, as_json: bool) -> None:
    """Write an encrypted backup while the server runs.

    Holds the store, journals, archive, log, signing keys and sealed evidence;
    never the keys that open evidence, nor anything of class child. PostgreSQL is
    dumped apart, after this command, with pg_dump. Keep backups at most 30 days,
    and the checkpoint beside it in another place: a restore is held against it.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.backup.pack import make

    made = make(house, out, to)
    frame.show(made, as_json=as_json, text=lambda: _told(made))


def _told(made: Made) -> Iterable[str]:
    manifest = made.manifest
    facts = {
        "backup": made.file,
        "size": f"{made.bytes:,} bytes",
        "checkpoint": f"{made.checkpoint} (keep it elsewhere too)",
        "holds": f"{len(manifest.files):,} files, a log of {manifest.entries:,} entries",
        "left out": ", ".join(manifest.left_out) or "nothing",
    }
    yield from frame.pairs(facts)
    if manifest.database != "sqlite":
        yield "The store is PostgreSQL: run pg_dump --format=custom now, after this command."
