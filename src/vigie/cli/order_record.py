# SPDX-License-Identifier: Apache-2.0
"""`vigie order record`: what came by post, mail or telephone, from files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vigie.cli import frame
from vigie.core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from vigie.flow.orders.given import GivenDocument
    from vigie.flow.orders.receive import OrderReceipt


@click.command(
    "record",
    epilog=frame.example(
        "vigie order record --form dsa_art9_order --file order.pdf --by l.moreau",
        "vigie order record --form referral --file r.pdf --by l.moreau --came 2026-11-23T09:14Z",
    ),
)
@click.option(
    "--form", required=True, metavar="FORM", help="A form of the reference of order forms."
)
@click.option(
    "--file",
    "files",
    required=True,
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="XML, PDF or JSON; may be repeated.",
)
@click.option("--by", required=True, metavar="NAME", help="Account of the person who records it.")
@click.option("--came", default="", metavar="TIME", help="When it came; without one, now.")
@click.option("--sender", default="", help="Who it says it is from.")
@frame.data_dir
@frame.as_json
def command(
    *,
    form: str,
    files: tuple[Path, ...],
    by: str,
    came: str,
    sender: str,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Record an order, request or referral; it is logged before it is read.

    The person who records one never calls back to confirm it.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.orders.given import OrderGiven
    from vigie.flow.orders.receive import receive_order
    from vigie.store.models import OrderChannel, User

    person = User.objects.filter(username=by, is_active=True).first()
    if person is None:
        raise NotFoundError(f"There is no account {by}.", code="no_account", field="--by")
    made = receive_order(
        house,
        OrderGiven(
            form=form,
            channel=OrderChannel.DESK,
            documents=tuple(_paper(one) for one in files),
            sender=sender,
            user=person,
            came_at=_moment(came),
        ),
    )
    frame.show(_plain(made), as_json=as_json, text=lambda: _told(made))


def _paper(path: Path) -> GivenDocument:
    from vigie.flow.orders.given import MAX_DOCUMENT, GivenDocument

    # One byte more than is taken is enough to know that it is too much.
    with path.open("rb") as file:
        return GivenDocument(path.name, file.read(MAX_DOCUMENT + 1))


def _moment(text: str) -> int | None:
    from vigie.flow.orders.values import moment

    if not text:
        return None
    at = moment(text if "+" in text or text.endswith("Z") else f"{text}+00:00")
    if at is None:
        raise InvalidInputError(
            "This is no time.", field="--came", fix="Write it as 2026-11-23T09:14Z."
        )
    return at


def _plain(made: OrderReceipt) -> dict[str, object]:
    order = made.order
    return {
        "order": f"O-{order.number}",
        "code": made.code,
        "form": order.form,
        "log_index": order.record.entry.index,
        "missing": order.missing,
        "odd": order.odd,
        "same_as": f"O-{order.same_as_id}" if order.same_as_id else None,
        "receipt": made.receipt,
    }


def _told(made: OrderReceipt) -> Iterable[str]:
    order = made.order
    yield f"Recorded O-{order.number}, entry {order.record.entry.index} of the log."
    yield f"Code: {made.code}"
    if order.same_as_id:
        yield f"The same bytes came before: O-{order.same_as_id} is worked on."
    if order.missing:
        yield f"Missing or not readable: {', '.join(order.missing)}"
    if order.odd:
        yield f"Look at: {', '.join(order.odd)}"
