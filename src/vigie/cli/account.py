# SPDX-License-Identifier: Apache-2.0
"""`vigie account create|list|link|role|deactivate|activate|reset-mfa`.

Who can run these can read the store anyway: no second person is asked here,
and the log says that it was done at the command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from vigie.cli import frame
from vigie.core.errors import NotFoundError
from vigie.store.permissions import Role

if TYPE_CHECKING:
    from vigie.flow.house import House
    from vigie.store.models import User

ROLES: Final = tuple(role.value for role in Role if role is not Role.OFFICER)
BY: Final = "command line"
MINUTES: Final = 15


@click.group(
    "account", cls=frame.Group, epilog=frame.example("vigie account create mara --role moderator")
)
def command() -> None:
    """Create, list, change and close accounts of people; make links that sign in once."""


@command.command(
    "create",
    epilog=frame.example(
        "vigie account create mara --role moderator --language fr",
        "vigie account create mara --role moderator --link",
    ),
)
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the person may do.")
@click.option(
    "--language", type=click.Choice(["en", "fr", "de"]), default="en", show_default=True,
    help="Language of the pages.",
)  # fmt: skip
@click.option(
    "--link", "by_link", is_flag=True, help="Print an address that signs in once, no password."
)
@frame.data_dir
@frame.as_json
def create(
    *, name: str, role: str, language: str, by_link: bool, data_dir: Path, as_json: bool
) -> None:
    """Create an account; its password is shown once and changed at first login."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.accounts import create_account

    user, password = create_account(house, name, role, language, by=BY)
    shown: dict[str, Any] = {"account": user.username, "number": user.number, "role": role}
    shown |= _way_in(house, user) if by_link else {"password": password}
    frame.show(shown, as_json=as_json, text=lambda: _created(shown))


def _created(made: dict[str, Any]) -> Iterable[str]:
    yield from frame.pairs(made)
    if "password" in made:
        yield "The password is not shown again; it is changed at first login."


@command.command("list", epilog=frame.example("vigie account list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """List accounts with number, role, language, second factor and whether they may sign in."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.flow.factors import with_factor
    from vigie.store.models import User

    people = list(User.objects.order_by("username"))
    having = with_factor(people)
    rows = [
        {
            "account": user.username,
            "number": user.number,
            "role": user.role,
            "language": user.language,
            "second_factor": user.pk in having,
            "active": user.is_active,
        }
        for user in people
    ]
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


def _listed(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    yield from frame.table(
        ("account", "number", "role", "language", "second factor", "state"),
        [
            (
                row["account"],
                row["number"] or "",
                row["role"],
                row["language"],
                "yes" if row["second_factor"] else "no",
                "on" if row["active"] else "off",
            )
            for row in rows
        ],
    )


@command.command("link", epilog=frame.example("vigie account link admin"))
@click.argument("name")
@frame.data_dir
@frame.as_json
def link(*, name: str, data_dir: Path, as_json: bool) -> None:
    """Print an address that signs an account in, once, within 15 minutes.

    For the first minute of an installation and for forgotten passwords. It
    counts as one factor: a second one is asked for where there is one.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    shown = {"account": name.strip().casefold(), **_way_in(house, _active(name))}
    frame.show(shown, as_json=as_json, text=lambda: [str(shown["link"])])


def _way_in(house: House, user: User) -> dict[str, Any]:
    """Return the address that lets somebody in once."""
    from vigie.console.signin import once_token

    address = f"{house.settings.base_url}/console/login/once/{once_token(user)}"
    return {"link": address, "minutes": MINUTES}


def _active(name: str) -> User:
    from vigie.flow.accounts import by_name

    user = by_name(name)
    if not user.is_active:
        raise NotFoundError(
            "This account is closed.", code="no_account", fix="See `vigie account activate`."
        )
    return user


@command.command("role", epilog=frame.example("vigie account role mara senior"))
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@frame.data_dir
@frame.as_json
def role_(*, name: str, role: str, data_dir: Path, as_json: bool) -> None:
    """Give an account another role, the administrator's too."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.accounts import change_role

    change_role(house, name, role, by=BY)
    shown = {"account": name.strip().casefold(), "role": role}
    frame.show(shown, as_json=as_json, text=lambda: frame.pairs(shown))


@command.command("deactivate", epilog=frame.example("vigie account deactivate mara"))
@click.argument("name")
@frame.data_dir
@frame.as_json
def deactivate(*, name: str, data_dir: Path, as_json: bool) -> None:
    """Close an account: its sessions end and the cases it holds go back to the queues.

    The last administrator's is never closed.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.accounts import by_name
    from vigie.flow.accounts import deactivate as close

    user = close(house, by_name(name).pk, by=BY)
    shown = {"account": user.username, "active": False}
    frame.show(shown, as_json=as_json, text=lambda: [f"{user.username} is closed."])


@command.command("activate", epilog=frame.example("vigie account activate mara"))
@click.argument("name")
@frame.data_dir
@frame.as_json
def activate(*, name: str, data_dir: Path, as_json: bool) -> None:
    """Open a closed account again and print an address that signs in once."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.accounts import activate as reopen
    from vigie.flow.accounts import by_name

    user = reopen(house, by_name(name).pk, by=BY)
    shown = {"account": user.username, "active": True, **_way_in(house, user)}
    frame.show(shown, as_json=as_json, text=lambda: frame.pairs(shown))


@command.command("reset-mfa", epilog=frame.example("vigie account reset-mfa mara"))
@click.argument("name")
@frame.data_dir
@frame.as_json
def reset_mfa(*, name: str, data_dir: Path, as_json: bool) -> None:
    """Remove second factors and password, end all sessions, and print a link for a new start.

    For a lost device. Make sure first that it is the person: whoever opens the
    link sets password and second factor.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.factors import reset

    user = reset(house, _active(name).pk, by=BY)
    shown = {"account": user.username, "reset": True, **_way_in(house, user)}
    frame.show(shown, as_json=as_json, text=lambda: frame.pairs(shown))
