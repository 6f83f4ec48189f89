# SPDX-License-Identifier: Apache-2.0
"""Listed hashes as flat arrays, each with who lists it: in memory or on file.

Equal hashes stand once, however many banks list them. The arrays are sorted by
value, so the same rows give the same bytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from vigie.core.errors import InvalidInputError
from vigie.screening.matching import mih
from vigie.screening.matching.base import IndexRow, Ref
from vigie.screening.matching.scan import Pairs, Planes, scan

Values = npt.NDArray[Any]
"""Sorted values of one size (NumPy type S)."""
Ids = npt.NDArray[np.uint32]

NEAR: Final = "pdq"
"""The one algorithm that is searched within a radius; all others are exact."""
SCAN_BELOW: Final = 4096
"""Fewer hashes are compared one by one: measured, tables pay from about here."""
MAX_TABLE_RADIUS: Final = 47
"""Beyond it the tables need more lookups than a scan needs comparisons."""
DEFAULT_M: Final = 16


class References(NamedTuple):
    """Per row the numbers of its references (compressed rows)."""

    starts: Ids
    ids: Ids

    def of(self, rows: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Return positions in `ids` for all rows, and for each its place in `rows`."""
        begin = self.starts[rows].astype(np.intp)
        length = self.starts[rows + 1].astype(np.intp) - begin
        ends = np.cumsum(length)
        total = int(ends[-1]) if ends.size else 0
        positions = np.repeat(begin - (ends - length), length) + np.arange(total)
        return positions, np.repeat(np.arange(rows.size), length)


class Exact(NamedTuple):
    """Digests of one algorithm."""

    values: Values
    references: References

    def find(self, value: bytes) -> int | None:
        """Return the row of a digest, or None."""
        sought = np.array(value, dtype=self.values.dtype)
        row = int(np.searchsorted(self.values, sought))
        return row if row < len(self.values) and self.values[row] == sought else None


class Near(NamedTuple):
    """PDQ hashes; `tables` is None where a scan is faster."""

    planes: Planes
    tables: mih.Tables | None
    references: References

    def search(self, queries: Planes, radius: int) -> Pairs:
        """Return every pair within the radius."""
        if self.tables is None or radius > MAX_TABLE_RADIUS:
            return scan(self.planes, queries, radius)
        return mih.search(self.planes, self.tables, queries, radius)


class Shelf(NamedTuple):
    """All listed hashes of a base or of a tail."""

    refs: tuple[Ref, ...]
    near: Near | None
    exact: Mapping[str, Exact]

    def __len__(self) -> int:
        near = len(self.near.planes) if self.near else 0
        return near + sum(len(part.values) for part in self.exact.values())


class _Column:
    """Rows of one algorithm while they are gathered, without an object a row."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.values = bytearray()
        self.refs = array("I")

    def add(self, value: bytes, ref: int) -> None:
        if len(value) != self.size:
            raise InvalidInputError("Hashes of one algorithm have one size.", code="bad_hash")
        self.values += value
        self.refs.append(ref)

    def sorted(self) -> tuple[Values, References]:
        """Return distinct values in order, and who lists each."""
        values = np.frombuffer(bytes(self.values), dtype=f"S{self.size}")
        refs = np.frombuffer(self.refs, dtype=np.uint32)
        order = np.lexsort((refs, values))
        values, refs = values[order], refs[order]
        new_value = np.concatenate(([True], values[1:] != values[:-1]))
        keep = new_value | np.concatenate(([True], refs[1:] != refs[:-1]))
        values, refs, new_value = values[keep], refs[keep], new_value[keep]
        starts = np.concatenate((np.flatnonzero(new_value), [refs.size])).astype(np.uint32)
        return values[new_value], References(starts, refs)


def _planes(values: Values) -> Planes:
    words = np.ascontiguousarray(values).view("<u8").reshape(-1, 4)
    return Planes(np.ascontiguousarray(words[:, :2]), np.ascontiguousarray(words[:, 2:]))


def _gather(rows: Iterable[IndexRow]) -> tuple[tuple[Ref, ...], dict[str, _Column]]:
    numbers: dict[Ref, int] = {}
    columns: dict[str, _Column] = {}
    for algorithm, value, ref in rows:
        column = columns.get(algorithm)
        if column is None:
            column = columns[algorithm] = _Column(len(value))
        column.add(value, numbers.setdefault(ref, len(numbers)))
    return tuple(numbers), columns


def collect(rows: Iterable[IndexRow], m: int = DEFAULT_M, scan_below: int = SCAN_BELOW) -> Shelf:
    """Return a shelf of these rows; repeated rows count once."""
    if m not in mih.TABLES:
        raise InvalidInputError(f"An index has {mih.TABLES} tables.", code="bad_index", field="m")
    refs, columns = _gather(rows)
    near = None
    exact = {}
    for algorithm, column in sorted(columns.items()):
        values, references = column.sorted()
        if algorithm == NEAR:
            planes = _planes(values)
            tables = mih.build(planes, m) if len(planes) >= scan_below else None
            near = Near(planes, tables, references)
        else:
            exact[algorithm] = Exact(values, references)
    return Shelf(refs, near, exact)
