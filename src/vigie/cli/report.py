# SPDX-License-Identifier: Apache-2.0
"""`vigie report list|show|send|unlock`: reports that the operator owes authorities."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from vigie.cli import frame

if TYPE_CHECKING:
    from vigie.store.models import AuthorityReport, User

SHOWN: Final = 200


@click.group("report", cls=frame.Group, epilog=frame.example("vigie report list"))
def command() -> None:
    """List and show reports to authorities; send now; unlock bytes for one.

    Reports are written and approved in the console. Nothing is called reported
    before its receipt is stored.
    """


@command.command("list", epilog=frame.example("vigie report list --state failed --json"))
@click.option("--state", help="Only those in this state, such as `failed`.")
@frame.data_dir
@frame.as_json
def list_(*, state: str | None, data_dir: Path, as_json: bool) -> None:
    """List reports, the newest first: numbers, states and times, never content."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.store.models import AuthorityReport

    rows = AuthorityReport.objects.order_by("-number")
    if state:
        rows = rows.filter(state=state)
    shown = [_row(one) for one in rows[:SHOWN]]
    frame.show({"reports": shown}, as_json=as_json, text=lambda: _table(shown))


@command.command("show", epilog=frame.example("vigie report show 3"))
@click.argument("number", type=click.IntRange(min=1))
@frame.data_dir
@frame.as_json
def show(*, number: int, data_dir: Path, as_json: bool) -> None:
    """Show the state, the clock and the receipt of a report."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    row = _find(number)
    told = _row(row) | {"receipt": row.receipt, "attempts": row.attempts}
    frame.show(told, as_json=as_json, text=lambda: frame.pairs(told))


@command.command("send", epilog=frame.example("vigie report send"))
@frame.data_dir
@frame.as_json
def send(*, data_dir: Path, as_json: bool) -> None:
    """Send what is approved and due now, as `jobs` does every two seconds."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.reports.send import send_due

    told = {"moved": send_due(house)}
    frame.show(told, as_json=as_json, text=lambda: frame.pairs(told))


@command.command(
    "unlock", epilog=frame.example("vigie report unlock 3 --officer c.ames=a.key --officer b=b.key")
)
@click.argument("number", type=click.IntRange(min=1))
@click.option(
    "--officer",
    "officers",
    multiple=True,
    required=True,
    metavar="NAME=FILE",
    help="An officer of child safety and the file with their key; named twice, two officers.",
)
@frame.data_dir
@frame.as_json
def unlock(*, number: int, officers: tuple[str, ...], data_dir: Path, as_json: bool) -> None:
    """Let two officers unlock the bytes of a report, for an hour, for this report alone.

    Each is asked for their password. The access is in the log before a byte leaves.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    pairs = [_officer(one) for one in officers]
    if len(pairs) != 2:
        raise click.UsageError("Name two officers: --officer NAME=FILE twice.")
    from vigie.flow.vault import access

    row = _find(number)
    now = house.now()
    opened = 0
    for file in row.files.exclude(evidence=None).select_related("evidence"):
        assert file.evidence is not None  # noqa: S101 - excluded above
        access.prepare_for_report(
            house,
            file.evidence,
            row,
            users=(pairs[0][0], pairs[1][0]),
            identities=(pairs[0][1], pairs[1][1]),
            stepped=(now, now),
        )
        opened += 1
    told = {"report": row.number, "unlocked": opened}
    frame.show(told, as_json=as_json, text=lambda: frame.pairs(told))


def _officer(text: str) -> tuple[User, str]:
    """Return an officer who gave their password, and their key."""
    from vigie.store.models import User

    name, _, path = text.partition("=")
    if not path or not Path(path).is_file():
        raise click.UsageError(f"{text!r} is not NAME=FILE with a file that can be read.")
    user = User.objects.filter(username=name.strip().casefold(), is_active=True).first()
    given = click.prompt(f"Password of {name}", hide_input=True, err=True)
    if user is None or not user.check_password(given):
        raise click.UsageError(f"{name} is not known by this password.")
    lines = Path(path).read_text(encoding="utf-8").split()
    return user, next((one for one in lines if one.startswith("AGE-SECRET-KEY-")), "")


def _find(number: int) -> AuthorityReport:
    from vigie.core.errors import NotFoundError
    from vigie.store.models import AuthorityReport

    row = AuthorityReport.objects.filter(pk=number).first()
    if row is None:
        raise NotFoundError(
            f"There is no report {number}.", code="no_report", fix="Look with `vigie report list`."
        )
    return row


def _row(row: AuthorityReport) -> dict[str, Any]:
    from vigie.core.clock import iso
    from vigie.store.models import DutyClock

    clock = DutyClock.objects.filter(subject="report", number=row.number).order_by("pk").first()
    return {
        "number": row.number,
        "kind": row.kind,
        "state": row.state,
        "problem": row.problem,
        "known_since": iso(row.awareness_at),
        "due": iso(clock.due_at) if clock is not None else None,
        "reported_at": iso(row.reported_at) if row.reported_at else None,
    }


def _table(rows: list[dict[str, Any]]) -> Iterable[str]:
    if not rows:
        yield "There is no report."
    for row in rows:
        end = f", {row['problem']}" if row["problem"] else ""
        yield f"R-{row['number']}  {row['kind']}  {row['state']}{end}  known {row['known_since']}"
