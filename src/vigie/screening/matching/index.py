# SPDX-License-Identifier: Apache-2.0
"""The exact index over all banks: an immutable base, a small tail, deletions.

No listed hash within the radius is ever missed. Limits: at most `cap` hits of
a query are listed (all are counted, and who lists any of them is complete).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from vigie.core.errors import InvalidInputError
from vigie.core.item import MediaFacts
from vigie.screening.matching import files
from vigie.screening.matching.base import IndexRow, Ref
from vigie.screening.matching.pdq import PDQ, RADIUS
from vigie.screening.matching.scan import Pairs, Planes
from vigie.screening.matching.shelf import DEFAULT_M, NEAR, Exact, References, Shelf, collect

CAP: Final = 1000
TAIL_LIMIT: Final = 20_000
"""A longer tail slows every query: time to rebuild the base."""
MAX_RADIUS: Final = 255
Gone = dict[str, npt.NDArray[np.bool_]]
"""Per algorithm, references of the base that no longer hold."""


class Hit(NamedTuple):
    """One listed hash near or equal to what was asked for."""

    value: str
    distance: int
    refs: tuple[Ref, ...]


class Found(NamedTuple):
    """The answer to one query."""

    total: int
    """How many listed hashes match."""
    hits: tuple[Hit, ...]
    """The nearest of them, at most the cap."""
    nearest: dict[Ref, int]
    """Everyone who lists any of them (the cap does not count), with the least distance."""

    @property
    def capped(self) -> bool:
        """True where more hashes match than are listed."""
        return self.total > len(self.hits)


NOTHING: Final = Found(0, (), {})


class _Live(NamedTuple):
    """References of matching rows, deletions left out."""

    row: npt.NDArray[np.intp]
    distance: npt.NDArray[np.uint16]
    ref: npt.NDArray[np.uint32]


def _live(references: References, gone: npt.NDArray[np.bool_] | None, rows: Pairs) -> _Live:
    positions, place = references.of(rows.row)
    if gone is not None:
        kept = ~gone[positions]
        positions, place = positions[kept], place[kept]
    return _Live(rows.row[place], rows.distance[place], references.ids[positions])


def _nearest(refs: tuple[Ref, ...], live: _Live) -> dict[Ref, int]:
    best = np.full(len(refs), MAX_RADIUS + 1, dtype=np.uint16)
    np.minimum.at(best, live.ref, live.distance)
    return {refs[number]: int(best[number]) for number in np.unique(live.ref)}


def _hits(shelf: Shelf, planes: Planes, live: _Live, cap: int) -> list[Hit]:
    # References of one row stand together, as they were expanded row by row.
    _, first, count = np.unique(live.row, return_index=True, return_counts=True)
    hits = []
    for at in np.argsort(live.distance[first], kind="stable")[:cap]:
        start = first[at]
        numbers = live.ref[start : start + count[at]]
        refs = tuple(shelf.refs[number] for number in numbers)
        value = planes.value(int(live.row[start])).hex()
        hits.append(Hit(value, int(live.distance[start]), refs))
    return hits


def _merge(one: Found, other: Found, cap: int) -> Found:
    """Join answers of base and tail; a hash in both is one hit."""
    if not other.total or not one.total:
        return one if one.total else other
    by_value = {hit.value: hit for hit in one.hits}
    shared = 0
    for hit in other.hits:
        known = by_value.get(hit.value)
        shared += known is not None
        by_value[hit.value] = hit._replace(refs=known.refs + hit.refs) if known else hit
    nearest = dict(one.nearest)
    for ref, distance in other.nearest.items():
        nearest[ref] = min(distance, nearest.get(ref, distance))
    hits = sorted(by_value.values(), key=lambda hit: hit.distance)[:cap]
    return Found(one.total + other.total - shared, tuple(hits), nearest)


def _search(
    shelf: Shelf, queries: Planes, radius: int, cap: int, gone: npt.NDArray[np.bool_] | None
) -> dict[int, Found]:
    """Answer the queries that match anything on one shelf."""
    if shelf.near is None:
        return {}
    pairs = shelf.near.search(queries, radius)
    answers = {}
    for number in np.unique(pairs.query):
        mine = pairs.query == number
        rows = Pairs(pairs.query[mine], pairs.row[mine], pairs.distance[mine])
        live = _live(shelf.near.references, gone, rows)
        if live.row.size:
            total = int(np.unique(live.row).size)
            hits = _hits(shelf, shelf.near.planes, live, cap)
            answers[int(number)] = Found(total, tuple(hits), _nearest(shelf.refs, live))
    return answers


def _look_up(
    shelf: Shelf, algorithm: str, value: bytes, gone: npt.NDArray[np.bool_] | None
) -> Found:
    """Answer one digest on one shelf."""
    listed = shelf.exact.get(algorithm)
    row = listed.find(value) if listed else None
    if listed is None or row is None:
        return NOTHING
    found = Pairs(np.zeros(1, np.intp), np.array([row]), np.zeros(1, np.uint16))
    live = _live(listed.references, gone, found)
    refs = tuple(shelf.refs[number] for number in live.ref)
    return Found(1, (Hit(value.hex(), 0, refs),), dict.fromkeys(refs, 0)) if refs else NOTHING


def _row_of(shelf: Shelf, algorithm: str, value: bytes) -> tuple[References, int] | None:
    """Return where a listed value stands on a shelf."""
    if algorithm == NEAR and shelf.near is not None:
        pairs = shelf.near.search(Planes.of([value]), 0)
        return (shelf.near.references, int(pairs.row[0])) if pairs.row.size else None
    listed: Exact | None = shelf.exact.get(algorithm)
    row = listed.find(value) if listed else None
    return (listed.references, row) if listed is not None and row is not None else None


def _deletions(shelf: Shelf, removed: Iterable[IndexRow]) -> Gone:
    """Mark the base's references that no longer hold; unknown ones change nothing."""
    numbers = {ref: number for number, ref in enumerate(shelf.refs)}
    gone: Gone = {}
    for algorithm, value, ref in removed:
        found = _row_of(shelf, algorithm, value)
        if found is None:
            continue
        references, row = found
        marks = gone.setdefault(algorithm, np.zeros(len(references.ids), dtype=np.bool_))
        positions, _ = references.of(np.array([row]))
        marks[positions[references.ids[positions] == numbers.get(ref, -1)]] = True
    return gone


class HashIndex:
    """Who lists this picture or file? Immutable; safe to share between threads."""

    def __init__(self, base: Shelf, tail: Shelf | None = None, gone: Gone | None = None) -> None:
        self._base = base
        self._tail = tail or collect(())
        self._gone = gone or {}

    @classmethod
    def of(cls, rows: Iterable[IndexRow]) -> Self:
        """Build an index in memory, for tests and small sets."""
        return cls(collect(rows))

    @classmethod
    def open(cls, folder: Path, *, verify: bool = False) -> Self:
        """Map what `build_index` wrote; processes on one machine share one copy."""
        return cls(files.read(folder, verify=verify))

    def with_tail(self, rows: Iterable[IndexRow], removed: Iterable[IndexRow] = ()) -> HashIndex:
        """Return this base with another tail and other deletions (from the base alone)."""
        return HashIndex(self._base, collect(rows), _deletions(self._base, removed))

    def __len__(self) -> int:
        """Distinct hashes of base and tail, deletions not counted off."""
        return len(self._base) + len(self._tail)

    @property
    def tail_length(self) -> int:
        """Distinct hashes of the tail: beyond `TAIL_LIMIT` the base is due for rebuilding."""
        return len(self._tail)

    def query(self, hashes: Sequence[bytes], radius: int = RADIUS, cap: int = CAP) -> list[Found]:
        """Answer PDQ hashes of 32 bytes, all in one pass."""
        if not hashes:
            return []
        if not 0 <= radius <= MAX_RADIUS or any(len(value) != PDQ.size for value in hashes):
            raise InvalidInputError("Ask for hashes of 32 bytes, radius 0 to 255.", code="bad_hash")
        queries = Planes.of(hashes)
        base = _search(self._base, queries, radius, cap, self._gone.get(NEAR))
        tail = _search(self._tail, queries, radius, cap, None)
        return [
            _merge(base.get(number, NOTHING), tail.get(number, NOTHING), cap)
            for number in range(len(hashes))
        ]

    def lookup(self, digests: Sequence[tuple[str, bytes]]) -> list[Found]:
        """Answer digests, each an algorithm's name with its value."""
        return [
            _merge(
                _look_up(self._base, algorithm, value, self._gone.get(algorithm)),
                _look_up(self._tail, algorithm, value, None),
                CAP,
            )
            for algorithm, value in digests
        ]


EDGE: Final = range(RADIUS - 12, RADIUS + 13)
"""The shortcut for large pictures is off by at most 12 bits on enlarged reference pictures."""


def near_edge(index: HashIndex, facts: MediaFacts) -> bool:
    """Say whether a picture's matches stand so near the threshold that bits decide.

    For `DecoderPool.submit(recheck=...)`: such a picture is decoded in full.
    """
    found = index.query([PDQ.validate(text) for text in facts.dihedral], EDGE.stop - 1)
    return any(distance in EDGE for each in found for distance in each.nearest.values())


def build_index(rows: Iterable[IndexRow], folder: Path, m: int = DEFAULT_M) -> None:
    """Write the base of an index as a new folder: whole, synced, or not at all."""
    files.write(collect(rows, m), folder)
