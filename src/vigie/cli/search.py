# SPDX-License-Identifier: Apache-2.0
"""`vigie search`: the search of the console, for scripts and spreadsheets."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from vigie.cli import frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.flow.house import House

TARGETS: Final = ("decisions", "items", "authors")
SHOWN: Final = ("number", "at", "outcome", "by", "item", "language", "territories", "policies")


@click.command(
    "search",
    epilog=frame.example(
        "vigie search 'policy = denial and at >= -7d'",
        "vigie search 'decision.by = person' --csv --limit 0 > decisions.csv",
    ),
)
@click.argument("expression", metavar="EXPR")
@click.option(
    "--target",
    type=click.Choice(TARGETS),
    default=TARGETS[0],
    show_default=True,
    help="What is looked for; an item or author shows the newest decision.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    metavar="N",
    help="How many at most; 0 is all.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for spreadsheets.")
@frame.data_dir
@frame.as_json
def command(
    *, expression: str, target: str, limit: int, as_csv: bool, data_dir: Path, as_json: bool
) -> None:
    """Find decisions, items and authors by an expression.

    EXPR is written as in the console: field, operator, value, joined by and,
    or, not and parentheses. No words of items and no names are printed, and
    nothing of class child is found.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    found = _found(house, expression, target)
    rows = itertools.islice(found, limit or None)
    if as_csv:
        from vigie.flow.search import table
        from vigie.web import csv_rows

        sys.stdout.writelines(csv_rows.lines(table.COLUMNS, map(table.flat, rows)))
        return
    shown = list(rows)
    frame.show(shown, as_json=as_json, text=lambda: _listed(shown))


def _found(house: House, expression: str, target: str) -> Iterator[dict[str, Any]]:
    """Yield what fits; decisions that `jobs` has not tagged yet are tagged first."""
    from vigie.flow.search import Target, index, parse, query, saved, table

    node = parse(expression)
    query.check_kept(node)
    while index.tag(house):
        pass
    wanted = next(one for one in saved.TARGETS if one == Target(target))
    for group in query.every(node, wanted, house.now()):
        yield from table.plain(group)


def _listed(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    if not rows:
        yield "Nothing fits."
        return
    yield from frame.table(SHOWN, [[_cell(row[name]) for name in SHOWN] for row in rows])


def _cell(value: object) -> str:
    return " ".join(value) if isinstance(value, list) else str(value or "")
