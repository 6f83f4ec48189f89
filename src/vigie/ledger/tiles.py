# SPDX-License-Identifier: Apache-2.0
"""Tiles of a log on disk: reading them, and proofs that touch only a few of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from vigie.ledger.tree import consistency_path, inclusion_path, range_root
from vigie.ledger.verify.errors import MissingError
from vigie.ledger.verify.logdir import CHECKPOINT_FILE
from vigie.ledger.verify.merkle import root_of
from vigie.ledger.verify.tiling import (
    TILE_BITS,
    TILE_WIDTH,
    bundle_path,
    join_bundle,
    level_widths,
    parse_tile_path,
    split_bundle,
    split_hashes,
    tile_path,
    tiles_of_row,
)

__all__ = [
    "CHECKPOINT_FILE",
    "COSIGNED_FILE",
    "TILE_WIDTH",
    "LogFolder",
    "TileTree",
    "bundle_path",
    "join_bundle",
    "level_widths",
    "parse_tile_path",
    "split_bundle",
    "split_hashes",
    "tile_path",
    "tiles_of_row",
]

COSIGNED_FILE = "checkpoint.cosigned"
"""The newest checkpoint that meets the quorum of witnesses; the newest of all may not yet."""
_KEEP_TILES = 256


class LogFolder:
    """A log as files: checkpoint, tiles, bundles."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def checkpoint(self) -> bytes | None:
        """Return the published checkpoint, or None where none is."""
        try:
            return (self.path / CHECKPOINT_FILE).read_bytes()
        except FileNotFoundError:
            return None

    def load(self, path: str) -> bytes:
        """Return the bytes of one file; FileNotFoundError where there is none."""
        return (self.path / path).read_bytes()

    def tile(self, level: int, number: int, width: int) -> list[bytes]:
        """Return the first `width` hashes of a tile, from the partial or the full file."""
        data, found = self._read(tile_path(level, number, width), tile_path(level, number), width)
        return split_hashes(data, found)[:width]

    def bundle(self, number: int, width: int) -> list[bytes]:
        """Return the first `width` entries of a bundle."""
        data, found = self._read(bundle_path(number, width), bundle_path(number), width)
        return split_bundle(data, found)[:width]

    def _read(self, partial: str, full: str, width: int) -> tuple[bytes, int]:
        for path, found in ((partial, width), (full, TILE_WIDTH)):
            try:
                return self.load(path), found
            except FileNotFoundError:
                continue
        raise MissingError("The log lacks this file.", field=partial)

    def entries(self, start: int, stop: int, size: int) -> list[bytes]:
        """Return entries start to stop of a log of this size."""
        found: list[bytes] = []
        for number in range(start // TILE_WIDTH, -(-stop // TILE_WIDTH)):
            width = min(TILE_WIDTH, size - number * TILE_WIDTH)
            found.extend(self.bundle(number, width))
        first = start // TILE_WIDTH * TILE_WIDTH
        return found[start - first : stop - first]


class TileTree:
    """A log of a given size, read tile by tile; reads few and remembers some."""

    def __init__(self, folder: LogFolder, size: int) -> None:
        self.folder = folder
        self.size = size
        self._widths = level_widths(size)
        self._tiles: OrderedDict[tuple[int, int], Sequence[bytes]] = OrderedDict()

    def node(self, level: int, index: int) -> bytes:
        """Return the root of a complete subtree, from the tile that holds its parts."""
        tile_level, within = divmod(level, TILE_BITS)
        number, offset = divmod(index << within, TILE_WIDTH)
        hashes = self._tile(tile_level, number)[offset : offset + (1 << within)]
        return root_of(hashes)

    def _tile(self, level: int, number: int) -> Sequence[bytes]:
        key = (level, number)
        if key not in self._tiles:
            if len(self._tiles) >= _KEEP_TILES:
                self._tiles.popitem(last=False)
            width = min(TILE_WIDTH, self._widths[level] - number * TILE_WIDTH)
            self._tiles[key] = self.folder.tile(level, number, width)
        return self._tiles[key]

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the log at its own or at a smaller size."""
        return range_root(self, 0, self.size if size is None else size)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the inclusion path of one entry."""
        return inclusion_path(self, index, self.size if size is None else size)

    def consistency(self, first: int, second: int | None = None) -> list[bytes]:
        """Return the consistency path from a smaller size."""
        return consistency_path(self, first, self.size if second is None else second)
