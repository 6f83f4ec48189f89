# SPDX-License-Identifier: Apache-2.0
"""`vigie init`: an empty folder becomes an installation."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from vigie.cli import frame

if TYPE_CHECKING:
    from vigie.flow.house import House
    from vigie.settings import Settings

FIRST_ACCOUNT: Final = "admin"
BY: Final = "vigie init"


@click.command(
    "init",
    epilog=frame.example(
        "vigie init", "VIGIE_LOG_ORIGIN=agora.example/log/1 vigie init --data-dir /srv/vigie"
    ),
)
@frame.data_dir
@frame.as_json
def command(*, data_dir: Path, as_json: bool) -> None:
    """Set up a data folder: keys, first account, starter policies.

    The name of the log is taken from VIGIE_LOG_ORIGIN and fixed for good. The
    password of the first account is shown once and changed at first login.
    Running it again makes what is missing and changes nothing else.
    """
    done = set_up(data_dir)
    frame.show(done, as_json=as_json, text=lambda: _told(done))


def ensure(folder: Path) -> Settings:
    """Return the settings of a folder, set up first where it is empty."""
    settings = frame.settings(folder)
    if not is_set_up(settings):
        for line in _told(set_up(folder)):
            frame.note(line)
        settings = frame.settings(folder)
    return settings


def is_set_up(settings: Settings) -> bool:
    """Say whether a Snapshot is in force, the last step of a set-up."""
    return (settings.snapshots_dir / "CURRENT").exists()


def set_up(folder: Path) -> dict[str, Any]:
    """Make what is missing; return what a person must know."""
    from vigie import keys, origin

    settings = frame.settings(folder)
    for path in (settings.data_dir, settings.run_dir, settings.journal_dir, settings.archive_dir):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = origin.fix(settings.keys_dir, settings.log_origin)
    made = [str(key) for key in keys.create_missing(settings.keys_dir)]
    from vigie.cli.context import load_house

    load_house(settings)
    _migrate()
    house = load_house(settings)
    password = _first_account(house)
    from vigie.cli.publishing import refresh, write_trust
    from vigie.flow.policies import publish_starter_set
    from vigie.flow.queues import first
    from vigie.flow.snapshots import mark_changed

    first.ensure()
    policies = [row.policy.policy_id for row in publish_starter_set(house, BY)]
    mark_changed(house)
    refresh(house)
    return {
        "data_dir": str(settings.data_dir),
        "log_origin": name,
        "log_key": write_trust(house),
        "keys_made": made,
        "policies_published": policies,
        "account": FIRST_ACCOUNT if password else None,
        "password": password,
    }


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def _first_account(house: House) -> str | None:
    """Create the first account; return its password, or None where people exist."""
    from vigie.flow.accounts import create_account
    from vigie.store.models import User
    from vigie.store.permissions import Role

    if User.objects.exists():
        return None
    return create_account(house, FIRST_ACCOUNT, Role.ADMIN, by=BY)[1]


def _told(done: dict[str, Any]) -> Iterable[str]:
    facts = {
        "data folder": done["data_dir"],
        "log": done["log_origin"],
        "log key": done["log_key"],
        "keys made": ", ".join(done["keys_made"]) or "none, all were there",
        "policies": ", ".join(done["policies_published"]) or "none, all were there",
    }
    yield from frame.pairs(facts)
    if done["password"]:
        yield f"First account: {done['account']}, password: {done['password']}"
        yield "The password is not shown again; the first login changes it and sets up a "
        yield "second factor. Lost it? `vigie account link admin` prints a link that works once."
