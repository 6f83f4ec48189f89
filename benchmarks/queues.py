# SPDX-License-Identifier: Apache-2.0
"""Queues with 100,000 open cases: what each question of a moderator costs then.

Half of the cases wait in one queue, the rest in four others; one in ten is past
its clock, one in a hundred comes from a trusted flagger. Figures are wall time
at p95 of calls as the console makes them.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from benchmarks.common import Figure

if TYPE_CHECKING:
    from vigie.flow.house import House
    from vigie.store.models import User

CASES = 100_000
CALLS = 100
GROUP = 5_000
HOUR = 3_600_000
QUEUES = ("general", "general", "general", "general", "hate-fr", "hate-de", "fraud", "press")
CATEGORIES = ("hate", "hate", "hate", "denial", "fraud", "threat", "goods", "other")
LIMIT = 10.0
NAMES = {
    "next": "next case, claimed",
    "next_cpu": "next case, claimed, CPU of this process",
    "barred": "next case, half of the queue not given",
    "language": "next case, a rare language preferred",
    "claim": "claim and give back",
    "page": "first page of a queue",
    "deep": "page 40 of a queue",
    "late": "first page of what is late",
    "ageing": "ageing of a queue",
    "rail": "all queues with count and oldest",
    "queued": "is this already queued",
    "filter": "filter by priority and category",
    "route": "route 200 new cases, each",
}


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
    for key, name_of in NAMES.items():
        limit = LIMIT if key in {"next", "next_cpu", "claim", "barred", "language"} else None
        words = name_of if key == "next_cpu" else f"{name_of}, p95"
        yield Figure(f"{words}, {name}", told[key], "ms", limit, at_least=False)


def _child(url: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="vigie-queues-") as folder:
        environment = {**os.environ, "VIGIE_DATA_DIR": folder, "VIGIE_DATABASE_URL": url}
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.queues", "run"],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        return dict(json.loads(done.stdout.splitlines()[-1]))


def _open() -> House:
    from vigie import keys
    from vigie.jobs import load_django
    from vigie.settings import Settings

    settings = Settings.from_env(countries=("AT", "DE", "FR"))
    keys.create_missing(settings.keys_dir)
    load_django(settings)
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    from vigie.flow.house import build

    return build(settings)


def _fill(house: House, count: int, first: int, *, routed: bool) -> None:
    """Insert decisions with an open case each."""
    from vigie.flow.insert import insert
    from vigie.store.models import Case, DecisionRecord, Record

    now, dice = house.now(), random.Random(first)
    for start in range(first, first + count, GROUP):
        numbers = range(start, min(start + GROUP, first + count))
        insert(
            Record,
            ("record_id", "kind", "at", "content"),
            [(f"r{n}", "decision.made", now, b"{}") for n in numbers],
        )
        insert(DecisionRecord, _DECISION, [_decision(n, now) for n in numbers])
        insert(Case, _CASE, [_case(n, now, dice, routed=routed) for n in numbers])


_DECISION = (
    "number", "decision_id", "record", "log_index", "kind", "service", "item_id", "version",
    "surface", "author", "language", "outcome", "cls", "offences", "territories", "policies",
    "media", "sample", "at", "snapshot", "body", "decided_by", "reason", "stale", "has_content",
)  # fmt: skip
_CASE = (
    "decision", "kind", "queue", "state", "policy", "ground", "territories", "action", "proposals",
    "one_click", "facts", "opened_at", "decided_by", "category", "language", "priority",
    "trusted", "clock", "hard", "claimed_until", "due_at", "routed_at",
)  # fmt: skip


def _decision(n: int, now: int) -> tuple[Any, ...]:
    body = {
        "decision_id": f"d{n}", "item_id": f"p-{n}", "version": 1, "outcome": "review",
        "signals": [
            {"detector": "text.linear", "version": "1", "label": "hate", "value": 0.9},
        ],
    }  # fmt: skip
    return (
        n, f"d{n}", f"r{n}", n, "machine", "agora", f"p-{n}", 1, "post", f"a{n % 5000}", "fr",
        "review", "", "[]", '["FR"]', '["hate"]', "[]", False, now, 1, json.dumps(body), "", "",
        False, False,
    )  # fmt: skip


def _case(n: int, now: int, dice: random.Random, *, routed: bool) -> tuple[Any, ...]:
    age = dice.randrange(0, 72 * HOUR)
    category = dice.choice(CATEGORIES)
    due = now - age + (24 if age < 65 * HOUR else 66) * HOUR
    return (
        n, "proposal", dice.choice(QUEUES) if routed else "general", "open", "hate", "{}", '["FR"]',
        "x", "[]", False, "{}", now - age, "", category, "ar" if n % 1000 == 0 else "fr",
        dice.randrange(1, 9), dice.random() < 0.01, "", False, 0,
        due if routed else None, now if routed else None,
    )  # fmt: skip


def _cpu(work: Callable[[], object]) -> float:
    """Return the CPU milliseconds of a call: what it costs whatever else runs."""
    began = time.process_time()
    for _ in range(CALLS):
        work()
    return (time.process_time() - began) * 1000 / CALLS


def _p95(work: Callable[[], object], calls: int = CALLS) -> float:
    work()
    times = []
    for _ in range(calls):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(times, n=20)[-1]


def _run() -> dict[str, float]:
    house = _open()
    from django.db import connection

    from vigie.flow.queues import figures, first, listing, queued
    from vigie.flow.search import parse
    from vigie.store.models import ReviewQueue, User
    from vigie.store.permissions import Role

    first.ensure()
    for slug in sorted(set(QUEUES) - {"general"}):
        ReviewQueue.objects.create(slug=slug, title=slug)
    _fill(house, CASES, 1, routed=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    make = User.objects.create_user
    user = make("one", None, role=Role.SENIOR)
    barred = make("two", None, role=Role.SENIOR, barred=["hate", "denial"])
    reads = make("three", None, role=Role.SENIOR, languages=["ar"])
    queues = first.all_queues()
    general, slugs = queues["general"], list(queues)
    rows = list(queues.values())
    wanted = parse("category = fraud and priority >= 7")
    return {
        "next": _p95(lambda: _next(house, user)),
        "next_cpu": _cpu(lambda: _next(house, user)),
        "barred": _p95(lambda: _next(house, barred)),
        "language": _p95(lambda: _next(house, reads)),
        "claim": _claims(house, user),
        "page": _p95(lambda: listing.of_queue(house, user, general)),
        "deep": _p95(lambda: listing.of_queue(house, user, general, 40)),
        "late": _p95(lambda: listing.late(house, user, rows)),
        "ageing": _p95(lambda: figures.ageing(general, house.now())),
        "rail": _p95(lambda: _rail(slugs)),
        "queued": _p95(lambda: queued.find("p-777")),
        "filter": _p95(lambda: listing.of_queue(house, user, general, 1, wanted), 20),
        "route": _routing(house),
    }


def _next(house: House, user: User) -> None:
    from vigie.flow.queues.serve import next_case
    from vigie.store.models import Case, CaseState

    case = next_case(house, user)
    assert case is not None
    Case.objects.filter(pk=case.pk).update(state=CaseState.DECIDED)


def _claims(house: House, user: User) -> float:
    from vigie.flow.queues import claims
    from vigie.store.models import Case

    case = Case.objects.select_related("decision").filter(queue="press", state="open").latest("pk")

    def both() -> None:
        claims.claim(house, case, user)
        claims.release(house, case, user)

    return _p95(both)


def _rail(slugs: list[str]) -> None:
    from vigie.flow.queues import figures

    for slug in slugs:
        figures.count(figures.waiting(slug))
        figures.oldest(slug)


def _routing(house: House) -> float:
    """Return the milliseconds for each of 200 cases, with twenty rules in force."""
    from vigie.flow.queues.first import all_queues
    from vigie.flow.queues.route import route
    from vigie.store.models import RoutingRule

    for n in range(20):
        RoutingRule.objects.create(
            position=n, expression=f"item.language = x{n} or score.hate > 0.9{n:02}",
            queue=all_queues()["press"],
        )  # fmt: skip
    _fill(house, 2_000, CASES + 1, routed=False)
    return _p95(lambda: route(house), 8) / 200


if __name__ == "__main__" and sys.argv[1:] == ["run"]:
    print(json.dumps(_run()))
