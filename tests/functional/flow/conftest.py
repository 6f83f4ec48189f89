# SPDX-License-Identifier: Apache-2.0
"""A house over an empty store, a clock that stands still, a door that decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.books import Gate
from tests.support.made import Door
from vigie import keys
from vigie.core.clock import FixedClock
from vigie.flow.fold.effects import Folded, fold
from vigie.flow.house import House, build
from vigie.flow.keys import create_key
from vigie.jobs import purge
from vigie.journal.reader import Reader, writers
from vigie.settings import Settings

NOW = 1_795_000_000_000


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still until it is moved."""
    return FixedClock(NOW)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a data folder of this test alone, its keys made."""
    found = Settings(data_dir=tmp_path / "data", countries=("AT", "DE", "FR"))
    for folder in (found.run_dir, found.journal_dir, found.archive_dir, found.snapshots_dir):
        folder.mkdir(parents=True)
    keys.create_missing(found.keys_dir)
    return found


@pytest.fixture
def house(db: None, settings: Settings, clock: FixedClock) -> House:
    """What verbs are given, over an empty store."""
    return build(settings, clock)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a test's transaction nobody can empty the WAL: do not wait for it."""
    monkeypatch.setattr(purge, "WAIT_S", 0.0)


@pytest.fixture
def door(house: House) -> Iterator[Door]:
    """A machine door with a journal of its own."""
    made = Door(house.settings, house.pseudonym_key, house.now())
    yield made
    made.close()


@pytest.fixture
def fold_all(house: House) -> Callable[[], Folded]:
    """Fold every journal of the folder; returns the sum of what was taken."""

    def run() -> Folded:
        rows = recorded = 0
        for writer in writers(house.settings.journal_dir):
            reader = Reader(house.settings.journal_dir, writer)
            try:
                done = fold(reader, house, pause=lambda _: None)
            finally:
                reader.close()
            rows, recorded = rows + done.rows, recorded + done.recorded
        return Folded(rows, recorded, 0)

    return run


@pytest.fixture
def application(house: House) -> str:
    """The number of an application's key."""
    return str(create_key(house, "Assistant", ["ai"])[0].pk)


@pytest.fixture
def gate(house: House, clock: FixedClock, application: str) -> Iterator[Gate]:
    """The books of a gateway's door with a journal of its own."""
    made = Gate(house.settings, house.pseudonym_key, clock, application=application)
    yield made
    made.close()
