# SPDX-License-Identifier: Apache-2.0
"""`vigie law list|show|deadlines|check`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame
from vigie.core.clock import SystemClock

if TYPE_CHECKING:
    from vigie.law import Gap, LawTable, Row
    from vigie.law.deadlines import Deadline

own_packs = click.option(
    "--packs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the operator's own packs, added to the shipped ones.",
)


@click.group(
    "law", cls=frame.Group, epilog=frame.example("vigie law show --country FR --on 2026-11-22")
)
def command() -> None:
    """Show which rule applies where, and on what day.

    The data are an engineering reference, not legal advice; what they do not
    hold is shown as unknown.
    """


@command.command("list", epilog=frame.example("vigie law list --json"))
@own_packs
@frame.as_json
def list_(*, packs: Path | None, as_json: bool) -> None:
    """List every entry of the law packs."""
    from vigie.law import list_json

    table = _table(packs)
    frame.show(list_json(table), as_json=as_json, text=lambda: _entries(table))


@command.command("show", epilog=frame.example("vigie law show --country FR --on 2026-11-22"))
@click.option("--country", required=True, help="ISO 3166 code, such as FR.")
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="A day.  [default: today, UTC]"
)
@own_packs
@frame.as_json
def show(*, country: str, day: datetime | None, packs: Path | None, as_json: bool) -> None:
    """Show what applies in a country on a day, with what is not known."""
    from vigie.law import show as rows_of

    on = (day or datetime.fromtimestamp(SystemClock().now_ms() / 1000, UTC)).date()
    rows = rows_of(_table(packs), _country(country), on)
    frame.show(
        {"country": country.upper(), "on": on.isoformat(), "entries": rows},
        as_json=as_json,
        text=lambda: _rows(rows, country.upper(), on.isoformat()),
    )


@command.command(
    "deadlines", epilog=frame.example("vigie law deadlines", "vigie law deadlines --json")
)
@frame.as_json
def deadlines(*, as_json: bool) -> None:
    """List the clocks of the law: what starts each, how long it runs, how sure we are.

    A clock of low confidence is unconfirmed: it is shown and never sets a time.
    """
    from vigie.law.deadlines import load

    found = list(load().values())
    frame.show(found, as_json=as_json, text=lambda: _deadlines(found))


@command.command("check", epilog=frame.example("vigie law check", "vigie law check --json"))
@own_packs
@frame.as_json
def check(*, packs: Path | None, as_json: bool) -> None:
    """Read every pack strictly and list what the data do not hold.

    Gaps are shown and do not fail; a pack that does not fit the contract does.
    """
    from vigie.law import gaps

    table = _table(packs)
    found = gaps(table)
    kinds: dict[str, Any] = dict(sorted(Counter(gap.kind.value for gap in found).items()))
    frame.show(
        {"entries": len(table.entries), "gaps": found, "by_kind": kinds},
        as_json=as_json,
        text=lambda: _gaps(found, len(table.entries), kinds),
    )


def _deadlines(found: list[Deadline]) -> Iterable[str]:
    yield from frame.table(
        ("clock", "kind", "time", "starts with", "law", "confidence"),
        [
            (one.id, one.kind.value, _span(one), one.start or "", one.law, _sure(one))
            for one in found
        ],
    )
    yield frame.counted(len(found), "clock")


def _span(one: Deadline) -> str:
    if one.suggested and not one.duration:
        return f"no figure, own aim {one.suggested}"
    return one.duration or one.date or one.due or "no figure"


def _sure(one: Deadline) -> str:
    words = one.confidence.value if one.sorts else "low: unconfirmed"
    return words if one.source else f"{words}, source not stated"


def _table(packs: Path | None) -> LawTable:
    from vigie.law import load

    return load(packs)


def _country(text: str) -> str:
    if len(text) != 2 or not text.isalpha():
        raise click.BadParameter("a country is an ISO 3166 code of two letters, such as FR")
    return text.upper()


def _entries(table: LawTable) -> Iterable[str]:
    entries = table.entries.values()
    yield from frame.table(
        ("entry", "kind", "class", "where", "confidence", "provision"),
        [
            (e.id, e.kind.value, e.cls.value, e.jurisdiction, e.confidence.value, e.provision)
            for e in entries
        ],
    )
    yield f"{frame.counted(len(table.entries), 'entry', 'entries')}"


def _rows(rows: list[Row], country: str, on: str) -> Iterable[str]:
    yield f"{country} on {on}: {frame.counted(len(rows), 'entry', 'entries')}"
    for row in rows:
        yield ""
        yield f"{row.id}  ({row.kind.value}, {row.cls})"
        facts = {
            "provision": row.provision,
            "what": row.what,
            "maximum": row.maximum or "unknown",
            "standing": row.status,
            "confidence": f"{row.confidence} ({row.source})",
            "authority": row.authority or "unknown",
            "custody": row.custody or "not applicable",
            "necessity": row.necessity,
            "offered as": row.proposal.value,
        }
        yield from (f"  {line}" for line in frame.pairs(facts))


def _gaps(found: list[Gap], entries: int, kinds: dict[str, Any]) -> Iterable[str]:
    yield from (f"{gap.entry}: {gap.message}" for gap in found)
    yield ""
    yield from frame.pairs(kinds)
    yield f"{frame.counted(entries, 'entry', 'entries')} read, {frame.counted(len(found), 'gap')}"
