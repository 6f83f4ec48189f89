# SPDX-License-Identifier: Apache-2.0
"""The jobs process: journals emptied, dead ones removed, figures written."""

from __future__ import annotations

import json
import threading

import pytest

from tests.support.made import Door, there
from vigie import locks
from vigie.flow.policies import publish_starter_set
from vigie.jobs import drain
from vigie.jobs.crew import Crew
from vigie.jobs.folding import Folding
from vigie.jobs.signing import LOCK, sign_once
from vigie.journal.reader import Reader, writers
from vigie.store.models import DecisionRecord, PublishedCheckpoint, Segment


@pytest.fixture
def folding(house):
    made = Folding(house, pause=lambda _: None)
    yield made
    made.close()


def kinds(house, door):
    reader = Reader(house.settings.journal_dir, door.writer)
    try:
        return sorted(row.kind for row in reader.read(0, 100))
    finally:
        reader.close()


def test_texts_leave_the_journal_as_soon_as_they_are_folded(house, door, folding):
    door.propose()
    assert "text" in kinds(house, door)
    folding.turn()
    assert kinds(house, door) == ["decision", "hourkey"]


def test_other_rows_stay_for_a_day_and_never_before_both_consumers_took_them(
    house, door, folding, clock
):
    door.decide()
    clock.advance(86_400_001)
    folding._present()
    folding.forget()
    assert kinds(house, door) == ["decision", "hourkey"]
    folding.drain()
    assert kinds(house, door) == []


def test_journal_of_a_dead_writer_is_folded_and_removed(house, folding, clock):
    door = Door(house.settings, house.pseudonym_key, house.now())
    door.propose()
    door.close()
    folding.drain()
    assert writers(house.settings.journal_dir) == [door.writer]
    clock.advance(86_400_001)
    folding.forget()
    assert writers(house.settings.journal_dir) == []
    assert DecisionRecord.objects.count() == Segment.objects.count() == 1


def test_journal_of_a_living_writer_stays(house, door, folding, clock):
    door.decide()
    folding.drain()
    clock.advance(86_400_001)
    folding.forget()
    assert writers(house.settings.journal_dir) == [door.writer]


def test_lag_is_the_age_of_the_oldest_row_not_folded(house, door, folding, clock):
    door.decide()
    folding._present()
    clock.advance(61_000)
    assert folding.lag_seconds() == 61.0
    folding.turn()
    assert folding.lag_seconds() == 0.0


def test_drain_takes_everything_seals_and_signs(house, door):
    door.decide()
    door.propose()
    drain(house)
    assert Segment.objects.get().count == 2
    assert PublishedCheckpoint.objects.get().size == 2


def test_nobody_signs_beside_the_checkpointer(house, door):
    drain(house)
    with locks.acquire(house.settings.run_dir / LOCK):
        door.propose()
        drain(house)
        assert sign_once(house) is None
    assert PublishedCheckpoint.objects.filter(size__gt=0).count() == 0
    assert there(sign_once(house)).size == 2


@pytest.mark.django_db(transaction=True)
def test_crew_folds_builds_signs_and_says_so(settings, transactional_db):
    from vigie.flow.house import build

    house = build(settings)
    publish_starter_set(house, "vigie init")
    door = Door(settings, house.pseudonym_key, house.now())
    door.propose()
    stop = threading.Event()
    crew = Crew(house, stop)
    thread = threading.Thread(target=crew.run)
    thread.start()
    status = settings.run_dir / "jobs.status.json"
    told: dict[str, float] = {}
    for _ in range(100):
        stop.wait(0.1)
        told = json.loads(status.read_bytes()) if status.exists() else {}
        if told.get("log_size") and told.get("snapshot") == 1 and told["cases_open"] == 1:
            break
    stop.set()
    thread.join(timeout=10)
    door.close()
    assert not thread.is_alive()
    assert told["cases_open"] == 1, told
    assert told["snapshot"] == 1
    assert told["log_size"] > 0
    assert told["fold_lag_seconds"] < 60
    assert {"promise_p99_seconds", "oldest_unsent_seconds", "effects_overdue"} <= set(told)


def test_a_fold_that_fails_falls_behind_and_says_so(house, door, clock, monkeypatch):
    crew = Crew(house, threading.Event())
    door.propose()
    assert crew.fold()
    assert crew.figures.value("fold_lag_seconds") == 0

    def fails(_self):
        raise OSError("no disk")

    monkeypatch.setattr(Folding, "turn", fails)
    clock.advance(61_000)
    with pytest.raises(OSError, match="no disk"):
        crew.fold()
    assert crew.figures.value("fold_lag_seconds") == 61.0
