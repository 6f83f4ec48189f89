# SPDX-License-Identifier: Apache-2.0
"""The right edge of a log: same roots, same files, however it was reached."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledger import entry
from vigie.ledger.frontier import Frontier
from vigie.ledger.tiles import LogFolder
from vigie.ledger.tree import Tree, hash_leaf

ENTRIES = [entry(n) for n in range(1200)]
TREE = Tree([hash_leaf(data) for data in ENTRIES])


def test_the_root_is_right_at_every_size():
    frontier = Frontier()
    for size, data in enumerate(ENTRIES, 1):
        list(frontier.append([data]))
        assert frontier.root() == TREE.root(size)


@settings(max_examples=40)
@given(st.integers(0, 1200), st.integers(0, 1200))
def test_a_loaded_frontier_goes_on_like_the_first(tmp_path_factory, one, two):
    middle, end = sorted((one, two))
    folder = LogFolder(tmp_path_factory.mktemp("log"))
    straight = Frontier()
    files = dict(straight.append(ENTRIES[:middle])) | dict(straight.partial_files())
    for path, data in files.items():
        (folder.path / path).parent.mkdir(parents=True, exist_ok=True)
        (folder.path / path).write_bytes(data)
    loaded = Frontier.load(folder, middle)
    assert loaded.root() == straight.root()
    grown = dict(straight.append(ENTRIES[middle:end])) | dict(straight.partial_files())
    again = dict(loaded.append(ENTRIES[middle:end])) | dict(loaded.partial_files())
    assert grown == again
    assert loaded.root() == TREE.root(end)


def test_a_copy_leaves_the_first_as_it_was():
    frontier = Frontier()
    list(frontier.append(ENTRIES[:300]))
    root = frontier.root()
    list(frontier.copy().append(ENTRIES[300:700]))
    assert (frontier.size, frontier.root()) == (300, root)
