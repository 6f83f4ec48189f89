# SPDX-License-Identifier: Apache-2.0
"""Of old Snapshots stays what a decision cites; hashes that nobody lists go from the files."""

from __future__ import annotations

import os

import pytest

from vigie.flow import banks, holds, keys, retain
from vigie.flow.snapshot_sweep import sweep
from vigie.flow.snapshots import publish_snapshot
from vigie.jobs.folding import Folding
from vigie.screening.matching.bank import Entry
from vigie.screening.snapshot import load
from vigie.screening.snapshot_files import read_manifest, read_parts
from vigie.store.models import BankEntry, Segment, SnapshotRow

HOUR = 3_600_000
DAY = 24 * HOUR
DIGEST = "ab" * 32


@pytest.fixture
def folding(house):
    made = Folding(house, pause=lambda _: None)
    yield made
    made.close()


def publish(house, count=1):
    """Publish so many Snapshots that differ by a key."""
    for _ in range(count):
        keys.create_key(house, "platform", ["public"])
        publish_snapshot(house)


def numbers(house):
    return sorted(int(p.stem) for p in house.settings.snapshots_dir.glob("*.json"))


def parts(house):
    return {path.name for path in (house.settings.snapshots_dir / "parts").iterdir()}


def test_a_young_snapshot_stays_whole(house, clock):
    publish(house, 5)
    before = parts(house)
    assert sweep(house) == 0
    clock.advance(30 * DAY)
    sweep(house)
    assert numbers(house) == [1, 2, 3, 4, 5]
    assert parts(house) == before


def test_what_no_decision_cites_goes_after_the_term_of_the_archive(house, door, folding, clock):
    publish(house, 2)
    door.propose(snapshot=1)
    folding.drain()
    publish(house, 4)
    clock.advance(98 * DAY)
    retain.retain(house)
    sweep(house)
    assert numbers(house) == [1, 4, 5, 6]
    folder = house.settings.snapshots_dir
    for number in numbers(house):
        assert read_parts(folder, read_manifest(folder, number))
    assert load(folder).number == 6
    assert SnapshotRow.objects.count() == 6
    publish(house)
    assert max(numbers(house)) == 7


def test_a_segment_that_is_held_keeps_what_its_decisions_may_cite(house, door, folding, clock):
    publish(house, 6)
    door.decide(door.item(id="p-1"))
    folding.drain()
    holds.place_hold(house, basis="order", owner="legal", review_at=0, item_id="p-1")
    clock.advance(200 * DAY)
    retain.retain(house)
    assert Segment.objects.get().erased_at is None
    sweep(house)
    assert numbers(house) == [1, 2, 3, 4, 5, 6]


def test_a_withdrawn_hash_goes_from_the_files_an_hour_later(house, clock):
    banks.create_bank(house, "one", "terms", "owner-one", "", "admin")
    entry = Entry(algorithm="sha256", value=bytes.fromhex(DIGEST))
    banks.import_entries(house, "one", [entry], "admin")
    publish(house)
    assert holding(house)
    banks.withdraw_entry(house, BankEntry.objects.get().pk, "admin")
    publish(house)
    sweep(house)
    assert holding(house), "a door may still load it"
    clock.advance(HOUR + 1)
    assert sweep(house) > 0
    assert not holding(house)
    assert load(house.settings.snapshots_dir).number == 2


def holding(house):
    needle = bytes.fromhex(DIGEST)
    files = [p for p in house.settings.snapshots_dir.rglob("*") if p.is_file()]
    return [p for p in files if needle in p.read_bytes() or DIGEST.encode() in p.read_bytes()]


def test_what_a_crash_left_over_goes(house, clock):
    publish(house)
    folder = house.settings.snapshots_dir
    (folder / "parts" / ("0" * 64)).write_bytes(b"never cited")
    draft = folder / ".index.99"
    draft.mkdir()
    young = folder / ".index.100"
    young.mkdir()
    os.utime(draft, (0, house.now() / 1000 - 7200))
    os.utime(young, (0, house.now() / 1000))
    assert sweep(house) == 2
    assert young.exists()
    assert not draft.exists()
    assert load(folder).number == 1


def test_nothing_goes_where_the_one_in_force_is_missing(house, clock):
    publish(house, 5)
    (house.settings.snapshots_dir / "5.json").unlink()
    clock.advance(400 * DAY)
    assert sweep(house) == 0
