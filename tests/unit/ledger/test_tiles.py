# SPDX-License-Identifier: Apache-2.0
"""Tiles: paths, widths, and proofs through them in logs of up to 2^20 entries."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.ledger import tiles, tree
from vigie.ledger.frontier import Frontier
from vigie.ledger.verify.errors import LedgerError, MalformedError, MissingError, ProofError

TOP = 2**20


@pytest.mark.parametrize(
    ("number", "width", "path"),
    [
        (0, 256, "tile/0/000"),
        (1234067, 256, "tile/0/x001/x234/067"),
        (1234067, 17, "tile/0/x001/x234/067.p/17"),
        (999, 1, "tile/0/999.p/1"),
        (1000, 255, "tile/0/x001/000.p/255"),
    ],
)
def test_tiles_have_the_paths_of_c2sp(number, width, path):
    assert tiles.tile_path(0, number, width) == path
    assert tiles.parse_tile_path(path) == ("0", number, width)


@given(st.integers(0, 63), st.integers(0, 2**50), st.integers(1, 256))
def test_tile_paths_are_read_back(level, number, width):
    path = tiles.tile_path(level, number, width)
    assert tiles.parse_tile_path(path) == (str(level), number, width)
    assert tiles.parse_tile_path(tiles.bundle_path(number, width)) == ("entries", number, width)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0",
        "tile/0/",
        "tile/0/00",
        "tile/0/1000",
        "tile/0/x000/001",
        "tile/00/001",
        "tile/64/001",
        "tile/x/001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/²²²",
        "other/0/000",
        "checkpoint",
        "tile/0/.000.tmp",
    ],
)
def test_other_paths_are_no_tiles(path):
    assert tiles.parse_tile_path(path) is None


def test_widths_are_those_of_the_example():
    assert tiles.level_widths(70_000) == [70_000, 273, 1]
    assert tiles.tiles_of_row(70_000)[-1] == (273, 112)
    assert tiles.tiles_of_row(273)[-1] == (1, 17)
    assert tiles.level_widths(256) == [256, 1]
    assert tiles.level_widths(0) == []


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_are_read_back(entries):
    data = tiles.join_bundle(entries)
    assert tiles.split_bundle(data, len(entries)) == entries
    with pytest.raises(MalformedError):
        tiles.split_bundle(data, len(entries) + 1)


@given(st.binary(max_size=100), st.integers(1, 5))
def test_any_bytes_are_a_bundle_or_a_ledger_error(data, width):
    for split in (tiles.split_bundle, tiles.split_hashes):
        with suppress(LedgerError):
            assert len(split(data, width)) == width


@pytest.mark.parametrize(("number", "width"), [(-1, 256), (0, 0), (0, 257)])
def test_there_is_no_such_tile(number, width):
    with pytest.raises(MalformedError):
        tiles.tile_path(0, number, width)


class _MemoryFolder(tiles.LogFolder):
    """A log of 2^20 entries, its files in memory, and its tree as reference."""

    def __init__(self):
        super().__init__(Path("memory"))
        frontier = Frontier()
        entries = [n.to_bytes(33, "big") for n in range(TOP)]
        self.files = dict(frontier.append(entries))
        (edge,) = dict(frontier.partial_files()).values()
        for width in range(1, 17):
            self.files[tiles.tile_path(2, 0, width)] = edge[: 32 * width]
        self.reference = tree.Tree([tree.hash_leaf(entry) for entry in entries])

    def load(self, path):
        try:
            return self.files[path]
        except KeyError:
            raise FileNotFoundError(path) from None


@pytest.fixture(scope="module")
def folder():
    return _MemoryFolder()


def test_the_largest_log_has_its_files(folder):
    assert len(folder.files) == 2 * 4096 + 16 + 16
    assert tiles.TileTree(folder, TOP).root() == folder.reference.root()


@settings(max_examples=300)
@given(data=st.data())
def test_proofs_through_tiles_hold_at_every_size(folder, data):
    size = data.draw(st.integers(1, TOP))
    index = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(1, size))
    through, reference = tiles.TileTree(folder, size), folder.reference
    root = reference.root(size)
    assert through.root() == root
    leaf = reference.rows[0][index]
    tree.verify_inclusion(index, size, leaf, through.inclusion(index), root)
    path = through.consistency(first)
    tree.verify_consistency(first, size, reference.root(first), root, path)
    (place,) = folder.entries(index, index + 1, size)
    assert tree.hash_leaf(place) == leaf


@settings(max_examples=100)
@given(data=st.data())
def test_a_flipped_bit_in_a_tile_breaks_its_proofs(folder, data):
    size = data.draw(st.integers(2, TOP))
    index = data.draw(st.integers(0, size - 1))
    root = folder.reference.root(size)
    path = tiles.TileTree(folder, size).inclusion(index)
    at = data.draw(st.integers(0, len(path) * 256 - 1))
    number, bit = divmod(at, 256)
    path[number] = (int.from_bytes(path[number], "big") ^ 1 << bit).to_bytes(32, "big")
    with pytest.raises(ProofError):
        tree.verify_inclusion(index, size, folder.reference.rows[0][index], path, root)


def test_a_lost_tile_is_a_ledger_error(tmp_path):
    with pytest.raises(MissingError):
        tiles.LogFolder(tmp_path).tile(0, 0, 3)
    with pytest.raises(MissingError):
        tiles.LogFolder(tmp_path).entries(0, 3, 3)


def test_old_tiles_are_forgotten_by_a_long_reader(folder, monkeypatch):
    monkeypatch.setattr(tiles, "_KEEP_TILES", 4)
    through = tiles.TileTree(folder, TOP)
    for index in range(0, TOP, 100_000):
        through.inclusion(index)
    assert len(through._tiles) <= 4
