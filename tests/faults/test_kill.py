# SPDX-License-Identifier: Apache-2.0
"""`kill -9` at random points under load: what was acknowledged is in the journal."""

from __future__ import annotations

import contextlib
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.conftest import FULL
from tests.support.door import set_up
from tests.support.server import Load, serving
from vigie.core.clock import SystemClock
from vigie.flow.fold.archive import Archiver
from vigie.flow.fold.effects import fold
from vigie.flow.house import build
from vigie.journal.archive import entries, sealed_files
from vigie.journal.reader import Reader, writers
from vigie.journal.rows import JournalDecision, Kind, decode
from vigie.settings import Settings
from vigie.store.models import DecisionRecord

ROUNDS = 60 if FULL else 3
EARLY = """
import asyncio
from vigie.machine import commits
real = commits.Commits.commit
def answer_first(self, rows):
    loop = asyncio.get_running_loop()
    loop.call_later(0.05, lambda: real(self, rows))
    done = loop.create_future()
    done.set_result(None)
    return done
commits.Commits.commit = answer_first
"""


def journaled(folder: Path) -> Counter[str]:
    """Count every decision of every journal of a folder by its id."""
    found: Counter[str] = Counter()
    for writer in writers(folder / "journal"):
        reader = Reader(folder / "journal", writer)
        for row in reader.since(0):
            if row.kind == Kind.DECISION:
                body: JournalDecision = decode(row)
                found[body.decision_id] += 1
        reader.close()
    return found


def folded(folder: Path) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Fold and archive all; count decisions in archive and store, and those to be kept."""
    house = build(Settings(data_dir=folder), SystemClock())
    archived: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    for writer in writers(folder / "journal"):
        with contextlib.closing(Reader(folder / "journal", writer)) as reader:
            fold(reader, house, pause=lambda _: None)
            archiver = Archiver(reader, house)
            while archiver.take():
                continue
            archiver.seal()
            bodies = (decode(row) for row in reader.since(0) if row.kind == Kind.DECISION)
            kept.update(body.decision_id for body in bodies if body.keep)
        for path in sealed_files(folder / "archive", writer):
            archived.update(entries(path)[0])
    return archived, Counter(DecisionRecord.objects.values_list("decision_id", flat=True)), kept


def kill_one(folder: Path, name: str, dice: random.Random, fault: str = "") -> Load:
    """Start a server, load it, kill it at a random moment."""
    with serving(folder, fault) as server, Load(server, name) as load:
        time.sleep(dice.uniform(0.05, 0.6))
        server.kill()
    return load


@pytest.mark.campaign
def test_what_was_acknowledged_before_a_kill_is_journaled_archived_and_stored_once(
    db, tmp_path, dice
) -> None:
    set_up(tmp_path)
    acknowledged: set[str] = set()
    answers = {}
    for number in range(ROUNDS):
        load = kill_one(tmp_path, f"r{number}", dice)
        acknowledged |= set(load.acknowledged)
        answers.update(load.answers)
    found = journaled(tmp_path)
    assert len(acknowledged) > 20 * ROUNDS
    assert acknowledged - set(found) == set()
    assert set(found.values()) == {1}
    archived, recorded, kept = folded(tmp_path)
    assert archived == found
    assert recorded == kept
    print(f"{len(acknowledged)} acknowledged over {ROUNDS} kills, none lost")
    with serving(tmp_path) as server:
        for name in dice.sample(sorted(answers), 25):
            body, first = answers[name]
            assert server.post(body, idempotency_key=name) == (200, first)


@pytest.mark.campaign
def test_control_a_door_that_answers_before_the_append_loses(tmp_path, dice) -> None:
    set_up(tmp_path)
    lost = 0
    for number in range(3):
        load = kill_one(tmp_path, f"r{number}", dice, EARLY)
        lost += len(set(load.acknowledged) - set(journaled(tmp_path)))
    assert lost > 0
