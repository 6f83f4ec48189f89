# SPDX-License-Identifier: Apache-2.0
"""`vigie dispute body add|list`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from vigie.cli import frame


@click.group("dispute", cls=frame.Group, epilog=frame.example("vigie dispute body list"))
def command() -> None:
    """Name out-of-court dispute settlement bodies, and list them."""


@command.group("body", epilog=frame.example("vigie dispute body list"))
def body() -> None:
    """Bodies certified under Article 21 DSA; statements and letters offer them."""


@body.command(
    "add",
    epilog=frame.example(
        'vigie dispute body add "Example Body" https://body.example --language en --language de'
    ),
)
@click.argument("name")
@click.argument("url")
@click.option("--language", "languages", multiple=True, help="Code such as en; repeatable.")
@click.option("--subjects", default="", help="What it deals with, in a sentence.")
@frame.data_dir
@frame.as_json
def add(
    *,
    name: str,
    url: str,
    languages: tuple[str, ...],
    subjects: str,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Name a body; it is offered from now on."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.appeals.disputes import BodyForm, add_body

    form = BodyForm(name=name, url=url, languages=languages, subjects=subjects)
    row = add_body(house, None, form)
    shown = {"id": row.pk, "name": row.name, "url": row.url, "languages": row.languages}
    frame.show(shown, as_json=as_json, text=lambda: [f"{row.name} is offered from now on."])


@body.command("list", epilog=frame.example("vigie dispute body list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """List the bodies, offered or not."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.store.models import DisputeBody

    rows = [
        {
            "id": row.pk,
            "name": row.name,
            "url": row.url,
            "languages": row.languages,
            "offered": row.active,
        }
        for row in DisputeBody.objects.order_by("name")
    ]
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


def _listed(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    yield from frame.table(
        ("id", "name", "url", "languages", "offered"),
        [
            (
                row["id"],
                row["name"],
                row["url"],
                ", ".join(row["languages"]),
                "yes" if row["offered"] else "no",
            )
            for row in rows
        ],
    )
