# SPDX-License-Identifier: Apache-2.0
"""`vigie queue list|show|rules`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame
from vigie.core.errors import NotFoundError

if TYPE_CHECKING:
    from vigie.flow.queues.figures import Count
    from vigie.store.models import Case, ReviewQueue

MOST = 1_000
"""Numbers are counted up to here; then a plus says that there are more."""


@click.group("queue", cls=frame.Group, epilog=frame.example("vigie queue list"))
def command() -> None:
    """Show the queues, what waits in them and the rules that fill them.

    They are changed in the console, where every change names a person.
    """


@command.command("list", epilog=frame.example("vigie queue list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """List the queues with what waits, the oldest, and what is past its clock."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.queues.first import all_queues

    rows = [_row(one, house.now()) for one in all_queues().values()]
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


@command.command("show", epilog=frame.example("vigie queue show general --most 20"))
@click.argument("slug", metavar="QUEUE")
@click.option(
    "--most", type=click.IntRange(1, MOST), default=25, show_default=True, help="Cases to list."
)
@frame.data_dir
@frame.as_json
def show(*, slug: str, most: int, data_dir: Path, as_json: bool) -> None:
    """Show a queue and its next cases in the order in which they are served.

    Numbers and times only: no words of an item, no name of an author.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.queues import figures
    from vigie.flow.queues.first import all_queues
    from vigie.flow.queues.serve import ORDER

    queue = all_queues().get(slug)
    if queue is None:
        raise NotFoundError(
            f"There is no queue {slug}.",
            code="no_queue",
            field="QUEUE",
            fix="Run vigie queue list.",
        )
    found = figures.waiting(slug).select_related("decision").order_by(*ORDER)[:most]
    cases = [_case(one) for one in found]
    row = _row(queue, house.now())
    frame.show({**row, "cases": cases}, as_json=as_json, text=lambda: _shown(row, cases))


@command.command("rules", epilog=frame.example("vigie queue rules --json"))
@frame.data_dir
@frame.as_json
def rules(*, data_dir: Path, as_json: bool) -> None:
    """List the routing rules in the order in which they are asked."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.store.models import RoutingRule

    rows = [
        {
            "rule": one.pk,
            "position": one.position,
            "expression": one.expression,
            "queue": one.queue.slug,
            "priority": one.priority,
            "active": one.active,
        }
        for one in RoutingRule.objects.select_related("queue")
    ]
    frame.show(rows, as_json=as_json, text=lambda: _rules(rows))


def _row(queue: ReviewQueue, now: int) -> dict[str, Any]:
    from vigie.core.clock import iso
    from vigie.flow.queues.figures import ageing

    found = ageing(queue, now)
    return {
        "queue": queue.slug,
        "title": queue.title,
        "active": queue.active,
        "restricted": queue.restricted,
        "aim_minutes": queue.aim_minutes,
        "waiting": found.waiting.number,
        "late": found.late.number,
        "more": found.waiting.more,
        "oldest": iso(found.oldest) if found.oldest is not None else None,
        "next_due": iso(found.next_due) if found.next_due is not None else None,
        "buckets": {_edge(one.hours): _words(one.count) for one in found.buckets},
    }


def _edge(hours: int | None) -> str:
    return f"under {hours} h" if hours is not None else "48 h and more"


def _words(count: Count) -> str:
    return f"{count.number:,}{'+' if count.more else ''}"


def _case(case: Case) -> dict[str, Any]:
    from vigie.core.clock import iso

    return {
        "case": case.pk,
        "decision": case.decision.label,
        "kind": case.kind,
        "category": case.category,
        "trusted": case.trusted,
        "priority": case.priority,
        "due": iso(case.due_at) if case.due_at is not None else None,
        "clock": case.clock or "own aim",
        "hard": case.hard,
    }


def _listed(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    head = ("queue", "title", "waiting", "late", "oldest", "next due")
    cells = [
        (
            row["queue"],
            row["title"],
            f"{row['waiting']:,}{'+' if row['more'] else ''}",
            row["late"],
            row["oldest"] or "",
            row["next_due"] or "",
        )
        for row in rows
    ]
    yield from frame.table(head, cells)


def _shown(row: dict[str, Any], cases: Sequence[dict[str, Any]]) -> Iterable[str]:
    facts = {key: value for key, value in row.items() if key not in {"buckets", "more"}}
    yield from frame.pairs(facts)
    yield from frame.pairs(row["buckets"])
    yield ""
    head = ("case", "decision", "kind", "category", "priority", "due", "clock")
    yield from frame.table(head, [[one[name] or "" for name in head] for one in cases])


def _rules(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    head = ("rule", "position", "expression", "queue", "priority", "active")
    yield from frame.table(head, [[row[name] for name in head] for row in rows])
    yield frame.counted(len(rows), "rule")
