# SPDX-License-Identifier: Apache-2.0
"""A whole log read by an outsider: every file counts."""

from __future__ import annotations

import shutil

import pytest

from tests.support.ledger import NOW, entry, open_log
from vigie.ledger.log import ListSource
from vigie.ledger.policy import of_key
from vigie.ledger.verify.errors import LedgerError, MissingError, ProofError
from vigie.ledger.verify.logdir import verify_log


@pytest.fixture
def log(tmp_path):
    source = ListSource([entry(n) for n in range(260)])
    made = open_log(tmp_path, source)
    made.start(NOW)
    made.publish(NOW)
    source.entries += [entry(n) for n in range(260, 600)]
    made.publish(NOW)
    return made


@pytest.fixture
def policy(log):
    return of_key(log._signers[0].vkey)


def test_all_files_are_checked(log, policy):
    read = verify_log(str(log.folder.path), policy)
    names = {p for p in log.folder.path.rglob("*") if p.is_file()} - {
        log.folder.path / "checkpoint"
    }
    assert read.files.checked == len(names) == 8
    assert read.holds(entry(599))
    assert not read.holds(entry(600))


def test_each_missing_file_is_noticed(log, policy):
    files = sorted(p for p in log.folder.path.rglob("*") if p.is_file())
    files.remove(log.folder.path / "tile" / "1" / "000.p" / "1")  # of an earlier checkpoint
    for path in files:
        data = path.read_bytes()
        path.unlink()
        with pytest.raises(MissingError):
            verify_log(str(log.folder.path), policy)
        path.write_bytes(data)


def test_a_partial_file_may_have_given_way_to_the_full_one(log, policy, tmp_path):
    older = tmp_path / "older"
    shutil.copytree(log.folder.path, older)
    log._source.entries += [entry(n) for n in range(600, 800)]
    log.publish(NOW)
    newer = log.folder.path
    shutil.copy(older / "checkpoint", newer / "checkpoint")
    read = verify_log(str(newer), policy)
    assert read.checkpoint.size == 600
    assert read.files.ahead == 4 + 1


def test_a_stale_partial_file_is_noticed(log, policy):
    stale = log.folder.path / "tile" / "0" / "001.p" / "9"
    stale.parent.mkdir()
    stale.write_bytes(b"x" * 9 * 32)
    with pytest.raises(ProofError) as refused:
        verify_log(str(log.folder.path), policy)
    assert refused.value.field == "tile/0/001.p/9"


def test_reordered_entries_are_noticed(log, policy):
    path = log.folder.path / "tile" / "entries" / "000"
    data = path.read_bytes()
    path.write_bytes(data[35:70] + data[:35] + data[70:])
    with pytest.raises(ProofError):
        verify_log(str(log.folder.path), policy)


def test_an_older_checkpoint_of_another_history_is_refused(log, policy):
    read = verify_log(str(log.folder.path), policy)
    now = read.checkpoint
    read.check_older(now._replace(size=260, root=read.root_at(260)))
    for wrong in (
        now._replace(size=260),
        now._replace(size=601),
        now._replace(origin="other.invalid/log/1"),
    ):
        with pytest.raises(ProofError):
            read.check_older(wrong)


def test_an_empty_folder_is_no_log(tmp_path, policy):
    with pytest.raises(LedgerError):
        verify_log(str(tmp_path / "nothing"), policy)
