# SPDX-License-Identifier: Apache-2.0
"""`vigie order delivered`: what the e-Evidence access point hands over, from files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from vigie.cli import frame


@click.command(
    "delivered",
    epilog=frame.example(
        "vigie order delivered order.xml --form epoc_annex_i --from DE-STA-1 --message 4711"
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--form", required=True, metavar="FORM", help="A form of the reference of order forms."
)
@click.option("--from", "sender", required=True, help="Identifier that the system checked.")
@click.option("--message", required=True, help="The system's number of the message.")
@frame.data_dir
@frame.as_json
def command(
    *,
    files: tuple[Path, ...],
    form: str,
    sender: str,
    message: str,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Receive a message of the e-Evidence system; its sender is proven by the delivery.

    For the access point alone. The identifier must stand in the directory, entered
    before the message came; otherwise the order waits for another proof.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.orders import delivered
    from vigie.flow.orders.given import MAX_DOCUMENT, GivenDocument

    papers = []
    for path in files:
        with path.open("rb") as file:
            papers.append(GivenDocument(path.name, file.read(MAX_DOCUMENT + 1)))
    found = delivered.take(house, form, papers, sender, message)
    order = found.receipt.order
    said = {
        "order": f"O-{order.number}",
        "form": order.form,
        "log_index": order.record.entry.index,
        "proven": found.proven,
        "why_not": found.why or None,
        "missing": order.missing,
        "odd": order.odd,
    }
    frame.show(said, as_json=as_json, text=lambda: _told(said))


def _told(said: dict[str, Any]) -> Iterable[str]:
    yield f"Received {said['order']}, entry {said['log_index']} of the log."
    if said["proven"]:
        yield "Its sender is proven by the e-Evidence system."
    else:
        yield f"Its sender is not proven ({said['why_not']}): nothing leaves."
