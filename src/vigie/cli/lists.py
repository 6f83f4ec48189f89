# SPDX-License-Identifier: Apache-2.0
"""`vigie list publish|list|retire`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from vigie.cli import frame
from vigie.core.errors import InvalidInputError

BY = "command line"


@click.group("list", cls=frame.Group, epilog=frame.example("vigie list publish words.yaml"))
def command() -> None:
    """Publish, list and retire lists of words and links of your own.

    What a list finds is a signal; what follows from it is for policies to say.
    """


@command.command("publish", epilog=frame.example("vigie list publish shops.yaml"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@frame.data_dir
@frame.as_json
def publish(*, file: Path, data_dir: Path, as_json: bool) -> None:
    """Publish a list as its next version.

    FILE is one YAML document: a list of words with `terms` or `patterns`, or a
    list of links with `domains`. It is in force with the next Snapshot.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.cli.publishing import refresh
    from vigie.flow.lists import publish_list

    row = publish_list(house, _document(file), BY)
    refresh(house)
    shown = {"list": row.name, "version": row.version}
    told = f"{row.name} version {row.version} is published."
    frame.show(shown, as_json=as_json, text=lambda: [told])


def _document(file: Path) -> object:
    import yaml

    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"{file}:{mark.line + 1}" if mark else str(file)
        raise InvalidInputError(
            f"{where}: this is no YAML in UTF-8.", code="list_invalid", fix="Correct the file."
        ) from problem


@command.command("list", epilog=frame.example("vigie list list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """List the lists of your own that are in force."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.flow.lists import lists_in_force
    from vigie.store.models import DomainList

    rows = [
        {
            "list": row.name,
            "kind": "links" if isinstance(row, DomainList) else "words",
            "version": row.version,
            "label": row.label if isinstance(row, DomainList) else row.document.get("label"),
        }
        for row in lists_in_force()
    ]
    frame.show(rows, as_json=as_json, text=lambda: _lines(rows))


def _lines(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    yield from frame.table(
        ("list", "kind", "version", "label"),
        [(row["list"], row["kind"], row["version"], row["label"] or "") for row in rows],
    )


@command.command("retire", epilog=frame.example("vigie list retire shops"))
@click.argument("name")
@frame.data_dir
@frame.as_json
def retire(*, name: str, data_dir: Path, as_json: bool) -> None:
    """Take a list out of force; refused while a policy in force reads its label."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.cli.publishing import refresh
    from vigie.flow.lists import retire_list

    row = retire_list(house, name, BY)
    refresh(house)
    frame.show({"list": row.name}, as_json=as_json, text=lambda: [f"{name} is retired."])
