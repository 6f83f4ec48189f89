# SPDX-License-Identifier: Apache-2.0
"""`vigie gateway profile publish|show|list` and `vigie gateway trips`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame
from vigie.core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from vigie.flow.gateway.profiles import Published

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("profile", cls=frame.Group, epilog=frame.example("vigie gateway profile list"))
def group() -> None:
    """Say how exchanges are guarded; every key of the gateway names one profile."""


@group.command("publish", epilog=frame.example("vigie gateway profile publish assistant.yaml"))
@click.argument("file", type=_file)
@frame.data_dir
@frame.as_json
def publish(*, file: Path, data_dir: Path, as_json: bool) -> None:
    """Publish FILE (YAML or JSON) as the next version of its profile.

    What lets something pass unjudged is said, and recorded.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.gateway import profiles

    _publish(house, profiles.publish(house, _read(file)), as_json)


@group.command("list", epilog=frame.example("vigie gateway profile list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """List the profiles in force, `default` among them."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.flow.gateway import profiles

    versions = {row.name: row.version for row in profiles.rows()}
    known = profiles.conf().profiles
    rows = [
        {
            "name": one.name,
            "version": versions.get(one.name, 0),
            "mode": one.mode.value,
            "risks": list(profiles.risks(one)),
        }
        for one in known
    ]
    head = ("name", "version", "mode", "lets pass")
    cells = [
        (row["name"], row["version"] or "built in", row["mode"], "; ".join(profiles.risks(one)))
        for row, one in zip(rows, known, strict=True)
    ]
    frame.show(rows, as_json=as_json, text=lambda: frame.table(head, cells))


@group.command("show", epilog=frame.example("vigie gateway profile show default"))
@click.argument("name")
@frame.data_dir
@frame.as_json
def show(*, name: str, data_dir: Path, as_json: bool) -> None:
    """Show every field of a profile as it holds, the ones left out too."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    import msgspec

    from vigie.flow.gateway import profiles

    found = next((one for one in profiles.conf().profiles if one.name == name), None)
    if found is None:
        raise NotFoundError(f"There is no profile {name}.", code="no_profile", field="NAME")
    shown = msgspec.to_builtins(found)
    frame.show(shown, as_json=as_json, text=lambda: frame.pairs(shown))


@click.command("trips", epilog=frame.example("vigie gateway trips", "vigie gateway trips t.yaml"))
@click.argument("file", required=False, type=_file)
@frame.data_dir
@frame.as_json
def trips(*, file: Path | None, data_dir: Path, as_json: bool) -> None:
    """Show when a brake trips by itself, or set it from FILE (YAML or JSON)."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    import msgspec

    from vigie.flow.gateway import profiles

    if file is not None:
        _publish(house, profiles.publish_trips(house, _read(file)), as_json)
        return
    shown = msgspec.to_builtins(profiles.conf().trips)
    frame.show(shown, as_json=as_json, text=lambda: frame.pairs(shown))


def _publish(house: Any, made: Published, as_json: bool) -> None:
    from vigie.cli.publishing import refresh

    refresh(house)
    row = made.row
    if row is None:  # only people in the console wait for a second one
        raise RuntimeError("nothing was published")
    for risk in made.risks:
        frame.note(f"Warning: {risk}.")
    name = "trips" if row.name.startswith("_") else row.name
    shown = {"name": name, "version": row.version, "risks": list(made.risks)}
    frame.show(shown, as_json=as_json, text=lambda: [f"{name} version {row.version} is published."])


def _read(path: Path) -> object:
    import yaml

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise InvalidInputError(
            f"{path} is not YAML.", field="FILE", fix=str(problem).replace("\n", " ")
        ) from None
