# SPDX-License-Identifier: Apache-2.0
"""`vigie evals run gateway`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from vigie.cli import frame

if TYPE_CHECKING:
    from vigie.evals.gateway.results import Rates, Report
    from vigie.evals.gateway.run import Task
    from vigie.evals.intervals import Interval

KEY: Final = "VIGIE_EVALS_KEY"
DIRECT_KEY: Final = "VIGIE_EVALS_DIRECT_KEY"
WAYS: Final = {"plain": (False,), "stream": (True,), "both": (False, True)}
FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    "gateway",
    epilog=frame.example(
        "vigie evals run gateway --data prompts.csv --against https://host/ai/v1",
        "vigie evals run gateway --data prompts.csv --against https://host/ai/v1 "
        "--direct http://model:8080/v1 --out run.jsonl --json",
    ),
)
@click.option("--data", type=FILE, required=True, help="Prompts: CSV, JSON lines, JSON, text.")
@click.option("--against", required=True, metavar="URL", help="The gateway's address, to /v1.")
@click.option("--key-file", type=FILE, help=f"File with the key.  [default: {KEY}]")
@click.option("--model", default="", help="Model to ask for.  [default: the first it names]")
@click.option("--direct", metavar="URL", help="The same model without the gateway: times apart.")
@click.option("--direct-key-file", type=FILE, help=f"Its key.  [default: {DIRECT_KEY}]")
@click.option(
    "--ways", type=click.Choice(sorted(WAYS)), default="both", show_default=True, help="How to ask."
)
@click.option("--label", type=click.Choice(("block", "allow")), help="For all rows of the file.")
@click.option("--text-column", help="Column of the prompt.")
@click.option("--label-column", help="Column of block or allow (1 or 0).")
@click.option("--language-column", help="Column of the language.")
@click.option("--country-column", help="Column of the user's country.")
@click.option("--category-column", help="Column of the category.")
@click.option("--forbidden-column", help="Column of words that must not come, parted by |.")
@click.option("--terms", type=FILE, help="Words that must not come in any answer, one a line.")
@click.option("--limit", type=click.IntRange(1), help="Ask the first of them alone.")
@click.option(
    "--at-once",
    type=click.IntRange(1, 256),
    default=4,
    show_default=True,
    help="How many at a time.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of results; a run broken off goes on from it. It holds no text.",
)
@frame.as_json
def command(*, as_json: bool, **given: Any) -> None:
    """Run labelled prompts through a gateway: what it stops, what it should not, what leaks.

    Each prompt is asked as one message, without and with streaming. A row is
    labelled block or allow; a column of other sets is found by its usual name
    (prompt_text, prompts_final, Behavior; hazard, harm_area, SemanticCategory)
    or named. Every figure comes with its 95 % interval: the rate of blocking,
    of over-blocking, the characters of forbidden words that reached the client,
    and with --direct the time added, from pairs asked in turns.

    Ends with 3 where the gateway answered nothing at all.
    """
    import asyncio

    from vigie.cli.failures import OUTSIDE, Done
    from vigie.cli.progress import Progress
    from vigie.evals.gateway.results import report
    from vigie.evals.gateway.run import run

    task = _task(given)
    total = len(task.prompts) * len(task.ways)
    with Progress("asking", total, quiet=as_json) as progress:
        seen = asyncio.run(run(task, lambda count: progress.add(count, count)))
    found = report(seen)
    frame.show(found, as_json=as_json, text=lambda: _told(found))
    if found.failed:
        frame.note(f"{frame.counted(found.failed, 'request')} failed and count in no rate.")
    if found.failed == found.asked:
        raise Done(OUTSIDE)


def _task(given: dict[str, Any]) -> Task:
    from vigie.evals.gateway import prompts
    from vigie.evals.gateway.ask import Server
    from vigie.evals.gateway.run import Task

    names = ("text", "label", "language", "country", "category", "forbidden")
    columns = {name: given[f"{name}_column"] for name in names if given[f"{name}_column"]}
    found = prompts.read(given["data"], prompts.Reading(columns, given["label"] or ""))
    direct = given["direct"]
    return Task(
        prompts=found[: given["limit"]],
        against=Server(given["against"], _key(given["key_file"], KEY), given["model"]),
        direct=Server(direct, _key(given["direct_key_file"], DIRECT_KEY)) if direct else None,
        ways=WAYS[given["ways"]],
        terms=prompts.read_terms(given["terms"]) if given["terms"] else (),
        at_once=given["at_once"],
        out=given["out"],
    )


def _key(file: Path | None, variable: str) -> str:
    import os

    said = file.read_text(encoding="utf-8") if file else os.environ.get(variable, "")
    return said.strip()


def _told(found: Report) -> Iterable[str]:
    yield from frame.table(
        ("", "blocked", "95 %", "of", "over-blocked", "95 %", "of"),
        [_row(name, rates) for name, rates in _groups(found)],
    )
    leak, added = found.leak, found.added_ms
    yield ""
    yield from frame.pairs(
        {
            "prompts": f"{found.prompts:,}",
            "requests": f"{found.asked:,}, of them {found.failed:,} failed",
            "leaked": f"{frame.counted(leak.characters, 'character')} of forbidden words",
            "leaked share": _shown(leak.share, percent=True),
            "answers that leaked": _shown(leak.answers, percent=True),
            "first text added, ms": _shown(added.first_text),
            "whole answer added, ms": _shown(added.whole_answer),
        }
    )


def _groups(found: Report) -> Iterable[tuple[str, Rates]]:
    yield "all", found.overall
    yield "plain", found.ways.plain
    yield "stream", found.ways.stream
    for part in (found.by_language, found.by_country, found.by_category):
        yield from part.items()


def _row(name: str, rates: Rates) -> tuple[str, ...]:
    cells = [name]
    for one in (rates.block_rate, rates.over_blocking_rate):
        if one is None:
            cells += ["-", "", ""]
        else:
            cells += [f"{one.value:.1%}", f"{one.low:.1%} to {one.high:.1%}", str(one.n)]
    return tuple(cells)


def _shown(one: Interval | None, *, percent: bool = False) -> str:
    if one is None:
        return "not measured"
    form = "{:.2%}" if percent else "{:.1f}"
    low, high = form.format(one.low), form.format(one.high)
    return f"{form.format(one.value)} ({low} to {high}, {one.n:,} measured)"
