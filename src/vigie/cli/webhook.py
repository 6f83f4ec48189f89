# SPDX-License-Identifier: Apache-2.0
"""`vigie webhook add|list|test|remove`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from vigie.cli import frame


@click.group(
    "webhook",
    cls=frame.Group,
    epilog=frame.example("vigie webhook add https://platform.example/vigie"),
)
def command() -> None:
    """Add, list, test and remove webhook endpoints.

    Messages follow Standard Webhooks: signed, thin, retried for about three
    days, each with a receipt.
    """


@command.command(
    "add",
    epilog=frame.example(
        "vigie webhook add https://platform.example/vigie",
        "vigie webhook add https://platform.example/vigie --event decision.made",
    ),
)
@click.argument("url")
@click.option("--event", "events", multiple=True, help="Event to send; repeatable.  [default: all]")
@frame.data_dir
@frame.as_json
def add(*, url: str, events: tuple[str, ...], data_dir: Path, as_json: bool) -> None:
    """Add an endpoint and print its secret, once."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.webhooks import add_webhook

    made = add_webhook(house, url, events)
    shown = {"id": made.pk, "url": made.url, "events": made.events, "secret": made.secret}
    frame.show(shown, as_json=as_json, text=lambda: _added(shown))


def _added(made: dict[str, Any]) -> Iterable[str]:
    yield from frame.pairs({**made, "events": ", ".join(made["events"]) or "all"})
    yield "The secret is not shown again."


@command.command("list", epilog=frame.example("vigie webhook list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """List endpoints and what waits for them."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.store.models import WebhookEndpoint

    rows = [
        {
            "id": row.pk,
            "url": row.url,
            "events": row.events,
            "enabled": row.enabled,
            "reason": row.disabled_reason,
            "waiting": row.tasks.filter(state__in=("waiting", "failed")).count(),
            "dead": row.tasks.filter(state="dead").count(),
        }
        for row in WebhookEndpoint.objects.order_by("pk")
    ]
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


def _listed(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    yield from frame.table(
        ("id", "url", "events", "state", "waiting", "dead"),
        [
            (
                row["id"],
                row["url"],
                ", ".join(row["events"]) or "all",
                "on" if row["enabled"] else f"off ({row['reason']})",
                row["waiting"],
                row["dead"],
            )
            for row in rows
        ],
    )


@command.command("test", epilog=frame.example("vigie webhook test 1"))
@click.argument("endpoint", type=int)
@frame.data_dir
@frame.as_json
def test(*, endpoint: int, data_dir: Path, as_json: bool) -> None:
    """Put a test message on its way; the running server sends it."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.webhooks import test_webhook

    task = test_webhook(house, endpoint)
    shown = {"message_id": task.message_id, "endpoint": endpoint, "state": task.state}
    frame.show(shown, as_json=as_json, text=lambda: frame.pairs(shown))


@command.command("remove", epilog=frame.example("vigie webhook remove 1"))
@click.argument("endpoint", type=int)
@frame.data_dir
@frame.as_json
def remove(*, endpoint: int, data_dir: Path, as_json: bool) -> None:
    """Disable an endpoint and cancel what still waits for it."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.flow.webhooks import remove_webhook

    remove_webhook(endpoint)
    shown = {"id": endpoint, "removed": True}
    frame.show(shown, as_json=as_json, text=lambda: [f"Endpoint {endpoint} is removed."])
