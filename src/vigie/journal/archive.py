# SPDX-License-Identifier: Apache-2.0
"""Archive segments: immutable Parquet files of every decision, without text.

The columns are described in `docs/reference/archive.md`. No salt and no key
stands here: an entry of a segment can be counted and compared, and opened only
by who holds its opening. This module loads pyarrow; the web process asks it
through a process of its own (`python -m vigie.flow.lookup`).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from vigie.core.decision import Decision
from vigie.core.errors import NotFoundError
from vigie.core.gateway import ExchangeFacts
from vigie.core.ids import parse_decision_id
from vigie.journal.record import plain_exchange
from vigie.journal.rows import JournalDecision

GROUP: Final = 10_000
"""Decisions of one row group."""
SUFFIX: Final = ".parquet"
OPEN: Final = ".open"
"""Folder of files that are still written; lost on a crash and made again."""
_NAME: Final = re.compile(r"^([0-9a-f]{13})-([0-9a-f]{13})-[0-9a-f]+\.parquet$")
_DECISION: Final = msgspec.json.Decoder(Decision)
_FACTS: Final = msgspec.json.Decoder(ExchangeFacts)
_JSON: Final = msgspec.json.Encoder(order="deterministic")

_SIGNAL: Final = pa.struct(
    [
        ("detector", pa.string()),
        ("version", pa.string()),
        ("label", pa.string()),
        ("value", pa.float64()),
        ("status", pa.string()),
        ("cls", pa.string()),
        ("basis", pa.string()),
        ("distance", pa.int32()),
    ]
)
SCHEMA: Final = pa.schema(
    [
        ("ordinal", pa.int64()),
        ("decision_id", pa.string()),
        ("entry", pa.binary(33)),
        ("at", pa.timestamp("ms", tz="UTC")),
        ("service", pa.dictionary(pa.int32(), pa.string())),
        ("item_id", pa.string()),
        ("version", pa.int64()),
        ("surface", pa.dictionary(pa.int32(), pa.string())),
        ("author", pa.string()),
        ("language", pa.dictionary(pa.int32(), pa.string())),
        ("outcome", pa.dictionary(pa.int32(), pa.string())),
        ("cls", pa.dictionary(pa.int32(), pa.string())),
        ("kept", pa.bool_()),
        ("stale", pa.bool_()),
        ("snapshot", pa.int64()),
        ("supersedes", pa.string()),
        ("media", pa.list_(pa.string())),
        ("signals", pa.list_(_SIGNAL)),
        ("decision", pa.binary()),
        ("record", pa.binary()),
        ("exchange", pa.string()),
    ]
)
COLUMNS: Final = tuple(SCHEMA.names)


class Sealed(NamedTuple):
    """A closed file, durable under its name."""

    path: Path
    sha256: str
    size: int
    first: int
    last: int


class SegmentWriter:
    """Writes one segment; only `seal` gives it a name that lasts."""

    def __init__(self, folder: Path, writer: str) -> None:
        self.folder = folder / writer
        self._draft = folder / OPEN / f"{writer}{SUFFIX}"
        self._draft.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file: pq.ParquetWriter | None = None
        self._rows: list[dict[str, Any]] = []
        self.entries: list[bytes] = []
        self._first = 0
        self._last = 0

    def __len__(self) -> int:
        """Return how many decisions it holds so far."""
        return len(self.entries)

    def add(self, body: JournalDecision, ordinal: int, at: int) -> None:
        """Take a decision in, in the order of commits."""
        if not self.entries:
            self._first = self._last = ordinal
        self._first, self._last = min(self._first, ordinal), max(self._last, ordinal)
        self.entries.append(body.entry)
        self._rows.append(_row(body, ordinal, at))
        if len(self._rows) >= GROUP:
            self._flush()

    def _flush(self) -> None:
        if not self._rows:
            return
        if self._file is None:
            self._file = pq.ParquetWriter(self._draft, SCHEMA, compression="zstd")
        self._file.write_table(pa.Table.from_pylist(self._rows, schema=SCHEMA))
        self._rows = []

    def seal(self, seq: int) -> Sealed:
        """Close the file, make it durable and give it its name.

        Until the store names it, it is nobody's: `orphans` finds it after a crash.
        """
        self._flush()
        if self._file is None:
            raise NotFoundError("An empty segment is not sealed.", code="empty_segment")
        self._file.close()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self.folder / f"{self._first:013x}-{self._last:013x}-{seq:x}{SUFFIX}"
        with self._draft.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
            size = handle.tell()
            os.fsync(handle.fileno())
        self._draft.replace(target)
        for folder in (target.parent, target.parent.parent):
            _sync(folder)
        return Sealed(target, digest, size, self._first, self._last)

    def drop(self) -> None:
        """Throw the unfinished file away."""
        if self._file is not None:
            self._file.close()
        self._draft.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _row(body: JournalDecision, ordinal: int, at: int) -> dict[str, Any]:
    decision = _DECISION.decode(body.decision)
    return {
        "ordinal": ordinal,
        "decision_id": body.decision_id,
        "entry": body.entry,
        "at": at,
        "service": body.service,
        "item_id": body.item_id,
        "version": body.version,
        "surface": body.surface,
        "author": body.author,
        "language": decision.language,
        "outcome": body.outcome,
        "cls": body.cls,
        "kept": body.keep,
        "stale": body.stale,
        "snapshot": body.snapshot,
        "supersedes": decision.supersedes,
        "media": body.media,
        "signals": [_signal(signal) for signal in decision.signals],
        "decision": body.decision,
        "record": body.record,
        "exchange": _exchange(body.exchange),
    }


def _exchange(facts: bytes) -> str | None:
    """Return an exchange with the AI gateway, without its user and its fingerprint."""
    if not facts:
        return None
    return _JSON.encode(plain_exchange(_FACTS.decode(facts))).decode()


def _signal(signal: Any) -> dict[str, Any]:
    match = signal.match
    return {
        "detector": signal.detector,
        "version": signal.version,
        "label": signal.label,
        "value": signal.value,
        "status": signal.status,
        "cls": match.cls if match else None,
        "basis": match.basis if match else None,
        "distance": match.distance if match else None,
    }


def files_with(folder: Path, writer: str, ordinal: int) -> Iterator[Path]:
    """Yield the sealed files of a writer that may hold a decision."""
    home = folder / writer
    for path in sorted(home.iterdir()) if home.is_dir() else ():
        found = _NAME.match(path.name)
        if found and int(found[1], 16) <= ordinal <= int(found[2], 16):
            yield path


def find(folder: Path, decision_id: str) -> dict[str, Any] | None:
    """Return `service`, `decision` (JSON bytes, as it was made), `record` and `file`.

    None where no segment holds it: not sealed yet, erased, or never made.
    """
    address = parse_decision_id(decision_id)
    for path in files_with(folder, address.writer, address.ordinal):
        table = pq.read_table(
            path,
            columns=["decision_id", "service", "decision", "record", "at"],
            filters=[("ordinal", "=", address.ordinal)],
        )
        for row in table.to_pylist():
            if row["decision_id"] == decision_id:
                return {**row, "file": path}
    return None


def names_any(
    path: Path, items: frozenset[tuple[str, str]], authors: frozenset[tuple[str, str]]
) -> bool:
    """Say whether a segment holds a decision about one of these, each with its service."""
    reader = pq.ParquetFile(path)
    for batch in reader.iter_batches(GROUP, columns=["service", "item_id", "author"]):
        service, item, author = (batch.column(n).to_pylist() for n in range(3))
        if items.intersection(zip(service, item, strict=True)):
            return True
        if authors.intersection(zip(service, author, strict=True)):
            return True
    return False


def entries(path: Path) -> tuple[list[str], list[bytes]]:
    """Return the decision ids and entries of a segment, in the order of its tree."""
    table = pq.read_table(path, columns=["decision_id", "entry"])
    return table.column("decision_id").to_pylist(), table.column("entry").to_pylist()


def sealed_files(folder: Path, writer: str) -> list[Path]:
    """Return every sealed file of a writer."""
    home = folder / writer
    return sorted(p for p in home.iterdir() if _NAME.match(p.name)) if home.is_dir() else []
