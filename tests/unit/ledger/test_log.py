# SPDX-License-Identifier: Apache-2.0
"""The publisher: signs only what is durable, and never two histories."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.support.ledger import NOW, ORIGIN, entry, open_log, seed
from vigie.ledger.files import DurableFiles
from vigie.ledger.fsck import fsck
from vigie.ledger.log import ListSource, Log, OriginRefused, RollbackRefused, next_origin
from vigie.ledger.note import Signer
from vigie.ledger.policy import of_key
from vigie.ledger.tree import Tree, hash_leaf
from vigie.ledger.verify.errors import LedgerError, MalformedError, MissingError, ProofError
from vigie.ledger.verify.logdir import verify_log

POLICY = of_key(Signer(ORIGIN, seed("log key")).vkey)


def _entries(count, start=0):
    return [entry(n) for n in range(start, start + count)]


def _root(entries):
    return Tree([hash_leaf(data) for data in entries]).root()


def _published(home, count):
    source = ListSource(_entries(count))
    log = open_log(home, source)
    log.start(NOW)
    log.publish(NOW)
    return log, source


def _check(home, source):
    return fsck(home / "public" / "1", POLICY, source)


def test_a_log_grows_and_every_checkpoint_is_whole(tmp_path):
    source = ListSource()
    log = open_log(tmp_path, source)
    log.start(NOW)
    for step in (0, 1, 5, 250, 1, 300, 800, 0, 1):
        source.entries += _entries(step, len(source.entries))
        log.publish(NOW)
        report = _check(tmp_path, source)
        assert (report.size, report.waiting) == (len(source.entries), 0)
        assert log.checkpoint.root == (
            _root(source.entries) if source.entries else log.checkpoint.root
        )


def test_an_empty_log_publishes_an_empty_checkpoint_once(tmp_path):
    log = open_log(tmp_path, ListSource())
    log.start(NOW)
    first = log.publish(NOW)
    assert first is not None
    assert first.size == 0
    assert log.publish(NOW) is None


def test_nothing_new_is_not_signed_again(tmp_path):
    log, _ = _published(tmp_path, 7)
    assert log.publish(NOW) is None


def test_partial_tiles_go_once_the_full_one_is_published(tmp_path):
    log, source = _published(tmp_path, 200)
    source.entries += _entries(100, 200)
    log.publish(NOW)
    names = {p.relative_to(log.folder.path).as_posix() for p in log.folder.path.rglob("*")}
    assert "tile/0/000" in names
    assert "tile/0/000.p" not in names
    assert "tile/0/001.p/44" in names


def test_a_restarted_publisher_goes_on(tmp_path):
    _, source = _published(tmp_path, 700)
    log = open_log(tmp_path, source)
    assert log.start(NOW).size == 700
    source.entries += _entries(3, 700)
    log.publish(NOW)
    assert log.checkpoint.root == _root(source.entries)
    _check(tmp_path, source)


def test_a_restored_backup_is_refused_with_the_reason_on_file(tmp_path):
    _, source = _published(tmp_path, 700)
    restored = ListSource(source.entries[:650])
    log = open_log(tmp_path, restored)
    with pytest.raises(RollbackRefused):
        log.start(NOW + 5)
    refusal = json.loads((tmp_path / "state" / "1" / "refused.json").read_bytes())
    assert refusal == {
        "origin": ORIGIN,
        "reason": "The store holds fewer entries than were signed.",
        "signed_size": 700,
        "found_size": 650,
        "t": NOW + 5,
    }


def test_a_restored_backup_that_grew_again_is_refused(tmp_path):
    _, source = _published(tmp_path, 700)
    grown = ListSource(source.entries[:650] + _entries(200, 5000))
    with pytest.raises(RollbackRefused, match="not those"):
        open_log(tmp_path, grown).start(NOW)


def test_a_store_that_loses_entries_while_running_is_refused(tmp_path):
    log, source = _published(tmp_path, 700)
    kept = list(source.entries)
    source.entries = kept[:650] + _entries(200, 5000)
    with pytest.raises(RollbackRefused, match="not those"):
        log.publish(NOW)
    source.entries = kept[:650]
    with pytest.raises(RollbackRefused, match="fewer"):
        log.publish(NOW)
    source.entries = [*kept, entry(700)]
    assert log.publish(NOW).size == 701


def test_a_long_log_compares_its_last_entries(tmp_path, monkeypatch):
    monkeypatch.setattr("vigie.ledger.log.TAIL", 300)
    _, source = _published(tmp_path, 1000)
    assert open_log(tmp_path, source).start(NOW).size == 1000
    changed = ListSource(source.entries[:800] + _entries(200, 5000))
    with pytest.raises(RollbackRefused):
        open_log(tmp_path, changed).start(NOW)


def test_a_second_signer_is_noticed(tmp_path):
    log, source = _published(tmp_path, 5)
    other = open_log(tmp_path, source)
    other.start(NOW)
    source.entries.append(entry(5))
    other.publish(NOW)
    source.entries.append(entry(6))
    with pytest.raises(RollbackRefused, match="Somebody else"):
        log.publish(NOW)


def test_two_signed_histories_are_refused_at_start(tmp_path):
    log, source = _published(tmp_path, 5)
    forged = tmp_path / "forged"
    _published(forged, 0)
    elsewhere = open_log(forged, ListSource(_entries(4, 900)))
    elsewhere.start(NOW)
    elsewhere.publish(NOW)
    shutil.copy(elsewhere.folder.path / "checkpoint", log.folder.path / "checkpoint")
    with pytest.raises(RollbackRefused, match="different histories"):
        open_log(tmp_path, source).start(NOW)


def test_lost_tiles_are_rebuilt_from_the_store(tmp_path):
    log, source = _published(tmp_path, 700)
    shutil.rmtree(log.folder.path / "tile")
    assert open_log(tmp_path, source).start(NOW).size == 700
    _check(tmp_path, source)


def test_lost_tiles_and_another_store_are_refused(tmp_path):
    log, _ = _published(tmp_path, 700)
    shutil.rmtree(log.folder.path / "tile")
    with pytest.raises(RollbackRefused):
        open_log(tmp_path, ListSource(_entries(700, 9))).start(NOW)


def test_a_lost_state_folder_is_taken_from_what_was_published(tmp_path):
    _, source = _published(tmp_path, 9)
    shutil.rmtree(tmp_path / "state")
    with pytest.raises(RollbackRefused):
        open_log(tmp_path, ListSource(source.entries[:5])).start(NOW)
    assert open_log(tmp_path, source).start(NOW).size == 9
    assert (tmp_path / "state" / "1" / "signed").exists()


def test_a_damaged_checkpoint_on_file_is_a_ledger_error(tmp_path):
    _, source = _published(tmp_path, 9)
    (tmp_path / "state" / "1" / "signed").write_bytes(b"nonsense")
    with pytest.raises(LedgerError):
        open_log(tmp_path, source).start(NOW)


def test_a_source_with_a_gap_is_refused(tmp_path):
    class Gap(ListSource):
        def read(self, start, stop):
            return self.entries[start : stop - 1]

    log = open_log(tmp_path, Gap(_entries(9)))
    log.start(NOW)
    with pytest.raises(MissingError):
        log.publish(NOW)


class _Failing(DurableFiles):
    """Fails once when a file of this name is written."""

    def __init__(self, name):
        self.name = name

    def write(self, batch):
        for at, (path, _) in enumerate(batch):
            if path.name == self.name:
                self.name = ""
                super().write(batch[:at])
                raise OSError(28, "No space left on device")
        super().write(batch)


@pytest.mark.parametrize("name", ["000", "44", "signed", "checkpoint"])
def test_publishing_recovers_after_a_full_disk(tmp_path, name):
    source = ListSource(_entries(10))
    files = _Failing("")
    log = open_log(tmp_path, source, files=files)
    log.start(NOW)
    log.publish(NOW)
    source.entries += _entries(290, 10)
    files.name = name
    with pytest.raises(OSError, match="space"):
        log.publish(NOW)
    source.entries += _entries(300, 300)
    log.publish(NOW)
    assert _check(tmp_path, source).size == 600


@pytest.mark.parametrize("name", ["000", "44", "signed", "checkpoint"])
def test_a_new_process_recovers_after_a_full_disk(tmp_path, name):
    source = ListSource(_entries(10))
    files = _Failing("")
    log = open_log(tmp_path, source, files=files)
    log.start(NOW)
    log.publish(NOW)
    source.entries += _entries(290, 10)
    files.name = name
    with pytest.raises(OSError, match="space"):
        log.publish(NOW)
    again = open_log(tmp_path, source)
    again.start(NOW)
    again.publish(NOW)
    assert _check(tmp_path, source).size == 300


def test_files_beyond_the_last_signature_are_taken_away(tmp_path):
    log, source = _published(tmp_path, 300)
    stale = log.folder.path
    for path in ("tile/0/001.p/99", "tile/0/002", "tile/entries/001.p/60", "tile/1/000.p/9"):
        (stale / path).parent.mkdir(parents=True, exist_ok=True)
        (stale / path).write_bytes(b"never signed for")
    open_log(tmp_path, source).start(NOW)
    report = verify_log(str(stale), POLICY).files
    assert (report.ahead, report.other) == (0, 0)


def test_a_successor_begins_only_after_a_recorded_refusal(tmp_path):
    files = DurableFiles()
    _, source = _published(tmp_path, 9)
    second = ORIGIN[:-1] + "2"
    with pytest.raises(OriginRefused):
        next_origin(tmp_path / "state", ORIGIN, files)
    with pytest.raises(OriginRefused):
        open_log(tmp_path, source, second).start(NOW)
    shorter = ListSource(source.entries[:5])
    with pytest.raises(RollbackRefused):
        open_log(tmp_path, shorter).start(NOW)
    assert next_origin(tmp_path / "state", ORIGIN, files) == second
    log = open_log(tmp_path, shorter, second)
    log.start(NOW)
    log.publish(NOW)
    assert log.checkpoint.origin == second
    with pytest.raises(OriginRefused, match="later log"):
        open_log(tmp_path, source).start(NOW)


@pytest.mark.parametrize(
    "origin", ["demo.invalid/log", "demo.invalid/log/0", "demo.invalid/log/01"]
)
def test_an_origin_ends_in_a_number(tmp_path, origin):
    with pytest.raises(MalformedError):
        open_log(tmp_path, ListSource(), origin)


def test_a_key_can_be_replaced_with_an_overlap(tmp_path):
    source = ListSource(_entries(3))
    old, new = Signer(ORIGIN, seed("log key")), Signer(ORIGIN, seed("new key"))
    _published(tmp_path, 3)
    both = Log(tmp_path / "public", tmp_path / "state", [old, new], source)
    both.start(NOW)
    source.entries.append(entry(3))
    both.publish(NOW)
    for key in (old, new):
        assert verify_log(str(both.folder.path), of_key(key.vkey)).checkpoint.size == 4
    alone = Log(tmp_path / "public", tmp_path / "state", [new], source, old_vkeys=[old.vkey])
    assert alone.start(NOW).size == 4


def test_fsck_finds_a_changed_store_and_a_shorter_one(tmp_path):
    _, source = _published(tmp_path, 300)
    changed = ListSource([*source.entries[:250], entry(999), *source.entries[251:]])
    with pytest.raises(ProofError) as refused:
        _check(tmp_path, changed)
    assert refused.value.field == "entry 250"
    with pytest.raises(ProofError):
        _check(tmp_path, ListSource(source.entries[:299]))
    assert _check(tmp_path, None).waiting == 0


def test_a_log_shows_its_name_and_size(tmp_path):
    log, _ = _published(tmp_path, 3)
    assert repr(log) == f"Log({ORIGIN!r}, size=3)"
    assert log.note == log.folder.checkpoint()
