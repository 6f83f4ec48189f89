# SPDX-License-Identifier: Apache-2.0
"""The right edge of a growing log: what is needed to append and nothing else.

At most 255 hashes a level are held; a tile that fills up is handed out and its
root goes one level up, so a million entries cost a few hashes each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vigie.ledger.tiles import LogFolder
from vigie.ledger.verify.merkle import EMPTY_ROOT, hash_leaf, hash_node, root_of
from vigie.ledger.verify.tiling import (
    TILE_WIDTH,
    bundle_path,
    join_bundle,
    level_widths,
    tile_path,
)


class Frontier:
    """The open tile of every level and the open bundle."""

    def __init__(self) -> None:
        self.size = 0
        self._open: list[list[bytes]] = []
        self._bundle: list[bytes] = []

    @classmethod
    def load(cls, folder: LogFolder, size: int) -> Frontier:
        """Read the open tiles of a log of this size."""
        frontier = cls()
        frontier.size = size
        for level, hashes in enumerate(level_widths(size)):
            number, width = divmod(hashes, TILE_WIDTH)
            frontier._open.append(folder.tile(level, number, width) if width else [])
        number, width = divmod(size, TILE_WIDTH)
        frontier._bundle = folder.bundle(number, width) if width else []
        return frontier

    def copy(self) -> Frontier:
        """Return a frontier to go on with while this one stays."""
        other = Frontier()
        other.size = self.size
        other._open = [list(row) for row in self._open]
        other._bundle = list(self._bundle)
        return other

    def append(self, entries: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
        """Take entries in; yield path and content of each file that fills up."""
        for entry in entries:
            self._bundle.append(entry)
            self.size += 1
            if len(self._bundle) == TILE_WIDTH:
                yield bundle_path((self.size - 1) // TILE_WIDTH), join_bundle(self._bundle)
                self._bundle = []
            yield from self._push(0, hash_leaf(entry))

    def _push(self, level: int, value: bytes) -> Iterator[tuple[str, bytes]]:
        if level == len(self._open):
            self._open.append([])
        row = self._open[level]
        row.append(value)
        if len(row) == TILE_WIDTH:
            number = (self.size >> (8 * (level + 1))) - 1
            yield tile_path(level, number), b"".join(row)
            self._open[level] = []
            yield from self._push(level + 1, root_of(row))

    def partial_files(self) -> Iterator[tuple[str, bytes]]:
        """Yield path and content of the open tiles and the open bundle."""
        if self._bundle:
            path = bundle_path(self.size // TILE_WIDTH, len(self._bundle))
            yield path, join_bundle(self._bundle)
        for level, row in enumerate(self._open):
            if row:
                number = self.size >> (8 * (level + 1))
                yield tile_path(level, number, len(row)), b"".join(row)

    def root(self) -> bytes:
        """Return the root over all entries so far.

        An open tile is the right end of its level, and what hangs below it to
        the right is the root so far; each is smaller than what stands left.
        """
        right: bytes | None = None
        for row in self._open:
            right = _fold(row, right)
        return EMPTY_ROOT if right is None else right


def _fold(row: list[bytes], right: bytes | None) -> bytes | None:
    """Join the complete subtrees of a row with the root of what follows them."""
    stop = len(row)
    width = 1
    while stop:
        if stop & width:
            left = root_of(row[stop - width : stop])
            right = left if right is None else hash_node(left, right)
            stop -= width
        width <<= 1
    return right
