# SPDX-License-Identifier: Apache-2.0
"""`vigie ledger compare|refill|resume|begin-next`: what a person does when a log has stopped."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame
from vigie.cli.failures import FAILED, Done
from vigie.cli.restore import checkpoints

if TYPE_CHECKING:
    from vigie.flow.house import House

_reason = click.option("--reason", required=True, help="Why; committed to in the log.")


def _who() -> str:
    """Return who types: the system's name of the account, never shown in the open."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


@contextmanager
def _alone(house: House) -> Iterator[None]:
    """Hold the locks of `jobs` and of the checkpointer."""
    from vigie.cli.context import jobs_lock, signing_lock
    from vigie.core.errors import ConflictError

    with jobs_lock(house.settings) as mine, signing_lock(house.settings) as ours:
        if not (mine and ours):
            raise ConflictError(
                "A server runs on this folder.", code="already_running", fix="Stop it first."
            )
        yield


@click.command(
    "compare",
    epilog=frame.example(
        "vigie ledger compare --checkpoint https://agora.example/log/1/checkpoint"
    ),
)
@checkpoints
@frame.data_dir
@frame.as_json
def compare(*, places: tuple[str, ...], data_dir: Path, as_json: bool) -> None:
    """Hold the store against checkpoints known outside: files, addresses, witnesses.

    After a restored dump, a failover or a doubt, with the server stopped. Exit
    code 1 while the log does not sign.
    """
    from vigie.cli.context import open_house
    from vigie.cli.restore import found, held_against, told

    compared, why = held_against(open_house(data_dir), places, _who())
    shown = found(compared, why)
    frame.show(shown, as_json=as_json, text=lambda: told(shown))
    if why:
        raise Done(FAILED)


@click.command(
    "resume", epilog=frame.example('vigie ledger resume --reason "The witness lost its own store."')
)
@_reason
@frame.data_dir
@frame.as_json
def resume(*, reason: str, data_dir: Path, as_json: bool) -> None:
    """Let the log sign again after a false fork alarm; recorded in the log.

    Compare the logs first: where the other history is real, going on would sign
    a fork. Then `vigie ledger begin-next`.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.anchoring.forks import dismiss

    with _alone(house):
        alarm = dismiss(house, reason, _who())
    shown = {"dismissed": alarm.reason, "who": alarm.who}
    frame.show(shown, as_json=as_json, text=lambda: ["The log signs again at the next start."])


@click.command(
    "begin-next",
    epilog=frame.example('vigie ledger begin-next --reason "The newest backup is of 2 November."'),
)
@_reason
@frame.data_dir
@frame.as_json
def begin_next(*, reason: str, data_dir: Path, as_json: bool) -> None:
    """Begin the next log number, after this one has refused to sign; recorded in the log.

    The next log holds every entry that the store has, under a new key. Publish
    its policy.txt, tell the witnesses, and say openly what was lost.
    """
    from vigie.cli.context import load_house, open_house

    house = open_house(data_dir)
    from vigie.flow.anchoring.succession import begin_next as begin

    with _alone(house):
        origin = begin(house, reason, _who())
    frame.forget_origin()
    house = load_house(frame.settings(data_dir))
    from vigie.cli.publishing import sign_now, write_trust

    shown = {"origin": origin, "log_key": write_trust(house), "signed_now": sign_now(house)}
    frame.show(shown, as_json=as_json, text=lambda: frame.pairs(shown))


@click.command(
    "refill",
    epilog=frame.example('vigie ledger refill mirror/log/1 --reason "The disk was seized."'),
)
@click.argument("copy", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_reason
@checkpoints
@frame.data_dir
@frame.as_json
def refill(
    *, copy: Path, reason: str, places: tuple[str, ...], data_dir: Path, as_json: bool
) -> None:
    """Put back the entries that the store lost, from a COPY of the published log.

    The log then goes on under its number, without a fork. What stood behind
    these entries stays lost; the log records which ones, and why. Compares
    again afterwards; exit code 1 while the log does not sign.
    """
    from vigie.cli.context import open_house
    from vigie.cli.restore import found, held_against, told

    house = open_house(data_dir)
    from vigie.flow.backup.refill import refill as put_back

    with _alone(house):
        done = put_back(house, copy, reason, _who())
    compared, why = held_against(house, (*places, str(copy / "checkpoint")), _who())
    shown = {**found(compared, why), "first": done.first, "until": done.until}
    frame.show(shown, as_json=as_json, text=lambda: [_put_back(shown), *told(shown)])
    if why:
        raise Done(FAILED)


def _put_back(shown: dict[str, Any]) -> str:
    count = shown["until"] - shown["first"]
    return f"{count:,} entries are back, from {shown['first']}: nobody here can open them."
