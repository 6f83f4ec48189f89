# SPDX-License-Identifier: Apache-2.0
"""Archive segments: every decision, one ledger entry, provable each."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from tests.support.made import TEXT, there
from vigie.core.errors import NotFoundError
from vigie.flow.checkpoints import open_log, publish_checkpoint
from vigie.flow.fold import archive as consumer
from vigie.flow.fold.archive import Archiver
from vigie.flow.proofs import prove_decision
from vigie.journal import archive
from vigie.journal.reader import Reader
from vigie.ledger.note import Signer
from vigie.ledger.policy import format_policy, parse_policy
from vigie.ledger.proof import verify_decision
from vigie.ledger.segment import SegmentTree
from vigie.store.models import LogEntry, Segment


@pytest.fixture
def archiver(house, door):
    reader = Reader(house.settings.journal_dir, door.writer)
    made = Archiver(reader, house)
    yield made
    made.close()
    reader.close()


def files(house):
    return [p for p in house.settings.archive_dir.rglob("*.parquet") if ".open" not in p.parts]


def test_segment_is_due_after_half_a_minute(archiver, door, house, clock):
    assert not archiver.is_due()
    door.decide()
    archiver.take()
    assert not archiver.is_due()
    clock.advance(30_000)
    assert archiver.is_due()


def test_segment_holds_every_decision_and_its_root_is_in_the_log(archiver, door, house, clock):
    sealed = [door.decide(), door.propose(), door.decide()]
    clock.advance(5_000)
    archiver.take()
    segment = archiver.seal()
    assert segment.count == 3
    assert segment.root == SegmentTree([one.entry for one in sealed]).fields()["root"]
    entry = LogEntry.objects.get(index=segment.log_index)
    assert b'"count":3' in there(entry.record).canonical
    # The promise of the harmless ones, and the time they have waited since.
    assert entry.since == house.now() - 5_000
    assert entry.promised_until == house.now() - 5_000 + 86_400_000
    names, entries = archive.entries(house.settings.archive_dir / segment.file)
    assert names == [one.decision_id for one in sealed]
    assert entries == [one.entry for one in sealed]


def test_archive_holds_no_text_no_key_and_no_salt(archiver, door, house):
    sealed = door.propose()
    door.decide()
    archiver.take()
    segment = archiver.seal()
    table = pq.read_table(house.settings.archive_dir / segment.file)
    held = repr(table.to_pylist()).encode()
    assert TEXT[:20].encode() not in held
    for value in (sealed.salt, *table.column("decision_id").to_pylist()[:0]):
        assert repr(value)[2:-1].encode() not in held
    assert not {"salt", "key", "text"} & set(table.column_names)


def test_columns_are_those_of_the_reference_page():
    from pathlib import Path

    page = Path(__file__).parents[3] / "docs" / "reference" / "archive.md"
    text = page.read_text(encoding="utf-8")
    for column in archive.COLUMNS:
        assert f"| `{column}` |" in text, f"archive.md does not describe {column}"


def test_decision_is_found_by_its_name(archiver, door, house):
    sealed = [door.decide() for _ in range(5)]
    archiver.take()
    archiver.seal()
    folder = house.settings.archive_dir
    for one in sealed:
        found = there(archive.find(folder, one.decision_id))
        assert found["decision"] == one.decision
        assert found["record"] == one.record
    other = sealed[0].decision_id[:-10] + "0123456789"
    assert archive.find(folder, other) is None
    with pytest.raises(NotFoundError):
        archive.find(folder, "nonsense")


def test_crash_before_the_seal_is_recorded_loses_and_repeats_nothing(
    archiver, door, house, monkeypatch
):
    door.decide()
    archiver.take()

    def fails(*_args, **_kwargs):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(consumer, "move", fails)
        with pytest.raises(RuntimeError):
            archiver.seal()
    assert len(files(house)) == 1
    assert not Segment.objects.exists()
    reader = Reader(house.settings.journal_dir, door.writer)
    again = Archiver(reader, house)
    assert files(house) == []
    again.take()
    assert there(again.seal()).count == 1
    assert LogEntry.objects.count() == Segment.objects.count() == 1
    assert Archiver(reader, house).take() == 0
    reader.close()


def test_full_segment_is_sealed_at_once(archiver, door, house, monkeypatch):
    monkeypatch.setattr(consumer, "MAX_DECISIONS", 10)
    for _ in range(25):
        door.decide()
    archiver.take()
    archiver.seal()
    assert list(Segment.objects.order_by("pk").values_list("count", flat=True)) == [10, 10, 5]
    ranges = Segment.objects.order_by("pk").values_list("first_ordinal", "last_ordinal")
    assert list(ranges) == [(1, 10), (11, 20), (21, 25)]


def test_harmless_and_kept_decisions_are_proved_to_an_outsider(archiver, door, house, fold_all):
    from vigie import keys

    sealed = [door.decide(), door.propose(), door.decide()]
    fold_all()
    archiver.take()
    archiver.seal()
    log = open_log(house.settings)
    log.start(house.now())
    publish_checkpoint(log, house)
    seed = keys.read(house.settings.keys_dir, keys.KeyName.LOG)
    vkey = Signer(house.settings.log_origin, seed).vkey
    policy = parse_policy(format_policy([vkey], {}))
    for one in sealed:
        proved = verify_decision(prove_decision(house, one.decision_id), policy)
        assert proved.opening.entry == one.entry
        assert (proved.segment is None) == (one is sealed[1])
