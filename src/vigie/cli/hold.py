# SPDX-License-Identifier: Apache-2.0
"""`vigie hold place|lift|list`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from vigie.cli import frame
from vigie.core.errors import InvalidInputError

BY = "command line"


@click.group("hold", cls=frame.Group, epilog=frame.example("vigie hold list"))
def command() -> None:
    """Place, lift and list holds: what must not be deleted.

    What a hold covers is kept against every term, request and command.
    """


@command.command(
    "place",
    epilog=frame.example(
        'vigie hold place --item p-123 --basis "order 12/26" --owner legal --review 2027-05-01'
    ),
)
@click.option("--item", default="", help="Id of the item, all its versions.")
@click.option("--author", default="", help="Id of the author, as the platform names them.")
@click.option("--service", default="default", show_default=True, help="The product.")
@click.option("--basis", required=True, help="Provision or order that asks for it.")
@click.option("--owner", required=True, help="Who answers for it.")
@click.option(
    "--review",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day on which somebody must ask again whether it is needed.",
)
@frame.data_dir
@frame.as_json
def place(
    *,
    item: str,
    author: str,
    service: str,
    basis: str,
    owner: str,
    review: datetime,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Forbid deletion of an item, or of all that an author posted."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.holds import place_hold

    review_at = round(review.replace(tzinfo=UTC).timestamp() * 1000)
    if review_at <= house.now():
        raise InvalidInputError(
            "The day of review has passed.", field="--review", fix="Name a day to come."
        )
    made = place_hold(
        house,
        basis=basis,
        owner=owner,
        review_at=review_at,
        item_id=item,
        author_id=author,
        service=service,
        by=BY,
    )
    frame.show({"id": made.pk}, as_json=as_json, text=lambda: [f"Hold {made.pk} stands."])


@command.command("lift", epilog=frame.example("vigie hold lift 3"))
@click.argument("hold_id", metavar="ID", type=int)
@frame.data_dir
@frame.as_json
def lift(*, hold_id: int, data_dir: Path, as_json: bool) -> None:
    """End a hold; what is past its term is deleted within minutes."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.holds import lift_hold

    lift_hold(house, hold_id, BY)
    frame.show({"id": hold_id}, as_json=as_json, text=lambda: [f"Hold {hold_id} is lifted."])


@command.command("list", epilog=frame.example("vigie hold list --json"))
@click.option("--all", "every", is_flag=True, help="Those that were lifted too.")
@frame.data_dir
@frame.as_json
def list_(*, every: bool, data_dir: Path, as_json: bool) -> None:
    """List the holds; authors stand by their pseudonyms."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.core.clock import iso
    from vigie.store.models import Hold

    found = Hold.objects.order_by("pk")
    rows = [
        {
            "id": row.pk,
            "subject": row.subject,
            "service": row.service,
            "of": row.item_id or row.author,
            "basis": row.basis,
            "owner": row.owner,
            "review": iso(row.review_at)[:10],
            "review_is_due": row.lifted_at is None and row.review_at <= house.now(),
            "lifted_at": iso(row.lifted_at) if row.lifted_at else None,
        }
        for row in (found if every else found.filter(lifted_at__isnull=True))
    ]
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


def _listed(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    head = ("id", "subject", "service", "of", "basis", "owner", "review", "state")
    yield from frame.table(head, [[*(row[n] for n in head[:-1]), _state(row)] for row in rows])


def _state(row: dict[str, Any]) -> str:
    if row["lifted_at"]:
        return "lifted"
    return "look at it again" if row["review_is_due"] else "stands"
