# SPDX-License-Identifier: Apache-2.0
"""`vigie ledger checkpoint|prove|verify|fsck`; what to do when it stopped: `ledger_stops`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame, ledger_stops
from vigie.cli.failures import FAILED, Done
from vigie.core.errors import NotFoundError

if TYPE_CHECKING:
    from vigie.ledger.policy import TrustPolicy
    from vigie.settings import Settings


@click.group("ledger", cls=frame.Group, epilog=frame.example("vigie ledger verify"))
def command() -> None:
    """Publish checkpoints; prove and verify entries.

    These commands trust the installation's own keys. For somebody else's eyes:
    `vigie-verify`, which takes its keys by hand and needs nothing of Vigie.
    """


@command.command("checkpoint", epilog=frame.example("vigie ledger checkpoint --json"))
@frame.data_dir
@frame.as_json
def checkpoint(*, data_dir: Path, as_json: bool) -> None:
    """Publish a checkpoint if no server runs, and print the newest one."""
    from vigie.cli.context import open_house
    from vigie.cli.publishing import log_key, sign_now

    house = open_house(data_dir)
    signed = sign_now(house)
    note = _note(house.settings)
    shown = {
        "signed_now": signed,
        "origin": house.settings.log_origin,
        "log_key": log_key(house.settings),
        "size": int(note.split("\n")[1]) if note else 0,
        "checkpoint": note,
    }
    frame.show(shown, as_json=as_json, text=lambda: _checkpoint(shown))


def _note(settings: Settings) -> str:
    path = settings.log_dir / "checkpoint"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _checkpoint(shown: dict[str, Any]) -> Iterable[str]:
    yield shown["checkpoint"].rstrip("\n") or "No checkpoint is published yet."
    yield f"log key: {shown['log_key']}"


@command.command(
    "prove",
    epilog=frame.example(
        "vigie ledger prove w0a1b2c3d4e-1f-0123456789 --out proof.json",
        "vigie ledger prove D-17 | vigie-verify /dev/stdin --key ...",
    ),
)
@click.argument("decision")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the proof to a file."
)
@frame.data_dir
@frame.as_json
def prove(*, decision: str, out: Path | None, data_dir: Path, as_json: bool) -> None:
    """Write the proof of a decision, as vigie-verify reads it.

    DECISION is a decision id, or a short number such as D-17. Harmless
    decisions are proved through their archive segment.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.proofs import prove_decision

    proof = prove_decision(house, _decision_id(decision))
    if out is None:
        sys.stdout.buffer.write(proof)
        return
    out.write_bytes(proof)
    shown = {"decision": decision, "written": str(out), "bytes": len(proof)}
    frame.show(shown, as_json=as_json, text=lambda: [f"{out} is written."])


def _decision_id(text: str) -> str:
    """Return the decision id of a short number such as D-17, or the id as given."""
    found = re.fullmatch(r"[Dd]-(\d{1,18})", text)
    if found is None:
        return text
    from vigie.store.models import DecisionRecord

    row = DecisionRecord.objects.filter(number=int(found[1])).only("decision_id").first()
    if row is None:
        raise NotFoundError(f"There is no decision {text}.", code="no_decision")
    return row.decision_id


@command.command(
    "verify", epilog=frame.example("vigie ledger verify", "vigie ledger verify p.json")
)
@click.argument("proofs", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Trust policy: check its quorum, every published checkpoint and the time stamps too.",
)
@frame.data_dir
@frame.as_json
def verify(*, proofs: tuple[Path, ...], policy: Path | None, data_dir: Path, as_json: bool) -> None:
    """Check every tile of the published log, and PROOFS against it.

    Reads files only; with --policy also the checkpoints and time stamps in the
    store, and then believes that file alone, not the installation's own key.
    For the store's entries use fsck. Exit code 1 if anything does not fit.
    """
    settings = frame.settings(data_dir)
    rows = _verify(settings, proofs) if policy is None else _by_policy(data_dir, proofs, policy)
    frame.show(rows, as_json=as_json, text=lambda: [_row(row) for row in rows])
    if any(row["ok"] is False for row in rows):
        raise Done(FAILED)


def _row(row: dict[str, Any]) -> str:
    return f"{row['what']}: {'not checked, ' if row['ok'] is None else ''}{row['result']}"


def _by_policy(folder: Path, proofs: Sequence[Path], path: Path) -> list[dict[str, Any]]:
    """Check the whole log, and the proofs, under a policy file."""
    from vigie.cli.context import open_house
    from vigie.ledger.policy import parse_policy
    from vigie.ledger.verify.proofs import verify_decision

    policy = parse_policy(path.read_bytes())
    house = open_house(folder)
    from vigie.flow.anchoring.check import check

    rows = [one._asdict() for one in check(house, policy)]
    return rows + [_one(one, lambda data: verify_decision(data, policy)) for one in proofs]


def _policy(settings: Settings) -> TrustPolicy:
    from vigie.cli.publishing import log_key
    from vigie.ledger.policy import of_key

    return of_key(log_key(settings))


def _verify(settings: Settings, proofs: Sequence[Path]) -> list[dict[str, Any]]:
    from vigie.ledger.verify.logdir import verify_log
    from vigie.ledger.verify.proofs import verify_decision

    policy = _policy(settings)
    log = verify_log(str(settings.log_dir), policy)
    size = frame.counted(log.checkpoint.size, "entry", "entries")
    files = f"{log.files.checked} files fit"
    whole = {"what": settings.log_origin, "ok": True, "result": f"{size}, {files}"}
    return [whole, *(_one(path, lambda data: verify_decision(data, policy)) for path in proofs)]


def _one(path: Path, check: Any) -> dict[str, Any]:
    from vigie.ledger.verify.errors import LedgerError

    try:
        found = check(path.read_bytes())
    except LedgerError as problem:
        return {"what": str(path), "ok": False, "result": f"{problem} ({problem.code})"}
    where = f"entry {found.position} of {found.checkpoint.size}"
    return {"what": str(path), "ok": True, "result": f"verified, {where}"}


@command.command("fsck", epilog=frame.example("vigie ledger fsck --json"))
@frame.data_dir
@frame.as_json
def fsck(*, data_dir: Path, as_json: bool) -> None:
    """Recompute the log from its entries: files against themselves and the store."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.checkpoints import StoreSource
    from vigie.ledger.fsck import fsck as recompute

    report = recompute(house.settings.log_dir, _policy(house.settings), StoreSource())
    shown = {
        "origin": house.settings.log_origin,
        "entries": report.size,
        "files_checked": report.files.checked,
        "waiting": report.waiting,
    }
    frame.show(shown, as_json=as_json, text=lambda: frame.pairs(shown))


command.add_command(ledger_stops.compare)
command.add_command(ledger_stops.refill)
command.add_command(ledger_stops.resume)
command.add_command(ledger_stops.begin_next)
