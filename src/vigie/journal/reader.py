# SPDX-License-Identifier: Apache-2.0
"""The reading end: `jobs` folds from here and deletes what is done with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from vigie.core.ids import parse_decision_id
from vigie.journal.file import SUFFIX, connect, path_of, sync_folder, take_lock
from vigie.journal.rows import Kind, Row, decode

_COLUMNS: Final = "SELECT ordinal, kind, t, body, seq FROM journal"
_READ: Final = f"{_COLUMNS} WHERE seq > ? ORDER BY seq LIMIT ?"


def writers(folder: Path) -> list[str]:
    """Name every writer whose file is there, living or not."""
    if not folder.exists():
        return []
    return sorted(p.name.removesuffix(SUFFIX) for p in folder.glob(f"*{SUFFIX}"))


def is_alive(folder: Path, writer: str) -> bool:
    """Say whether a process still writes this journal."""
    lock = take_lock(folder, writer)
    if lock is None:
        return True
    lock.close()
    return False


class Reader:
    """Reads one writer's journal with a connection of its own.

    The position up to which rows were read is the caller's to keep, in the
    same transaction as what it made of them.
    """

    def __init__(self, folder: Path, writer: str) -> None:
        self.folder = folder
        self.writer = writer
        self._connection = connect(path_of(folder, writer))

    def read(self, after: int, limit: int) -> list[Row]:
        """Return up to `limit` rows behind a position (`seq`), in order of commit."""
        return [Row(*row) for row in self._connection.execute(_READ, (after, limit))]

    def get(self, ordinal: int) -> Row | None:
        """Return a decision's row, or None where it was deleted or never was."""
        query = f"{_COLUMNS} WHERE ordinal = ? AND kind = ?"
        row = self._connection.execute(query, (ordinal, Kind.DECISION.value)).fetchone()
        return Row(*row) if row else None

    def answers(self, ordinal: int) -> list[Row]:
        """Return the kept answers that begin with a decision."""
        query = f"{_COLUMNS} WHERE ordinal = ? AND kind = ?"
        return [Row(*row) for row in self._connection.execute(query, (ordinal, Kind.ANSWER.value))]

    def since(self, t: int) -> Iterator[Row]:
        """Yield what is not older than `t`, in order of commit."""
        for row in self._connection.execute(f"{_COLUMNS} WHERE t >= ? ORDER BY seq", (t,)):
            yield Row(*row)

    def last(self) -> int:
        """Return the highest position, 0 for an empty file."""
        row = self._connection.execute("SELECT max(seq) FROM journal").fetchone()
        return int(row[0] or 0)

    def delete_decision(self, name: str) -> int:
        """Delete all that stands here of one decision: row, text, kept answers.

        Another writer's journal may keep an answer that names it, so every
        journal is asked. `secure_delete` overwrites the bytes; `truncate_wal`
        must follow. Returns the number of rows.
        """
        answers = self._connection.execute(f"{_COLUMNS} WHERE kind = ?", (Kind.ANSWER.value,))
        found = [row[4] for row in answers if name in decode(Row(*row)).decisions]
        address = parse_decision_id(name)
        if address.writer == self.writer:
            rows = self._connection.execute(
                "SELECT seq FROM journal WHERE ordinal = ? AND kind IN (?, ?)",
                (address.ordinal, Kind.DECISION.value, Kind.TEXT.value),
            )
            found.extend(row[0] for row in rows)
        return self._delete(found)

    def delete_texts(self, up_to: int) -> int:
        """Delete the text rows up to a folded position; return how many."""
        rows = self._connection.execute(
            "SELECT seq FROM journal WHERE kind = 'text' AND seq <= ? LIMIT 5000", (up_to,)
        )
        return self._delete([row[0] for row in rows])

    def delete_before(self, t: int, up_to: int, limit: int = 5_000) -> int:
        """Delete up to `limit` rows older than `t` that every consumer has passed."""
        rows = self._connection.execute(
            "SELECT seq, t FROM journal WHERE seq <= ? ORDER BY seq LIMIT ?", (up_to, limit)
        )
        return self._delete([seq for seq, when in rows if when < t])

    def truncate_wal(self) -> bool:
        """Move the WAL into the file and empty it; False where a reader was in the way."""
        row = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return bool(row[0] == 0)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _delete(self, positions: Sequence[int]) -> int:
        if not positions:
            return 0
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany(
                "DELETE FROM journal WHERE seq = ?", [(seq,) for seq in positions]
            )
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        return len(positions)


def remove(folder: Path, writer: str) -> bool:
    """Remove the file of a writer that is dead and whose rows are all gone."""
    lock = take_lock(folder, writer)
    if lock is None:
        return False
    try:
        for name in (f"{writer}{SUFFIX}", f"{writer}{SUFFIX}-wal", f"{writer}{SUFFIX}-shm"):
            (folder / name).unlink(missing_ok=True)
        (folder / f"{writer}.lock").unlink(missing_ok=True)
        sync_folder(folder)
    finally:
        lock.close()
    return True
