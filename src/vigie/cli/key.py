# SPDX-License-Identifier: Apache-2.0
"""`vigie key create|list|revoke`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from vigie.cli import frame

SCOPES = ("trusted", "public", "records", "reports")


@click.group(
    "key", cls=frame.Group, epilog=frame.example("vigie key create platform --scope trusted")
)
def command() -> None:
    """Create, list and revoke API keys.

    A key is 256 random bits, shown once and kept as a digest.
    """


@command.command(
    "create",
    epilog=frame.example(
        "vigie key create platform --scope trusted --scope records",
        "vigie key create widget --scope public --service agora",
    ),
)
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    required=True,
    help="trusted: sees scores and spans; public: outcome and category; records: /api/v1/; "
    "reports: notices and appeals of the platform's own buttons.",
)
@click.option("--service", default="", help="The one product it may speak for.  [default: all]")
@frame.data_dir
@frame.as_json
def create(
    *, name: str, scopes: tuple[str, ...], service: str, data_dir: Path, as_json: bool
) -> None:
    """Create a key and print it, once."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.cli.publishing import refresh
    from vigie.flow.keys import create_key

    row, secret = create_key(house, name, scopes, service)
    refresh(house)
    shown = {"id": row.pk, "name": name, "scopes": sorted(scopes), "key": secret}
    frame.show(shown, as_json=as_json, text=lambda: _created(shown))


def _created(made: dict[str, Any]) -> Iterable[str]:
    yield from frame.pairs({**made, "scopes": ", ".join(made["scopes"])})
    yield "The key is not shown again."


@command.command("list", epilog=frame.example("vigie key list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """List keys; the keys themselves are not kept."""
    from vigie.cli.context import open_house
    from vigie.core.clock import iso

    open_house(data_dir)
    from vigie.store.models import ApiKey

    rows = [
        {
            "id": row.pk,
            "name": row.name,
            "begins": row.prefix,
            "scopes": row.scopes,
            "service": row.service,
            "created_at": iso(row.created_at),
            "revoked_at": iso(row.revoked_at) if row.revoked_at else None,
        }
        for row in ApiKey.objects.order_by("pk")
    ]
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


def _listed(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    yield from frame.table(
        ("id", "name", "begins", "scopes", "service", "created", "revoked"),
        [
            (
                row["id"],
                row["name"],
                row["begins"],
                ", ".join(row["scopes"]),
                row["service"] or "all",
                row["created_at"],
                row["revoked_at"] or "",
            )
            for row in rows
        ],
    )


@command.command("revoke", epilog=frame.example("vigie key revoke 3"))
@click.argument("key", type=int)
@frame.data_dir
@frame.as_json
def revoke(*, key: int, data_dir: Path, as_json: bool) -> None:
    """Revoke a key; doors refuse it within two seconds."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.cli.publishing import refresh
    from vigie.flow.keys import revoke_key

    revoke_key(house, key)
    refresh(house)
    shown = {"id": key, "revoked": True}
    frame.show(shown, as_json=as_json, text=lambda: [f"Key {key} is revoked."])
