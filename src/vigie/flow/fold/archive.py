# SPDX-License-Identifier: Apache-2.0
"""The second consumer: every decision into a segment, one ledger entry a segment."""

from __future__ import annotations

from typing import Any, Final

from vigie.flow import records, search_day
from vigie.flow.fold.policy_days import PolicyDays
from vigie.flow.fold.write import move, position
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.journal.archive import Sealed, SegmentWriter, sealed_files
from vigie.journal.reader import Reader
from vigie.journal.rows import Kind, Row, decode
from vigie.ledger.segment import SEGMENT_KIND, SegmentTree
from vigie.store.models import FoldConsumer, Segment

MAX_DECISIONS: Final = 100_000
MAX_ROWS: Final = 2_000
DAY_MS: Final = 86_400_000


class Archiver:
    """Collects one writer's decisions and seals them.

    Nothing of an open segment is kept: after a crash it is read again from the
    position, which moves only with the sealed segment.
    """

    def __init__(self, reader: Reader, house: House) -> None:
        self._reader = reader
        self._house = house
        self._seq = position(reader.writer, FoldConsumer.ARCHIVE)
        self._open: SegmentWriter | None = None
        self._since: int | None = None
        self._promised: int | None = None
        self._oldest: int | None = None
        self._passed = self._seq
        self._days = PolicyDays()
        self._drop_orphans()

    def _drop_orphans(self) -> None:
        """Remove files that were named but never recorded; none while a search stands."""
        if search_day.stops_deletion():
            return
        folder = self._house.settings.archive_dir
        known = set(
            Segment.objects.filter(writer=self._reader.writer).values_list("file", flat=True)
        )
        for path in sealed_files(folder, self._reader.writer):
            if str(path.relative_to(folder)) not in known:
                path.unlink()

    def take(self) -> int:
        """Read the next rows; return how many there were."""
        rows = self._reader.read(self._seq, MAX_ROWS)
        for row in rows:
            if row.kind == Kind.DECISION.value:
                self._add(row)
            self._seq = row.seq
            if self._open is not None and len(self._open) >= MAX_DECISIONS:
                self.seal()
        return len(rows)

    def _add(self, row: Row) -> None:
        body = decode(row)
        if self._open is None:
            folder = self._house.settings.archive_dir
            self._open = SegmentWriter(folder, self._reader.writer)
            self._oldest = row.t
        self._open.add(body, row.ordinal, row.t)
        self._days.add(body.decision, row.t)
        if not body.keep:
            # A kept decision has an entry of its own; this one relies on the segment's.
            self._since = min(row.t, self._since or row.t)
            if body.not_after:
                self._promised = min(body.not_after, self._promised or body.not_after)

    def is_due(self) -> bool:
        """Say whether the open segment has been open long enough, or rows go into none.

        What holds no decision (use of gateway keys, confirmations) must not wait in the
        journal of a door that makes none any more.
        """
        if self._open is None or self._oldest is None:
            return self._seq > self._passed
        age = self._house.now() - self._oldest
        return age >= self._house.settings.segment_seconds * 1000

    def seal(self) -> Segment | None:
        """Close the open segment and record it; None where there is none."""
        if self._open is None:
            self._pass()
            return None
        tree = SegmentTree(self._open.entries)
        count = len(self._open)
        file = self._open.seal(self._seq)
        segment = self._record(file, tree.fields(), count)
        self._open = self._since = self._promised = self._oldest = None
        self._passed = self._seq
        self._days = PolicyDays()
        return segment

    def _pass(self) -> None:
        """Move the position over rows that hold no decision."""
        if self._seq > self._passed:
            with writing():
                move(self._reader.writer, FoldConsumer.ARCHIVE, self._seq, self._house.now())
            self._passed = self._seq

    def _record(self, file: Sealed, tree: dict[str, Any], count: int) -> Segment:
        now = self._house.now()
        writer = self._reader.writer
        plain = {
            "writer": writer,
            "first": file.first,
            "last": file.last,
            "sha256": file.sha256,
            **tree,
        }
        draft = records.draft(SEGMENT_KIND, now, plain, promised_until=self._promised)
        since = self._since if self._since is not None else now
        with writing():
            index = records.append_one(draft, since=since)
            self._days.write()
            move(writer, FoldConsumer.ARCHIVE, self._seq, now)
            return Segment.objects.create(
                writer=writer,
                first_ordinal=file.first,
                last_ordinal=file.last,
                count=count,
                root=tree["root"],
                file=str(file.path.relative_to(self._house.settings.archive_dir)),
                sha256=file.sha256,
                size=file.size,
                record_id=draft.record_id,
                log_index=index,
                sealed_at=now,
                expires_at=now + self._house.settings.archive_days * DAY_MS,
            )

    def close(self) -> None:
        """Throw away what is open; it is read again next time."""
        if self._open is not None:
            self._open.drop()
            self._open = None
