# SPDX-License-Identifier: Apache-2.0
"""Exact multi-index hashing: every hash within a radius, without comparing all.

The 256 bits are cut into m substrings, each with a table from its value to the
rows that have it. With r = m b + a, a + 1 tables are searched to radius b and
the others to b - 1: a hash that all tables miss differs in at least
(a + 1)(b + 1) + (m - a - 1) b = r + 1 bits, so none within r is lost. Source:
Norouzi, Punjani, Fleet, "Fast Exact Search in Hamming Space With Multi-Index
Hashing" (2014). Limits: cost grows fast beyond radius 40.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, combinations
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from vigie.screening.matching.scan import Pairs, Planes, finish, joined, nothing, ones, scan

Ids = npt.NDArray[np.uint32]

BITS: Final = 256
TABLES: Final = (12, 13, 16)
"""Numbers of substrings that an index may be built with."""
MAX_RADIUS: Final = 63
CHUNK: Final = 1 << 16
"""Candidates verified at a time: what they touch stays in the cache."""
SCAN_SHARE: Final = 10
"""A query with more candidates than a tenth of all hashes compares all instead."""


class Tables(NamedTuple):
    """All tables in two flat arrays (compressed rows)."""

    m: int
    starts: Ids
    """Per table and value, where its rows begin in `ids`; one more ends a table."""
    ids: Ids
    """Rows, table after table, each in the order of their substrings."""


class Probes(NamedTuple):
    """What a query looks up at one radius: a mask to flip and a table each."""

    table: npt.NDArray[np.intp]
    mask: Ids
    offset: npt.NDArray[np.int64]
    """Where the table's values begin in `starts`."""


def widths(m: int) -> list[int]:
    """Return the bits of each substring; the first ones are one bit wider."""
    return [BITS // m + (1 if t < BITS % m else 0) for t in range(m)]


def radii(m: int, radius: int) -> list[int]:
    """Return how far each table is searched; -1 leaves a table out.

    The narrowest substrings get the larger radius: it costs fewest probes.
    """
    each, over = divmod(radius, m)
    return [each - 1 if t < m - over - 1 else each for t in range(m)]


def _masks(width: int, radius: int) -> list[int]:
    """Return every mask of `width` bits with at most `radius` ones."""
    return [
        sum(1 << bit for bit in bits)
        for flips in range(radius + 1)
        for bits in combinations(range(width), flips)
    ]


@lru_cache(maxsize=8)
def probes(m: int, radius: int) -> Probes:
    """Return the lookups of one query."""
    offsets = [0, *accumulate((1 << width) + 1 for width in widths(m))]
    table, mask, offset = [], [], []
    for t, (width, reach) in enumerate(zip(widths(m), radii(m, radius), strict=True)):
        found = _masks(width, reach)
        table += [t] * len(found)
        mask += found
        offset += [offsets[t]] * len(found)
    return Probes(
        np.array(table, dtype=np.intp),
        np.array(mask, dtype=np.uint32),
        np.array(offset, dtype=np.int64),
    )


def substrings(planes: Planes, m: int) -> Iterator[Ids]:
    """Yield substring t of every hash, for each table t."""
    words = (planes.front[:, 0], planes.front[:, 1], planes.back[:, 0], planes.back[:, 1])
    offset = 0
    for width in widths(m):
        word, shift = divmod(offset, 64)
        key = words[word] >> np.uint64(shift)
        if shift + width > 64:
            key = key | (words[word + 1] << np.uint64(64 - shift))
        yield (key & np.uint64((1 << width) - 1)).astype(np.uint32)
        offset += width


def _order(keys: Ids) -> npt.NDArray[np.intp]:
    """Return the rows sorted by key; two passes of 16 bits are a radix sort."""
    low = np.argsort((keys & 0xFFFF).astype(np.uint16), kind="stable")
    high = (keys[low] >> 16).astype(np.uint16)
    return low[np.argsort(high, kind="stable")] if high.any() else low


def build(planes: Planes, m: int) -> Tables:
    """Return the tables of these hashes. Limits: m x hashes stays below 2**32."""
    starts, ids = [], []
    for t, (keys, width) in enumerate(zip(substrings(planes, m), widths(m), strict=True)):
        counts = np.bincount(keys, minlength=1 << width)
        begins = np.concatenate(([0], np.cumsum(counts))) + t * len(planes)
        starts.append(begins.astype(np.uint32))
        ids.append(_order(keys).astype(np.uint32))
    return Tables(m, np.concatenate(starts), np.concatenate(ids))


class _Buckets(NamedTuple):
    """Per query and probe: where the rows begin and how many there are."""

    begin: npt.NDArray[np.int64]
    length: npt.NDArray[np.int64]


def _buckets(tables: Tables, queries: Planes, radius: int) -> _Buckets:
    look = probes(tables.m, radius)
    keys = np.stack(list(substrings(queries, tables.m)), axis=1)
    at = (keys[:, look.table] ^ look.mask) + look.offset
    begin = tables.starts.take(at).astype(np.int64)
    return _Buckets(begin, tables.starts.take(at + 1) - begin)


def _candidates(tables: Tables, buckets: _Buckets) -> Ids:
    """Return the rows of all buckets, query after query, repetitions included."""
    length = buckets.length.ravel()
    full = np.flatnonzero(length)
    length = length[full]
    ends = np.cumsum(length)
    if not ends.size:
        return np.empty(0, dtype=np.uint32)
    shift = buckets.begin.ravel()[full] - (ends - length)
    rows: Ids = tables.ids.take(np.repeat(shift, length) + np.arange(ends[-1]))
    return rows


def _verify(
    planes: Planes, queries: Planes, rows: Ids, totals: npt.NDArray[np.int64], radius: int
) -> Pairs:
    """Return the candidates that are near, each pair once."""
    # `take` copies whole rows; indexing with brackets is four times as slow.
    distance = ones(planes.front.take(rows, axis=0) ^ np.repeat(queries.front, totals, axis=0))
    near = np.flatnonzero(distance <= radius)
    if not near.size:
        return nothing()
    query = np.searchsorted(np.cumsum(totals), near, side="right")
    _, first = np.unique(query * len(planes) + rows[near], return_index=True)
    near, query = near[first], query[first]
    return finish(planes, queries, Pairs(query, rows[near].astype(np.intp), distance[near]), radius)


def _pick(queries: Planes, which: npt.NDArray[np.intp]) -> Planes:
    return Planes(queries.front[which], queries.back[which])


def _group(planes: Planes, tables: Tables, queries: Planes, radius: int) -> Pairs:
    """Answer a few queries: by tables, or by comparing all where buckets are crowded."""
    buckets = _buckets(tables, queries, radius)
    totals = buckets.length.sum(axis=1)
    crowded = totals > len(planes) // SCAN_SHARE + CHUNK
    parts = []
    for which, few in ((np.flatnonzero(~crowded), True), (np.flatnonzero(crowded), False)):
        if not which.size:
            continue
        some = _pick(queries, which)
        if few:
            rows = _candidates(tables, _Buckets(buckets.begin[which], buckets.length[which]))
            found = _verify(planes, some, rows, totals[which], radius)
        else:
            found = scan(planes, some, radius)
        parts.append(Pairs(which[found.query], found.row, found.distance))
    return joined(parts)


def search(planes: Planes, tables: Tables, queries: Planes, radius: int) -> Pairs:
    """Return every pair within the radius, exactly."""
    expected = len(planes) * len(probes(tables.m, radius).mask) >> (BITS // tables.m)
    step = max(1, min(64, CHUNK // max(1, expected)))
    parts = []
    for start in range(0, len(queries), step):
        some = Planes(queries.front[start : start + step], queries.back[start : start + step])
        found = _group(planes, tables, some, radius)
        if found.query.size:
            parts.append(Pairs(found.query + start, found.row, found.distance))
    return joined(parts)
