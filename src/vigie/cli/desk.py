# SPDX-License-Identifier: Apache-2.0
"""`vigie desk settings`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame
from vigie.core.errors import InvalidInputError

if TYPE_CHECKING:
    from vigie.flow.desk_settings import Setting


@click.group("desk", cls=frame.Group, epilog=frame.example("vigie desk settings"))
def command() -> None:
    """Show and change the settings of the people's desk."""


@command.command(
    "settings",
    epilog=frame.example("vigie desk settings --set look_budget=20 --set personal_figures=yes"),
)
@click.option(
    "--set", "changes", multiple=True, metavar="KEY=VALUE", help="Change one; may be repeated."
)
@frame.data_dir
@frame.as_json
def settings(*, changes: tuple[str, ...], data_dir: Path, as_json: bool) -> None:
    """List the settings with their range and effect; each change is recorded."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow import desk_settings

    # All are read before the first is changed: one that does not fit changes none.
    for key, value in [_change(one) for one in changes]:
        desk_settings.set(house, None, key, value)
    values = desk_settings.all_values()
    rows = [
        {
            "key": one.key,
            "value": values[one.key],
            "default": one.default,
            "range": _range(one),
            "effect": str(one.effect),
        }
        for one in desk_settings.SETTINGS.values()
    ]
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


def _range(one: Setting) -> str:
    if one.is_switch:
        return "yes or no"
    return " ".join(one.codes) if one.is_list else f"{one.least}-{one.most}"


def _change(text: str) -> tuple[str, Any]:
    from vigie.flow import desk_settings

    key, equals, value = text.partition("=")
    if not equals:
        raise InvalidInputError(
            "A change is KEY=VALUE.", field="--set", fix="For example look_budget=20."
        )
    return key.strip(), desk_settings.read(key.strip(), value)


def _listed(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    head = ("key", "value", "default", "range")
    yield from frame.table(head, [[_shown(row[name]) for name in head] for row in rows])
    yield ""
    for row in rows:
        yield f"{row['key']}: {row['effect']}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
