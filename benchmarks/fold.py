# SPDX-License-Identifier: Apache-2.0
"""The fold: decisions a second of wall time while a person decides in another process.

A journal is filled as a door would (texts of the workload, one signal each, 5 %
with an effect, 1 % proposals). Folding takes all of it through both consumers
with its real pauses, until the last segment is sealed. Meanwhile a process of
its own decides on waiting cases, one after the other.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from benchmarks.common import Figure
from benchmarks.workload import texts

if TYPE_CHECKING:
    from vigie.flow.house import House

DECISIONS = 30_000
CASES = 500
ALONE = 60
"""Writes before the fold begins: what this machine takes without it."""
EFFECTS = 20  # every 20th: 5 %
PROPOSALS = 100  # every 100th: 1 %
BATCH = 200
BETWEEN_S = 0.02


def measure() -> list[Figure]:
    """Return the figures of both databases; PostgreSQL where it is installed."""
    from tests.support import postgres

    texts()
    found = list(_figures("SQLite", _child(""), 4_000))
    binaries = postgres.find_binaries()
    if binaries is not None:
        with postgres.cluster(binaries, durable=True) as url:
            found += _figures("PostgreSQL", _child(url), 2_000)
    return found


def _figures(name: str, told: dict[str, float], target: float) -> Iterator[Figure]:
    yield Figure(f"fold into {name}, 5 % with effect", told["rate"], "items/s wall", target)
    yield Figure(f"fold into {name}, CPU", told["per_cpu"], "items/CPU s")
    limit = 50.0
    yield Figure(f"a person's write meanwhile, p95, {name}", told["p95"], "ms", limit, False)
    yield Figure(f"the same without the fold, p95, {name}", told["alone"], "ms")
    yield Figure(f"a person's writes meanwhile, {name}", told["writes"], "writes")


def _child(url: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="vigie-fold-") as folder:
        environment = {**os.environ, "VIGIE_DATA_DIR": folder, "VIGIE_DATABASE_URL": url}
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.fold", "run"],
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
    for folder in (settings.run_dir, settings.journal_dir, settings.archive_dir):
        folder.mkdir(parents=True, exist_ok=True)
    load_django(settings)
    from vigie.flow.house import build

    return build(settings)


def run() -> None:
    """Fill a journal, fold it beside a deciding person, print what was measured."""
    house = _open()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    from vigie.jobs.folding import Folding

    with ExitStack() as stack:
        _fill(house, CASES, every=1)
        folding = Folding(house)
        stack.callback(folding.close)
        folding.drain()
        _fill(house, DECISIONS, every=PROPOSALS)
        person = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.fold", "person"], stdout=subprocess.PIPE, text=True
        )
        stack.callback(person.wait)
        assert person.stdout is not None
        alone = json.loads(person.stdout.readline())
        began, cpu = time.perf_counter(), time.process_time()
        while folding.turn():
            pass
        folding.seal_all()
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        (house.settings.run_dir / "stop").touch()
        waits = json.loads(person.stdout.readline())
    told = {
        "rate": DECISIONS / wall,
        "per_cpu": DECISIONS / cpu,
        "p95": _p95(waits),
        "alone": _p95(alone),
        "writes": len(waits),
    }
    print(json.dumps(told))


def _p95(waits: list[float]) -> float:
    return statistics.quantiles(waits, n=20)[18] * 1000


def _fill(house: House, count: int, *, every: int) -> None:
    from tests.support.made import Door, pause, proposal
    from vigie.core.decision import Signal

    door = Door(house.settings, house.pseudonym_key, house.now())
    words = itertools.cycle(texts())
    quiet = {"signals": (Signal(detector="text.linear", version="1", label="hate", value=0.07),)}
    for start in range(0, count, BATCH):
        for number in range(start, min(start + BATCH, count)):
            fields: dict[str, Any] = quiet
            if number % EFFECTS == 0 and every > 1:
                fields = pause()
            elif number % every == every - 1:
                fields = proposal()
            text = next(words)
            door.hold(door.item(text=text.text, language=text.language), **fields)
        door.release()
    door.close()


def person() -> None:
    """Decide on one case after the other until told to stop; print how long each took."""
    house = _open()
    from vigie.flow.decide import PersonDecision, Verb, decide
    from vigie.store.models import Case, User

    user = User.objects.create_user("c.vidal", None, role="moderator")
    numbers = list(Case.objects.order_by("pk").values_list("decision_id", flat=True)[:CASES])
    stop = house.settings.run_dir / "stop"
    waits: list[float] = []
    for turn, number in enumerate(numbers):
        if stop.exists():
            break
        if turn == ALONE:
            print(json.dumps(waits), flush=True)
            waits = []
        asked = PersonDecision(on=number, verb=Verb.WITHHOLD, reason="It is denial.", user=user)
        began = time.perf_counter()
        decide(house, asked)
        waits.append(time.perf_counter() - began)
        time.sleep(BETWEEN_S)
    print(json.dumps(waits), flush=True)


if __name__ == "__main__":
    {"run": run, "person": person}[sys.argv[1]]()
