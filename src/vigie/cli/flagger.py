# SPDX-License-Identifier: Apache-2.0
"""`vigie flagger add|list|end`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from vigie.cli import frame

BY: Final = "command line"
DAY: Final = click.DateTime(["%Y-%m-%d"])


@click.group(
    "flagger",
    cls=frame.Group,
    epilog=frame.example("vigie flagger add Hotline --source 'decision 1/26 of the coordinator'"),
)
def command() -> None:
    """Add, list and end trusted flaggers (Art. 22 DSA).

    The status is given by a Digital Services Coordinator; name where it stands.
    """


@command.command(
    "add",
    epilog=frame.example(
        "vigie flagger add Hotline --source 'public list of the Commission' --until 2027-12-31"
    ),
)
@click.argument("name")
@click.option("--source", required=True, help="Where the status stands.")
@click.option("--from", "since", type=DAY, help="First day.  [default: now]")
@click.option("--until", type=DAY, help="Day on which it ends.  [default: open]")
@frame.data_dir
@frame.as_json
def add(
    *,
    name: str,
    source: str,
    since: datetime | None,
    until: datetime | None,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Add a flagger and print its key, once."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.cli.publishing import refresh
    from vigie.flow.notices.flaggers import add_flagger

    row, secret = add_flagger(
        house, name, source, BY, valid_from=_moment(since), valid_until=_moment(until)
    )
    refresh(house)
    made = {"id": row.pk, "name": row.name, "key": secret}
    frame.show(made, as_json=as_json, text=lambda: _created(made))


def _moment(day: datetime | None) -> int | None:
    return None if day is None else round(day.replace(tzinfo=UTC).timestamp() * 1000)


def _created(made: dict[str, Any]) -> Iterable[str]:
    yield from frame.pairs(made)
    yield "The key is not shown again."


@command.command("list", epilog=frame.example("vigie flagger list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """List flaggers with how precise their notices are (95 % interval)."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.core.clock import iso
    from vigie.flow.notices.flaggers import precision
    from vigie.store.models import TrustedFlagger

    now = house.now()
    rows = []
    for row in TrustedFlagger.objects.order_by("name"):
        found = precision(row)
        rows.append(
            {
                "id": row.pk,
                "name": row.name,
                "source": row.source,
                "from": iso(row.valid_from),
                "until": iso(row.valid_until) if row.valid_until else None,
                "trusted_now": row.valid_from <= now
                and (row.valid_until is None or now < row.valid_until),
                "notices": row.notices.count(),
                "upheld": found.upheld,
                "decided": found.decided,
                "precision_low": round(found.low, 4),
                "precision_high": round(found.high, 4),
            }
        )
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


def _listed(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    yield from frame.table(
        ("name", "trusted now", "until", "notices", "upheld / decided", "95 %"),
        [
            (
                row["name"],
                "yes" if row["trusted_now"] else "no",
                row["until"] or "open",
                row["notices"],
                f"{row['upheld']} / {row['decided']}",
                f"{row['precision_low']:.0%} to {row['precision_high']:.0%}",
            )
            for row in rows
        ],
    )


@command.command("end", epilog=frame.example("vigie flagger end Hotline"))
@click.argument("name")
@frame.data_dir
@frame.as_json
def end(*, name: str, data_dir: Path, as_json: bool) -> None:
    """End a status now and revoke the key; notices keep the status they came with."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.cli.publishing import refresh
    from vigie.flow.notices.flaggers import end_flagger

    row = end_flagger(house, name, BY)
    refresh(house)
    shown = {"id": row.pk, "name": row.name, "ended": True}
    frame.show(shown, as_json=as_json, text=lambda: [f"{row.name} is no trusted flagger any more."])
