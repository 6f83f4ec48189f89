# SPDX-License-Identifier: Apache-2.0
"""`vigie restore`: an installation goes on elsewhere, or says why its log cannot."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame
from vigie.cli.failures import FAILED, Done

if TYPE_CHECKING:
    from vigie.flow.backup.compare import Comparison
    from vigie.flow.backup.manifest import Manifest
    from vigie.flow.house import House

BY = "vigie restore"

checkpoints = click.option(
    "--checkpoint",
    "places",
    multiple=True,
    metavar="FILE|URL",
    help="A published checkpoint kept outside; repeat. Witnesses are asked as well.",
)


@click.command(
    "restore",
    epilog=frame.example(
        "vigie restore vigie-2026-11-22T020000Z.tar.age --identity backup.key --data-dir /srv/new "
        "--checkpoint https://agora.example/log/1/checkpoint"
    ),
)
@click.argument("backup", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--identity",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the age identity that opens the backup.",
)
@checkpoints
@frame.data_dir
@frame.as_json
def command(
    *, backup: Path, identity: Path, places: tuple[str, ...], data_dir: Path, as_json: bool
) -> None:
    """Go on from a BACKUP in a new folder, without forking the log.

    The log signs again only after its store was compared with checkpoints known
    outside: files and addresses given here, and the witnesses of
    VIGIE_WITNESSES. Where one of them is ahead of the backup, nothing is signed
    and the command says what is lost; `vigie ledger begin-next` then begins the
    next log number. Exit code 1 while the log does not sign. PostgreSQL: restore
    its dump first and set VIGIE_DATABASE_URL.
    """
    from vigie.flow.backup.unpack import unpack

    manifest = unpack(backup, data_dir.resolve(), identity)
    house = _opened(data_dir)
    compared, why = held_against(house, places, BY)
    shown = {**found(compared, why), "backup_at": manifest.at, "lost": _lost(manifest, compared)}
    frame.show(shown, as_json=as_json, text=lambda: [*told(shown), *_also(shown)])
    if why:
        raise Done(FAILED)


def _opened(data_dir: Path) -> House:
    """Open what was unpacked, and put its policies into force."""
    from vigie.cli.context import open_house
    from vigie.cli.publishing import refresh

    house = open_house(data_dir)
    from vigie.flow.snapshots import mark_changed

    mark_changed(house)
    refresh(house)
    return house


def held_against(house: House, places: tuple[str, ...], by: str) -> tuple[Comparison, str]:
    """Compare the store with all that is known outside; return why the log does not sign."""
    from vigie.cli.context import jobs_lock, signing_lock
    from vigie.core.errors import ConflictError
    from vigie.flow.backup.compare import compare, gather, settle, stopped

    known = gather(house, places)
    with jobs_lock(house.settings) as mine, signing_lock(house.settings) as ours:
        if not (mine and ours):
            raise ConflictError(
                "A server runs on this folder.", code="already_running", fix="Stop it first."
            )
        compared = compare(known)
        settle(house, compared, by)
        return compared, stopped(house)


def found(compared: Comparison, why: str) -> dict[str, Any]:
    """Return a comparison as JSON has it."""
    rows = [row._asdict() for row in compared.rows]
    return {
        "signs": not why,
        "why": why,
        "entries": compared.found,
        "compared": rows,
        "entries_lost": compared.lost,
    }


def told(shown: dict[str, Any]) -> Iterable[str]:
    """Say it to a person."""
    rows = [
        (one["where"], one["state"], "-" if one["size"] is None else one["size"])
        for one in shown["compared"]
    ]
    yield f"The store holds {shown['entries']:,} log entries."
    yield from frame.table(("known at", "state", "size"), rows)
    if shown["signs"]:
        yield "The log goes on: nothing contradicts it."
        return
    yield f"The log does not sign: {shown['why']}"
    if shown["entries_lost"]:
        yield f"{shown['entries_lost']:,} published entries are not in the store."
        yield "Find a newer backup; or a copy of the published log: `vigie ledger refill`;"
        yield "or say so and begin the next log: `vigie ledger begin-next --reason ...`."
    else:
        yield "Next: `vigie ledger compare --checkpoint ...` or `vigie ledger resume --reason ...`."


def _lost(manifest: Manifest, compared: Comparison) -> list[str]:
    from vigie.core.clock import iso

    at = iso(manifest.at)
    lost = [f"What came in or was decided after {at} is not here; mails and receipts had left."]
    if compared.lost:
        lost.append(f"{compared.lost:,} published log entries: their records are not here.")
    lost.append(f"Erasures and shreddings done after {at} are undone: repeat them.")
    if manifest.left_out:
        lost.append(f"Not in any backup, copy them from elsewhere: {', '.join(manifest.left_out)}.")
    return lost


def _also(shown: dict[str, Any]) -> Iterable[str]:
    yield "What is lost:"
    yield from (f"- {line}" for line in shown["lost"])
