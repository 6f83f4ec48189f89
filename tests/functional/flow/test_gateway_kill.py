# SPDX-License-Identifier: Apache-2.0
"""A gateway's door that is killed: what it had answered is recorded."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

from tests.support.server import ROOT
from vigie.jobs.folding import Folding
from vigie.journal import archive
from vigie.store.models import GatewayDay, GatewayStop

DICE = random.Random(11)


def killed(house, application: str, *more: str) -> dict[str, list[str]]:
    """Run a door, kill it in the middle of something, return what its client has."""
    command = [sys.executable, "-m", "tests.support.books_writing"]
    process = subprocess.Popen(
        [*command, str(house.settings.data_dir), application, *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(DICE.uniform(0.2, 0.4))
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.wait(timeout=30)
    process.stdout.close()
    found: dict[str, list[str]] = {"prompt": [], "answer": []}
    for line in (first + rest).splitlines():
        what, name = line.split()
        found[what].append(name)
    return found


def lost(house, names: list[str]) -> list[str]:
    folder = house.settings.archive_dir
    return [name for name in names if archive.find(folder, name) is None]


def drain(house) -> None:
    folding = Folding(house, pause=lambda _: None)
    folding.drain()
    folding.close()


def test_what_a_killed_door_had_answered_is_recorded(house, application):
    told = killed(house, application)
    drain(house)
    assert len(told["answer"]) >= 5
    assert lost(house, [*told["prompt"], *told["answer"]]) == []
    counted = sum(GatewayDay.objects.values_list("exchanges", flat=True))
    assert len(told["answer"]) <= counted <= len(told["answer"]) + 2
    stopped = set(GatewayStop.objects.values_list("decision__decision_id", flat=True))
    assert set(told["answer"][4::5]) <= stopped


def test_a_door_that_answers_first_and_commits_later_loses_something(house, application):
    """The control of the test above."""
    told = killed(house, application, "early")
    drain(house)
    assert lost(house, [*told["prompt"], *told["answer"]]) == told["prompt"]
