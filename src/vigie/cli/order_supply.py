# SPDX-License-Identifier: Apache-2.0
"""`vigie order supply`: account data from the platform, sealed for a granted order."""

from __future__ import annotations

from pathlib import Path

import click

from vigie.cli import frame
from vigie.cli.vault_records import as_person, proven
from vigie.core.errors import InvalidInputError, NotFoundError


@click.command(
    "supply",
    epilog=frame.example(
        "vigie order supply 12 ana.json --category subscriber --account ana.lima --as l.anders"
    ),
)
@click.argument("number", type=int)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--category", required=True, help="Which of the granted categories it is.")
@click.option("--account", required=True, help="Which account, as the order names it.")
@as_person
@frame.data_dir
@frame.as_json
def supply(
    *,
    number: int,
    file: Path,
    category: str,
    account: str,
    name: str,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Seal what the platform looked up for a granted row of an order; nothing leaves by it.

    The file holds nothing beside what the row names: no other account or category,
    nothing outside its period. JSON is handed over as it is, other files in JSON.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.orders import supply as verb
    from vigie.store.models import Order, OrderData

    order = Order.objects.filter(pk=number).first()
    if order is None:
        raise NotFoundError(f"There is no order O-{number}.", code="no_order", field="NUMBER")
    user = proven(name)
    row = OrderData.objects.filter(order=order, category=category, account=account).first()
    if row is None:
        raise InvalidInputError(
            "The order asks for no such category of this account.", code="no_row", field="category"
        )
    if file.stat().st_size > verb.MAX_BYTES:
        raise InvalidInputError("A file has 1 byte to 20 MB.", code="document_size", field="FILE")
    made = verb.supply(house, user, order, row, file.read_bytes(), file.name)
    shown = {"order": f"O-{number}", "evidence": made.evidence_id, "sha256": made.sha256}
    frame.show(shown, as_json=as_json, text=lambda: [f"Sealed: {made.evidence_id}."])
