# SPDX-License-Identifier: Apache-2.0
"""The pictures of an archive segment: PDQ hashes, with the rows in which they stand.

Loads pyarrow, so `jobs` and commands import it, never the web process.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

GROUP: Final = 10_000
PREFIX: Final = "pdq:"
COLUMNS: Final = (
    "service", "item_id", "version", "author", "surface", "language", "at", "cls", "media",
)  # fmt: skip


class Pictures:
    """The PDQ hashes of some rows of a segment."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        media = batch.column("media")
        texts = pc.list_flatten(media)
        wanted = pc.starts_with(texts, PREFIX)
        hashes = pc.utf8_slice_codeunits(texts.filter(wanted), len(PREFIX)).to_pylist()
        self.values = [bytes.fromhex(text) for text in hashes]
        self._parents = pc.list_parent_indices(media).filter(wanted)
        self._batch = batch

    def rows(self, places: Sequence[int]) -> list[dict[str, Any]]:
        """Return the rows in which these hashes stand; `at` in milliseconds."""
        if not places:
            return []
        parents = self._parents.take(pa.array(places, type=pa.int64()))
        found: list[dict[str, Any]] = self._batch.take(parents).to_pylist()
        return [{**row, "at": round(row["at"].timestamp() * 1000)} for row in found]


def pictures(path: Path) -> Iterator[Pictures]:
    """Yield the pictures of a segment, some thousand rows at a time."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(GROUP, columns=list(COLUMNS)):
            yield Pictures(batch)
