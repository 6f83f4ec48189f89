# SPDX-License-Identifier: Apache-2.0
"""RFC 6962 trees: roots, inclusion and consistency paths.

Paths are made over anything that knows the hashes of complete subtrees: a tree
held in memory (`Tree`) or the tiles of a log (`tiles.TileTree`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vigie.ledger.verify.errors import ProofError
from vigie.ledger.verify.merkle import (
    EMPTY_ROOT,
    hash_leaf,
    hash_node,
    root_of,
    verify_consistency,
    verify_inclusion,
)

__all__ = [
    "EMPTY_ROOT",
    "Nodes",
    "Tree",
    "consistency_path",
    "hash_leaf",
    "hash_node",
    "inclusion_path",
    "range_root",
    "root_of",
    "verify_consistency",
    "verify_inclusion",
]


class Nodes(Protocol):
    """Knows the hash of every complete subtree of a log."""

    def node(self, level: int, index: int) -> bytes:
        """Return the root over leaves `index << level` to `(index + 1) << level`."""
        ...


def _split(size: int) -> int:
    """Return the largest power of two below a size above 1."""
    return 1 << ((size - 1).bit_length() - 1)


def range_root(nodes: Nodes, start: int, stop: int) -> bytes:
    """Return the root over leaves start to stop, as a subtree of the whole.

    `start` is a multiple of the smallest power of two not below the width.
    """
    width = stop - start
    if width == 0:
        return EMPTY_ROOT
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return nodes.node(level, start >> level)
    middle = start + _split(width)
    return hash_node(range_root(nodes, start, middle), range_root(nodes, middle, stop))


def inclusion_path(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """Return PATH(index, D[size]) of RFC 6962 section 2.1.1, leaf to root."""
    if not 0 <= index < size:
        raise ProofError("The index lies outside the tree.")
    path: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(range_root(nodes, middle, stop))
            stop = middle
        else:
            path.append(range_root(nodes, start, middle))
            start = middle
    return path[::-1]


def consistency_path(nodes: Nodes, first: int, second: int) -> list[bytes]:
    """Return PROOF(first, D[second]) of RFC 6962 section 2.1.2.

    Empty between equal sizes and from the empty tree, where nothing is proved.
    """
    if not 0 <= first <= second:
        raise ProofError("The first tree is larger than the second.")
    if first in (0, second):
        return []
    path: list[bytes] = []
    start, stop = 0, second
    while stop != first:
        middle = start + _split(stop - start)
        if first <= middle:
            path.append(range_root(nodes, middle, stop))
            stop = middle
        else:
            path.append(range_root(nodes, start, middle))
            start = middle
    if start:
        path.append(range_root(nodes, start, stop))
    return path[::-1]


class Tree:
    """A tree in memory with every row kept, for many paths over one list."""

    def __init__(self, leaf_hashes: Sequence[bytes]) -> None:
        self.rows: list[list[bytes]] = [list(leaf_hashes)]
        while len(self.rows[-1]) > 1:
            row = self.rows[-1]
            pairs = zip(row[::2], row[1::2], strict=False)  # an odd last one has no parent yet
            self.rows.append([hash_node(left, right) for left, right in pairs])

    def __len__(self) -> int:
        """Return the number of leaves."""
        return len(self.rows[0])

    def node(self, level: int, index: int) -> bytes:
        """Return the root of one complete subtree."""
        return self.rows[level][index]

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the tree, or of its first `size` leaves."""
        return range_root(self, 0, len(self) if size is None else size)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the inclusion path of one leaf."""
        return inclusion_path(self, index, len(self) if size is None else size)

    def consistency(self, first: int, second: int | None = None) -> list[bytes]:
        """Return the consistency path from a smaller size."""
        return consistency_path(self, first, len(self) if second is None else second)
