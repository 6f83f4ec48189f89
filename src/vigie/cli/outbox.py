# SPDX-License-Identifier: Apache-2.0
"""`vigie outbox list|retry`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame

if TYPE_CHECKING:
    from vigie.store.models import OutgoingTask


@click.group(
    "outbox", cls=frame.Group, epilog=frame.example("vigie outbox list", "vigie outbox retry --all")
)
def command() -> None:
    """List what could not be delivered, and send it again.

    Webhooks and mails are tried for about three days; what is refused for good,
    or still fails then, stands here until somebody tries again or gives up.
    """


@command.command("list", epilog=frame.example("vigie outbox list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """List dead messages with reason and attempts; never an address of a person."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.flow import outbox

    rows = [_row(one) for one in outbox.dead()[: outbox.MOST]]
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


def _row(task: OutgoingTask) -> dict[str, Any]:
    from vigie.core.clock import iso
    from vigie.flow import outbox

    return {
        "id": task.pk,
        "kind": task.kind,
        "event": task.event,
        "message_id": task.message_id,
        "why": outbox.problem_of(task),
        "status": task.receipt.get("status", 0),
        "attempts": task.attempts,
        "since": iso(task.created_at),
        "can_retry": outbox.can_retry(task),
    }


def _listed(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    if not rows:
        yield "Nothing is undeliverable."
        return
    names = ("id", "kind", "event", "why", "status", "attempts", "since")
    yield from frame.table(names, [tuple(row[name] for name in names) for row in rows])


@command.command(
    "retry", epilog=frame.example("vigie outbox retry 12 13", "vigie outbox retry --all")
)
@click.argument("tasks", type=int, nargs=-1)
@click.option("--all", "every", is_flag=True, help="Everything that can be sent again.")
@frame.data_dir
@frame.as_json
def retry(*, tasks: tuple[int, ...], every: bool, data_dir: Path, as_json: bool) -> None:
    """Begin again with dead messages; the running server sends them."""
    from vigie.cli.context import open_house

    if every == bool(tasks):
        raise click.UsageError("Name messages, or give --all.")
    house = open_house(data_dir)
    from vigie.flow import outbox

    count = outbox.retry(house, None, None if every else tasks)
    frame.show(
        {"retried": count},
        as_json=as_json,
        text=lambda: [f"{count} messages are on their way again."],
    )
