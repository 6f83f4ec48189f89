# SPDX-License-Identifier: Apache-2.0
"""`vigie subject export|erase`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vigie.cli import frame
from vigie.core.errors import ConflictError

if TYPE_CHECKING:
    from vigie.flow.subjects import Answer

BY = "command line"


@click.group(
    "subject", cls=frame.Group, epilog=frame.example("vigie subject export a-4711 --out a-4711.zip")
)
def command() -> None:
    """Answer a person's request: show or erase what is kept of them.

    ID is the author's id as the platform names it, or the mail address of
    somebody who gave notice or complained.
    """


@command.command(
    "export", epilog=frame.example("vigie subject export ada@example.org --out ada.zip")
)
@click.argument("id_", metavar="ID")
@click.option("--service", default="default", show_default=True, help="The product.")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="ZIP to write."
)
@frame.data_dir
@frame.as_json
def export(*, id_: str, service: str, out: Path, data_dir: Path, as_json: bool) -> None:
    """Write everything kept of a person into a ZIP (GDPR, Article 15)."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.subjects import export_subject

    if out.exists():
        raise ConflictError(
            f"{out} is there already.", code="file_exists", field="--out", fix="Name a new file."
        )
    answer, package = export_subject(house, id_, BY, service=service)
    out.touch(mode=0o600)
    out.write_bytes(package)
    frame.show(
        {**answer.as_json(), "file": str(out)},
        as_json=as_json,
        text=lambda: [f"Wrote {out}.", *_told(answer)],
    )


@command.command("erase", epilog=frame.example("vigie subject erase a-4711 --yes"))
@click.argument("id_", metavar="ID")
@click.option("--service", default="default", show_default=True, help="The product.")
@click.option("--basis", default="Art. 17 GDPR", show_default=True, help="Why, for the record.")
@click.option("--receipt", type=click.Path(dir_okay=False, path_type=Path), help="Write it here.")
@click.option("--yes", is_flag=True, help="Erase without asking.")
@frame.data_dir
@frame.as_json
def erase(
    *,
    id_: str,
    service: str,
    basis: str,
    receipt: Path | None,
    yes: bool,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Erase what is kept of a person; name what a duty keeps (GDPR, Article 17)."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.subjects import counts, erase_subject, find

    if not yes:
        found = counts(find(house, id_, service))
        click.echo("\n".join(_lines(found)) or "Nothing is kept of this person.", err=True)
        click.confirm("Erase this? It cannot be undone.", abort=True, err=True)
    answer = erase_subject(house, id_, BY, service=service, basis=basis)
    if receipt is not None:
        receipt.write_text(json.dumps(answer.as_json(), indent=1) + "\n", encoding="utf-8")
    frame.show(answer.as_json(), as_json=as_json, text=lambda: _told(answer))


def _told(answer: Answer) -> Iterable[str]:
    """Say what was shown or erased, what stays, and where it is recorded."""
    verb = "Erased" if answer.request == "erase" else "Shown"
    if not answer.counts:
        yield "Nothing was there to erase."
    for line in _lines(answer.counts):
        yield f"{verb}: {line}"
    for name, why in answer.kept.items():
        yield f"Kept for now: {name} ({why})"
    if answer.log_index is not None:
        yield f"Recorded as entry {answer.log_index} of the log."


def _lines(counts: dict[str, int]) -> list[str]:
    return [f"{name} {count}" for name, count in counts.items()]
