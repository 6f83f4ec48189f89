# SPDX-License-Identifier: Apache-2.0
"""A log written by Tessera is read, verified and rebuilt byte for byte."""

from __future__ import annotations

import shutil

import pytest

from tests.support.ledger import VECTORS
from vigie.ledger.checkpoint import open_checkpoint
from vigie.ledger.frontier import Frontier
from vigie.ledger.note import Verifier
from vigie.ledger.policy import of_key
from vigie.ledger.tiles import LogFolder, TileTree
from vigie.ledger.tree import hash_leaf, verify_consistency, verify_inclusion
from vigie.ledger.verify.logdir import verify_log

LOG = VECTORS / "tlog-tiles" / "log"
VKEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
WORDS = b"one two three four five six seven eit nain ten ileven twelf threeten fourten fivten"


def _checkpoint(size):
    return open_checkpoint((LOG / f"checkpoint.{size}").read_bytes(), [Verifier(VKEY)])


def test_the_newest_checkpoint_covers_all_entries():
    assert LogFolder(LOG).entries(0, 15, 15) == WORDS.split()


@pytest.mark.parametrize("size", range(16))
def test_every_checkpoint_is_verified_with_all_its_files(size, tmp_path):
    copy = tmp_path / "log"
    shutil.copytree(LOG, copy)
    shutil.copy(LOG / f"checkpoint.{size}", copy / "checkpoint")
    log = verify_log(str(copy), of_key(VKEY))
    assert (log.checkpoint.size, log.checkpoint.root) == (size, _checkpoint(size).root)
    assert log.files.checked == 2 * size
    assert log.files.ahead == 2 * (15 - size)


def test_all_proofs_between_the_checkpoints_verify():
    tree = TileTree(LogFolder(LOG), 15)
    for second in range(1, 16):
        root = _checkpoint(second).root
        for first in range(1, second + 1):
            path = tree.consistency(first, second)
            verify_consistency(first, second, _checkpoint(first).root, root, path)
            leaf = hash_leaf(WORDS.split()[first - 1])
            verify_inclusion(first - 1, second, leaf, tree.inclusion(first - 1, second), root)


def test_our_writer_makes_the_same_files():
    frontier = Frontier()
    for size, word in enumerate(WORDS.split(), 1):
        assert list(frontier.append([word])) == []
        assert frontier.root() == _checkpoint(size).root
        for path, data in frontier.partial_files():
            assert (LOG / path).read_bytes() == data
