# SPDX-License-Identifier: Apache-2.0
"""The search over 100,000 decisions: milliseconds of wall time for a page of results.

Made-up decisions of a month, skewed as such things are (a policy for half of
them, one for fifty), tagged by the product's own job. Each search is asked for
decisions, items and authors: the count up to its limit and the first page.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Final

from benchmarks.common import Figure

DECISIONS: Final = 100_000
ROUNDS: Final = 5
SEARCHES: Final = (
    "",
    "policy = denial",
    "policy = rare_policy",
    "policy = denial and policy = spam",
    "policy = rare_policy or policy = spam",
    "not (policy = denial or policy = incitement)",
    "item.language = fr and policy = denial",
    "item.language = el",
    "item.surface = ad",
    "score.denial >= 0.9",
    "score.denial >= 0.999",
    "score.denial > 0.4 and item.language = de and decision.by = person",
    "territory = FR and decision.outcome = withhold and at >= -7d",
    "territory = AT and decision.outcome = remove and at >= -7d",
    "decision.outcome in (withhold, remove)",
    "at >= -1d",
    "at < 2026-10-26",
    "offence ~ fr_",
    "marks = quotation and decision.by = person",
    "queue = general and state = open",
    "state = open and due < +1h",
    "category = hate",
    "item ~ p-9999",
    "author = 0000000000000000000000000000001f",
    "decision.replaced = no and decision.outcome = review",
)


def measure() -> list[Figure]:
    """Return the figures of both databases; PostgreSQL where it is installed."""
    from tests.support import postgres

    found = list(_figures("SQLite", _child("")))
    binaries = postgres.find_binaries()
    if binaries is not None:
        with postgres.cluster(binaries, durable=True) as url:
            found += _figures("PostgreSQL", _child(url))
    return found


def _figures(name: str, told: dict[str, float]) -> Iterator[Figure]:
    size = f"{DECISIONS:,} decisions, {name}"
    yield Figure(f"a page of results, p95, {size}", told["p95"], "ms", 100.0, False)
    yield Figure(f"a page of results, median, {size}", told["median"], "ms")
    yield Figure(f"the slowest search, {size}", told["most"], "ms")
    yield Figure(f"tagging, {name}", told["tagged"], "decisions/s wall")


def _child(url: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="vigie-search-") as folder:
        environment = {**os.environ, "VIGIE_DATA_DIR": folder, "VIGIE_DATABASE_URL": url}
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.search"],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        return dict(json.loads(done.stdout.splitlines()[-1]))


def run() -> None:
    """Fill a store, search it, print what was measured."""
    from vigie import keys
    from vigie.jobs import load_django
    from vigie.settings import Settings

    settings = Settings.from_env()
    keys.create_missing(settings.keys_dir)
    load_django(settings)
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    from tests.support import found
    from vigie.flow.house import build
    from vigie.flow.search import index

    found.keep(found.many(DECISIONS))
    began = time.perf_counter()
    house = build(settings)
    while index.tag(house):
        pass
    tagged = DECISIONS / (time.perf_counter() - began)
    _settle()
    times = sorted(_times())
    told = {
        "p95": statistics.quantiles([one for one, _ in times], n=20)[18],
        "median": statistics.median(one for one, _ in times),
        "most": times[-1][0],
        "tagged": tagged,
    }
    print(f"slowest: {[(round(ms), text) for ms, text in times[-6:]]}", file=sys.stderr)
    print(json.dumps(told))


def _settle() -> None:
    """Let PostgreSQL count what it would have counted while the month went by."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _times() -> Iterator[tuple[float, str]]:
    """Yield the milliseconds of every search, each the best of some rounds."""
    from tests.support.found import NOW
    from vigie.flow.search import parse, query, saved

    for text in SEARCHES:
        for target in saved.TARGETS:
            taken = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                query.page(parse(text), target, NOW)
                taken.append((time.perf_counter() - began) * 1000)
            yield min(taken), f"{target}: {text}"


if __name__ == "__main__":
    run()
