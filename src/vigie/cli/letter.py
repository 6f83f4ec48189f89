# SPDX-License-Identifier: Apache-2.0
"""`vigie letter check|preview|list|retry`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from vigie.cli import frame
from vigie.cli.failures import FAILED, Done


@click.group(
    "letter",
    cls=frame.Group,
    epilog=frame.example("vigie letter check", "vigie letter preview statement"),
)
def command() -> None:
    """Check, preview, list and retry mails; their texts are yours to change.

    A text of your own goes into the folder `letters` of the data folder, named
    like the one that ships: `notice_receipt.fr.txt`. Its first line is the
    subject. Letters to authorities lie in `letters/orders`.
    """


@command.command("check", epilog=frame.example("vigie letter check --json"))
@frame.data_dir
@frame.as_json
def check(*, data_dir: Path, as_json: bool) -> None:
    """Look at every text that would be used. Exit code 1 where one of yours cannot be."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.letters import mail, wording
    from vigie.flow.orders.letters.known import BOOK, FOLDER

    mail.check(house.settings)
    own = house.settings.letters_dir
    found = [*wording.checked(own), *wording.checked(own / FOLDER, BOOK)]
    problems = [one for one in found if one.problem]
    shown = {
        "ready": not problems,
        "own": sum(one.own for one in found),
        "mail_is_configured": mail.is_configured(house.settings),
        "problems": [one._asdict() for one in problems],
    }
    frame.show(shown, as_json=as_json, text=lambda: _checked(shown))
    if problems:
        raise Done(FAILED)


def _checked(shown: dict[str, Any]) -> Iterable[str]:
    for one in shown["problems"]:
        yield one["problem"]
    yield f"{shown['own']} texts of your own, {len(shown['problems'])} of them with a fault."
    if shown["problems"]:
        yield "In their place the text that ships is sent."
    if not shown["mail_is_configured"]:
        yield "Mail is not configured: mails wait. Set VIGIE_MAIL_URL."


@command.command(
    "preview", epilog=frame.example("vigie letter preview appeal_outcome --language fr")
)
@click.argument("template")
@click.option("--language", default="en", show_default=True, help="en, fr or de.")
@frame.data_dir
@frame.as_json
def preview(*, template: str, language: str, data_dir: Path, as_json: bool) -> None:
    """Print a mail filled with sample values, as a person would get it."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.letters import wording
    from vigie.flow.letters.known import MAILS
    from vigie.flow.orders.letters.known import BOOK, FOLDER

    own, book = house.settings.letters_dir, MAILS
    if template in BOOK.templates:
        own, book = own / FOLDER, BOOK
    made = wording.preview(own, template, language, book)
    frame.show(made._asdict(), as_json=as_json, text=lambda: [made.subject, "", made.body])


@command.command("list", epilog=frame.example("vigie letter list --json"))
@click.option(
    "--limit",
    default=50,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="So many, the newest.",
)
@frame.data_dir
@frame.as_json
def list_(*, limit: int, data_dir: Path, as_json: bool) -> None:
    """List the newest mails and what became of them; never an address."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.core.clock import iso
    from vigie.store.models import Letter

    rows = [
        {
            "id": row.task_id,
            "template": row.template,
            "language": row.language,
            "state": row.task.state,
            "attempts": row.task.attempts,
            "written": iso(row.written_at),
        }
        for row in Letter.objects.select_related("task").order_by("-pk")[:limit]
    ]
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


def _listed(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    names = ("id", "template", "language", "state", "attempts", "written")
    yield from frame.table(names, [tuple(row[name] for name in names) for row in rows])


@command.command("retry", epilog=frame.example("vigie letter retry 12"))
@click.argument("letters", type=int, nargs=-1, required=True)
@frame.data_dir
@frame.as_json
def retry(*, letters: tuple[int, ...], data_dir: Path, as_json: bool) -> None:
    """Begin again with mails that are dead; the running server sends them."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow import outbox

    count = outbox.retry(house, None, letters)
    frame.show(
        {"retried": count}, as_json=as_json, text=lambda: [f"{count} mails are on their way again."]
    )
