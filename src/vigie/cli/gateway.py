# SPDX-License-Identifier: Apache-2.0
"""`vigie gateway`: the brake, what stands, incidents, alarms, the digest of a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame, gateway_profile, gateway_upstream
from vigie.cli.vault_records import as_person, proven
from vigie.core.gateway import DAY_MS, EVERYWHERE, Ending, Feature

if TYPE_CHECKING:
    from vigie.flow.gateway.digest import Digest, Line
    from vigie.store.models import GatewayBrake

HIDDEN = "fewer than 10"


@click.group(
    "gateway",
    cls=frame.Group,
    epilog=frame.example("vigie gateway status", "vigie gateway upstream add openai ..."),
)
def command() -> None:
    """Run the AI gateway: upstreams, profiles, the brake, incidents, the digest of a day."""


command.add_command(gateway_upstream.group)
command.add_command(gateway_profile.group)
command.add_command(gateway_profile.trips)


@command.command(
    "stop",
    epilog=frame.example(
        'vigie gateway stop --feature image_edit --country FR --reason "Being looked into."'
    ),
)
@click.option(
    "--feature", required=True, type=click.Choice([one.value for one in Feature]), help="What."
)
@click.option(
    "--country", "countries", multiple=True, help="Of the users; may be repeated.  [default: all]"
)
@click.option("--reason", required=True, help="Why, as users may read it.")
@frame.data_dir
@frame.as_json
def stop(
    *, feature: str, countries: tuple[str, ...], reason: str, data_dir: Path, as_json: bool
) -> None:
    """Stop a feature at once; streams in flight are cut.

    It is in force in every process within 2 s while `vigie serve` runs, and starts
    again only when two people agree.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.cli.publishing import refresh
    from vigie.flow.gateway import brakes

    row = brakes.stop(house, None, feature, countries, reason)
    refresh(house)
    shown = {"number": row.number, "feature": row.feature, "countries": row.countries}
    frame.show(
        shown,
        as_json=as_json,
        text=lambda: [f"{row.feature} is stopped, {_where(row.countries)}: {brakes.label(row)}."],
    )


@command.command(
    "start", epilog=frame.example('vigie gateway start 3 --as l.anders --reason "Mended."')
)
@click.argument("number", type=int)
@as_person
@click.option("--reason", default="", help="Why; needed by whoever asks first.")
@frame.data_dir
@frame.as_json
def start(*, number: int, name: str, reason: str, data_dir: Path, as_json: bool) -> None:
    """Start what brake NUMBER stopped: two people, one after the other; asks for the password.

    The first one asks with a reason, the second one runs the same command and agrees.
    Whoever stopped it can ask, and is never the second one.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.cli.publishing import refresh
    from vigie.flow.gateway import brakes

    user = proven(name)
    waiting = brakes.waiting_on(brakes.find(number))
    if waiting is None or waiting.asked_by_id == user.pk:
        brakes.ask_release(house, user, number, reason)
        said = f"B-{number}: asked. It starts when another person agrees."
        shown = {"number": number, "state": "asked"}
    else:
        brakes.release(house, user, number)
        refresh(house)
        said = f"B-{number}: released. It runs again."
        shown = {"number": number, "state": "released"}
    frame.show(shown, as_json=as_json, text=lambda: [said])


@command.command(
    "note", epilog=frame.example('vigie gateway note 3 "The provider confirmed the fault."')
)
@click.argument("number", type=int)
@click.argument("text")
@frame.data_dir
@frame.as_json
def note(*, number: int, text: str, data_dir: Path, as_json: bool) -> None:
    """Add a note to the timeline of incident NUMBER."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.gateway import brakes

    brakes.note(house, None, number, text)
    shown = {"number": number, "noted": True}
    frame.show(shown, as_json=as_json, text=lambda: [f"B-{number}: noted."])


@command.command("status", epilog=frame.example("vigie gateway status --json"))
@frame.data_dir
@frame.as_json
def status(*, data_dir: Path, as_json: bool) -> None:
    """Say what runs where, whom it asks, what raised an alarm, and how much today was."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.gateway.standing import standing

    shown = standing(house)
    frame.show(shown, as_json=as_json, text=lambda: _status(shown))


def _status(shown: Mapping[str, Any]) -> Iterable[str]:
    head = ("feature", "stopped in", "by")
    yield from frame.table(
        head,
        [
            (one["feature"], _where(one["stopped_in"]) or "nowhere", " ".join(one["brakes"]))
            for one in shown["features"]
        ],
    )
    yield ""
    for one in shown["upstreams"]:
        key = "its key is there" if one["key"] else "without a key"
        yield f"upstream {one['name']}: {one['host']}, {key}{_health(one)}"
    if not shown["upstreams"]:
        yield "No upstream: vigie gateway upstream add"
    for one in shown["alarms"]:
        yield f"alarm A-{one['number']}: {one['kind']} {one['subject']} ({one['count']:,})".rstrip()
    today = shown["today"]
    yield f"Today {today['asked']}: refused {today['refused']}, cut {today['cut']}."


def _health(one: Mapping[str, Any]) -> str:
    return f", {one['health']}" if one["health"] else ""


def _where(countries: Iterable[str]) -> str:
    found = list(countries)
    return "everywhere" if EVERYWHERE in found else " ".join(found)


@command.command("incidents", epilog=frame.example("vigie gateway incidents --json"))
@frame.data_dir
@frame.as_json
def incidents(*, data_dir: Path, as_json: bool) -> None:
    """List incidents with their timelines: who did what, when."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.flow.gateway import timeline

    rows = [_incident(row) for row in timeline.incidents()]
    frame.show(rows, as_json=as_json, text=lambda: _told(rows))


def _incident(row: GatewayBrake) -> dict[str, Any]:
    from vigie.core.clock import iso
    from vigie.flow.gateway.timeline import lines_of

    return {
        "number": row.number,
        "feature": row.feature,
        "countries": row.countries,
        "reason": row.reason,
        "automatic": row.automatic,
        "state": row.state,
        "timeline": [
            {"at": iso(one.at), "by": one.by, "what": one.what, "note": one.note}
            for one in lines_of(row)
        ],
    }


def _told(rows: list[dict[str, Any]]) -> Iterable[str]:
    if not rows:
        yield "No incident."
    for row in rows:
        where = _where(row["countries"])
        yield f"B-{row['number']} {row['feature']}, {where}: {row['state'].replace('_', ' ')}"
        for one in row["timeline"]:
            note = f": {one['note']}" if one["note"] else ""
            yield f"  {one['at']}  {one['what'].replace('_', ' ')} by {one['by']}{note}"


@command.group("alarm", epilog=frame.example("vigie gateway alarm list"))
def alarm() -> None:
    """List and close the gateway's alarms."""


@alarm.command("list", epilog=frame.example("vigie gateway alarm list --json"))
@frame.data_dir
@frame.as_json
def alarm_list(*, data_dir: Path, as_json: bool) -> None:
    """List the alarms that are open, the newest first."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.flow.gateway.standing import alarm_rows

    rows = alarm_rows()
    head = ("number", "kind", "key", "subject", "count", "first_at", "last_at")
    cells = [[row[name] or "" for name in head] for row in rows]
    frame.show(rows, as_json=as_json, text=lambda: frame.table(head, cells))


@alarm.command("close", epilog=frame.example('vigie gateway alarm close 4 --note "Registered."'))
@click.argument("number", type=int)
@click.option("--note", required=True, help="What it was, and what was done.")
@frame.data_dir
@frame.as_json
def alarm_close(*, number: int, note: str, data_dir: Path, as_json: bool) -> None:
    """Close alarm NUMBER with a note; the same again raises a new one."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.gateway import alarms

    alarms.close(house, None, number, note)
    shown = {"number": number, "closed": True}
    frame.show(shown, as_json=as_json, text=lambda: [f"A-{number}: closed."])


@command.command(
    "digest", epilog=frame.example("vigie gateway digest", "vigie gateway digest --day 2026-11-22")
)
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="Which day, UTC.  [default: yesterday]"
)
@frame.data_dir
@frame.as_json
def digest(*, day: datetime | None, data_dir: Path, as_json: bool) -> None:
    """Say what was asked, refused and cut on a day, by category and country.

    A number behind which fewer than ten people stand is not shown, nor one by which it
    could be worked out. Of a day that is not over, numbers are cut down to tens.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.gateway.digest import digest as of_day

    number = None if day is None else round(day.replace(tzinfo=UTC).timestamp() * 1000) // DAY_MS
    found = of_day(house, number)
    frame.show(digest_document(found), as_json=as_json, text=lambda: _digest(found))


def digest_document(found: Digest) -> dict[str, Any]:
    """Return a digest for programs: a number that is not shown is null."""

    def line(one: Line) -> dict[str, Any]:
        figures = zip(found.countries, one.countries, strict=True)
        return {
            "ending": one.ending,
            "category": one.category,
            "countries": {country: figure.exchanges for country, figure in figures},
            "total": one.total.exchanges,
        }

    return {
        "day": _day(found.day),
        "running": found.running,
        "countries": list(found.countries),
        "asked": line(found.asked),
        "lines": [line(one) for one in found.lines],
    }


def _day(number: int) -> str:
    return datetime.fromtimestamp(number * DAY_MS / 1000, UTC).date().isoformat()


def _digest(found: Digest) -> Iterable[str]:
    refused, cut = (found.sum_of(one) for one in (Ending.REFUSED, Ending.CUT))
    yield f"{_day(found.day)}{', so far, in tens' if found.running else ''}"
    yield (f"Asked: {_shown(found.asked.total.exchanges)}. Refused: {refused}. Cut: {cut}.")
    head = ("what became of it", *(one or "unknown" for one in found.countries), "all")
    rows = [(_name(one), one) for one in found.lines] + [("asked", found.asked)]
    yield from frame.table(
        head,
        [
            (name, *(_shown(one.exchanges) for one in line.countries), _shown(line.total.exchanges))
            for name, line in rows
        ],
    )


def _name(line: Line) -> str:
    return f"{line.ending}: {line.category}" if line.category else line.ending


def _shown(count: int | None) -> str:
    return HIDDEN if count is None else f"{count:,}"
