# SPDX-License-Identifier: Apache-2.0
"""`vigie key create|list|revoke`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame

if TYPE_CHECKING:
    from vigie.store.models import GatewayUsage

SCOPES = ("trusted", "public", "records", "reports", "ai")
BUDGETS = ("requests_per_minute", "requests_per_day", "tokens_per_day", "images_per_day")


def _budgets(function: Any) -> Any:
    for name in reversed(BUDGETS):
        text = (
            f"{name.replace('_', ' ').capitalize()} of a key of the gateway.  [default: no limit]"
        )
        option = click.option(f"--{name.replace('_', '-')}", type=click.IntRange(1), help=text)
        function = option(function)
    return function


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
        "vigie key create assistant --scope ai --profile default --tokens-per-day 2000000",
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
    "reports: notices and appeals of the platform's own buttons; ai: the gateway at /ai/, with "
    "trusted its scores too.",
)
@click.option("--service", default="", help="The one product it may speak for.  [default: all]")
@click.option("--profile", default="", help="How the gateway guards it.  [default: default]")
@click.option("--country", default="", help="Of the gateway's users, where a request names none.")
@_budgets
@frame.data_dir
@frame.as_json
def create(
    *,
    name: str,
    scopes: tuple[str, ...],
    service: str,
    profile: str,
    country: str,
    data_dir: Path,
    as_json: bool,
    **budgets: int | None,
) -> None:
    """Create a key and print it, once."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.cli.publishing import refresh
    from vigie.flow.keys import Assistant, create_key

    limits = {limit: value for limit, value in budgets.items() if value is not None}
    ai = Assistant(profile=profile, country=country.upper())
    row, secret = create_key(house, name, scopes, service, limits, ai)
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
    """List keys and what those of the gateway used today; the keys themselves are not kept."""
    from vigie.cli.context import open_house
    from vigie.core.clock import iso

    house = open_house(data_dir)
    from vigie.flow.keys import used_today
    from vigie.store.models import ApiKey

    used = used_today(house)
    rows = [
        {
            "id": row.pk,
            "name": row.name,
            "begins": row.prefix,
            "scopes": row.scopes,
            "service": row.service,
            "profile": row.profile,
            "country": row.country,
            "limits": row.limits,
            "today": _used(used.get(row.pk)),
            "created_at": iso(row.created_at),
            "revoked_at": iso(row.revoked_at) if row.revoked_at else None,
        }
        for row in ApiKey.objects.order_by("pk")
    ]
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


def _used(row: GatewayUsage | None) -> dict[str, int] | None:
    if row is None:
        return None
    return {
        "requests": row.requests,
        "tokens": row.input_tokens + row.output_tokens,
        "images": row.images,
    }


def _today(used: dict[str, int] | None) -> str:
    if not used:
        return ""
    return ", ".join(f"{count:,} {name}" for name, count in used.items() if count)


def _listed(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    yield from frame.table(
        ("id", "name", "begins", "scopes", "service", "today", "created", "revoked"),
        [
            (
                row["id"],
                row["name"],
                row["begins"],
                ", ".join(row["scopes"]),
                row["service"] or "all",
                _today(row["today"]),
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
