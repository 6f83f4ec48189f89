# SPDX-License-Identifier: Apache-2.0
"""Brute force over 256-bit hashes: the oracle, and the road for small sets and tails.

Hashes lie in two planes of 128 bits each. Most hashes are out of reach after
the first plane, so the second is read for survivors only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.uint16]
Positions = npt.NDArray[np.intp]

BLOCK: Final = 8192
"""Hashes compared at a time: their words and counts stay in the second-level cache."""


class Planes(NamedTuple):
    """Hashes as two arrays of n x 2 words; row i of both is hash i."""

    front: Words
    back: Words

    @classmethod
    def of(cls, values: Sequence[bytes]) -> Planes:
        """Return planes of hashes of 32 bytes each."""
        words = np.frombuffer(b"".join(values), dtype="<u8").reshape(-1, 4)
        return cls(np.ascontiguousarray(words[:, :2]), np.ascontiguousarray(words[:, 2:]))

    def __len__(self) -> int:
        return len(self.front)

    def value(self, row: int) -> bytes:
        """Return the 32 bytes of one hash."""
        both = np.concatenate((self.front[row], self.back[row]))
        return bytes(both.astype("<u8").tobytes())


class Pairs(NamedTuple):
    """Who is near whom: query number, row, distance; one entry a pair."""

    query: Positions
    row: Positions
    distance: Counts


def ones(words: Words) -> Counts:
    """Return the set bits of each pair of words: n x 2 words give n counts."""
    counts = np.bitwise_count(words).reshape(-1).view(np.uint16)
    return np.asarray((counts & 0xFF) + (counts >> 8))


def nothing() -> Pairs:
    """Return no pairs."""
    none = np.empty(0, dtype=np.intp)
    return Pairs(none, none, np.empty(0, dtype=np.uint16))


def joined(parts: Sequence[Pairs]) -> Pairs:
    """Return the pairs of several answers as one."""
    if not parts:
        return nothing()
    return Pairs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def finish(planes: Planes, queries: Planes, found: Pairs, radius: int) -> Pairs:
    """Add the second plane to pairs that the first one let pass; keep what is near."""
    rest = ones(planes.back[found.row] ^ queries.back[found.query])
    distance = found.distance + rest
    near = distance <= radius
    return Pairs(found.query[near], found.row[near], distance[near])


def scan(planes: Planes, queries: Planes, radius: int) -> Pairs:
    """Return every pair within the radius, by comparing all with all."""
    parts = []
    tiles = [np.tile(front, (min(BLOCK, len(planes)), 1)) for front in queries.front]
    for start in range(0, len(planes), BLOCK):
        block = planes.front[start : start + BLOCK]
        for number, tile in enumerate(tiles):
            distance = ones(block ^ tile[: len(block)])
            rows = np.flatnonzero(distance <= radius)
            if rows.size:
                query = np.full(rows.size, number, dtype=np.intp)
                parts.append(Pairs(query, rows + start, distance[rows]))
    return finish(planes, queries, joined(parts), radius) if parts else nothing()
