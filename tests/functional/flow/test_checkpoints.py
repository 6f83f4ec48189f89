# SPDX-License-Identifier: Apache-2.0
"""Checkpoints over the store's entries, and promises kept and broken."""

from __future__ import annotations

from typing import Any, cast

import pytest

from tests.support.made import there
from vigie.flow.checkpoints import StoreSource, open_log, publish_checkpoint
from vigie.ledger.log import RollbackRefused
from vigie.store.models import BrokenPromise, LogEntry, PublishedCheckpoint, Record


@pytest.fixture
def log(house):
    made = open_log(house.settings)
    made.start(house.now())
    return made


def test_checkpoint_covers_what_is_committed(log, house, door, fold_all):
    assert there(publish_checkpoint(log, house)).size == 0
    door.propose()
    fold_all()
    published = there(publish_checkpoint(log, house))
    assert (published.size, published.waited, published.broken) == (1, [0], 0)
    kept = PublishedCheckpoint.objects.get(size=1)
    assert kept.note.encode() == (house.settings.log_dir / "checkpoint").read_bytes()
    assert publish_checkpoint(log, house) is None
    assert StoreSource().read(0, 1) == [bytes(LogEntry.objects.get().entry)]


def test_kept_promise_is_not_called_broken(log, house, door, fold_all, clock):
    door.propose()
    clock.advance(86_400_000)
    fold_all()
    assert there(publish_checkpoint(log, house)).broken == 0
    assert not BrokenPromise.objects.exists()


def test_entry_after_its_term_is_recorded_as_a_broken_promise(log, house, door, fold_all, clock):
    door.propose()
    clock.advance(86_400_001)
    fold_all()
    assert there(publish_checkpoint(log, house)).broken == 1
    broken = BrokenPromise.objects.get()
    assert (broken.log_index, broken.kept_at) == (0, house.now())
    assert broken.reason
    record = Record.objects.get(kind="promise.broken")
    assert record.pk == broken.record_id
    assert there(publish_checkpoint(log, house)).broken == 0
    assert BrokenPromise.objects.count() == 1


def test_shorter_store_is_refused(log, house, door, fold_all):
    door.propose()
    door.propose()
    fold_all()
    publish_checkpoint(log, house)
    cast("Any", LogEntry.objects.filter(index=1)).shred()
    with pytest.raises(RollbackRefused):
        publish_checkpoint(log, house)
