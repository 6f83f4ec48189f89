# SPDX-License-Identifier: Apache-2.0
"""The reading end: `jobs` folds from here and deletes what is done with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from vigie.journal.file import SUFFIX, connect, path_of, sync_folder, take_lock
from vigie.journal.rows import Kind, Row

_READ: Final = (
    "SELECT ordinal, kind, t, body FROM journal WHERE ordinal > ? ORDER BY ordinal LIMIT ?"
)


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
        """Return up to `limit` rows behind an ordinal, in order."""
        return [Row(*row) for row in self._connection.execute(_READ, (after, limit))]

    def get(self, ordinal: int) -> Row | None:
        """Return one row, or None where it was deleted or never was."""
        query = "SELECT ordinal, kind, t, body FROM journal WHERE ordinal = ?"
        row = self._connection.execute(query, (ordinal,)).fetchone()
        return Row(*row) if row else None

    def since(self, t: int) -> Iterator[Row]:
        """Yield the decisions and answers not older than `t`, in order."""
        query = "SELECT ordinal, kind, t, body FROM journal WHERE t >= ? ORDER BY ordinal"
        for row in self._connection.execute(query, (t,)):
            yield Row(*row)

    def last(self) -> int:
        """Return the highest ordinal, 0 for an empty file."""
        row = self._connection.execute("SELECT max(ordinal) FROM journal").fetchone()
        return int(row[0] or 0)

    def delete(self, ordinals: Sequence[int]) -> None:
        """Delete rows for good (`secure_delete` overwrites them), in one transaction."""
        self._write([("DELETE FROM journal WHERE ordinal = ?", [(n,) for n in ordinals])])

    def delete_texts(self, up_to: int) -> int:
        """Delete the text rows that are folded; return how many."""
        return self._count(
            "DELETE FROM journal WHERE kind = ? AND ordinal <= ?", (Kind.TEXT.value, up_to)
        )

    def delete_before(self, t: int, up_to: int, limit: int = 5_000) -> int:
        """Delete up to `limit` rows older than `t` that every consumer has passed."""
        return self._count(
            "DELETE FROM journal WHERE ordinal IN (SELECT ordinal FROM journal"
            " WHERE ordinal <= ? AND t < ? ORDER BY ordinal LIMIT ?)",
            (up_to, t, limit),
        )

    def truncate_wal(self) -> bool:
        """Move the WAL into the file and empty it; False where a reader was in the way."""
        row = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return bool(row[0] == 0)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _count(self, statement: str, values: tuple[Any, ...]) -> int:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            count = self._connection.execute(statement, values).rowcount
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        return int(count)

    def _write(self, steps: Iterable[tuple[str, Sequence[tuple[Any, ...]]]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for statement, values in steps:
                self._connection.executemany(statement, values)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


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
