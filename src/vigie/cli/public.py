# SPDX-License-Identifier: Apache-2.0
"""`vigie public publish|list|change`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import click

from vigie.cli import change, frame

BY = "command line"
KINDS = ("contact_authorities", "contact_recipients", "representative", "terms", "recommender")


@click.group("public", cls=frame.Group, epilog=frame.example("vigie public list"))
def command() -> None:
    """Publish the texts that the law asks for: contact points, terms, recommender.

    Every version is kept and shown with its history (Art. 11 to 14, 27 DSA).
    """


@command.command(
    "publish",
    epilog=frame.example("vigie public publish contact_recipients --en en.txt --fr fr.txt"),
)
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--en", type=click.File(encoding="utf-8"), help="Text in English.")
@click.option("--fr", type=click.File(encoding="utf-8"), help="Text in French.")
@click.option("--de", type=click.File(encoding="utf-8"), help="Text in German.")
@frame.data_dir
@frame.as_json
def publish(
    *,
    kind: str,
    en: IO[str] | None,
    fr: IO[str] | None,
    de: IO[str] | None,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Publish a text as its next version; give it in one language at least."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.disclosures import publish_disclosure

    given = {"en": en, "fr": fr, "de": de}
    texts = {name: file.read() for name, file in given.items() if file is not None}
    row = publish_disclosure(house, kind, texts, BY)
    shown = {"kind": row.kind, "version": row.version, "languages": sorted(row.texts)}
    frame.show(shown, as_json=as_json, text=lambda: [f"{kind} version {row.version} is published."])


@command.command("list", epilog=frame.example("vigie public list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """Say which texts are published, and which are missing."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.core.clock import iso
    from vigie.flow.disclosures import in_force

    found = in_force()
    rows = [
        {
            "kind": kind,
            "version": found[kind].version if kind in found else None,
            "languages": sorted(found[kind].texts) if kind in found else [],
            "published_at": iso(found[kind].published_at) if kind in found else None,
        }
        for kind in KINDS
    ]
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


def _listed(rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    head = ("kind", "version", "languages", "published")
    cells = [
        (
            row["kind"],
            row["version"] or "missing",
            " ".join(row["languages"]),
            (row["published_at"] or "")[:10],
        )
        for row in rows
    ]
    yield from frame.table(head, cells)


@command.group("change", epilog=frame.example("vigie public change list"))
def changes() -> None:
    """Register changes of recommenders, assistants, image models and safety settings."""


changes.add_command(change.register)
changes.add_command(change.list_)
