# SPDX-License-Identifier: Apache-2.0
"""`vigie account create|list|link`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from vigie.cli import frame
from vigie.core.errors import NotFoundError
from vigie.store.permissions import Role

ROLES = tuple(role.value for role in Role)
BY = "command line"


@click.group("account", epilog=frame.example("vigie account create mara --role moderator"))
def command() -> None:
    """Create and list accounts of people; make links that sign in once."""


@command.command(
    "create",
    epilog=frame.example("vigie account create mara --role moderator --language fr"),
)
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the person may do.")
@click.option(
    "--language", type=click.Choice(["en", "fr", "de"]), default="en", show_default=True,
    help="Language of the pages.",
)  # fmt: skip
@frame.data_dir
@frame.as_json
def create(*, name: str, role: str, language: str, data_dir: Path, as_json: bool) -> None:
    """Create an account; its password is shown once and changed at first login."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.accounts import create_account

    user, password = create_account(house, name, role, language, by=BY)
    shown = {"account": user.username, "role": role, "password": password}
    frame.show(shown, as_json=as_json, text=lambda: _created(shown))


def _created(made: dict[str, Any]) -> Iterable[str]:
    yield from frame.pairs(made)
    yield "The password is not shown again; it is changed at first login."


@command.command("list", epilog=frame.example("vigie account list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """List accounts with role, language and whether they may sign in."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.store.models import User

    rows = [
        {
            "account": user.username,
            "role": user.role,
            "language": user.language,
            "active": user.is_active,
        }
        for user in User.objects.order_by("username")
    ]
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


def _listed(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    yield from frame.table(
        ("account", "role", "language", "state"),
        [
            (row["account"], row["role"], row["language"], "on" if row["active"] else "off")
            for row in rows
        ],
    )


@command.command("link", epilog=frame.example("vigie account link admin"))
@click.argument("name")
@frame.data_dir
@frame.as_json
def link(*, name: str, data_dir: Path, as_json: bool) -> None:
    """Print an address that signs an account in, once, within 15 minutes.

    For the first minute of an installation and for forgotten passwords; who
    can run this command can read the store anyway.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.console.signin import once_token
    from vigie.store.models import User

    user = User.objects.filter(username=name.strip().casefold(), is_active=True).first()
    if user is None:
        raise NotFoundError(
            "There is no such account.", code="no_account", fix="See `vigie account list`."
        )
    address = f"{house.settings.base_url}/console/login/once/{once_token(user)}"
    shown = {"account": user.username, "link": address, "minutes": 15}
    frame.show(shown, as_json=as_json, text=lambda: [address])
