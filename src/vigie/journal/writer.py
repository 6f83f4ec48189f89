# SPDX-License-Identifier: Apache-2.0
"""The writing end: rows are committed in groups, the answer follows the commit."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

from vigie.core.errors import UnavailableError, VigieError
from vigie.core.ids import new_writer
from vigie.journal.file import connect, create, path_of, take_lock
from vigie.journal.rows import Row
from vigie.sqlite_driver import sqlite3

GROUP: Final = 2_000
"""Most rows of one transaction; more wait for the next one."""

LEAST_ROOM: Final = 2**20
"""Bytes below which a failed write is taken for a full disk."""

Done = Callable[[VigieError | None], None]
STEP: Final = 64
"""Rows of one statement: after each Python's lock changes hands, so few steps are good."""


@cache
def _insert_of(rows: int) -> str:
    values = ", ".join(["(?,?,?,?,?)"] * rows)
    return f"INSERT INTO journal (ordinal, kind, t, body, seq) VALUES {values}"  # noqa: S608


class DiskFullError(UnavailableError):
    """No room to record: nothing was accepted; goes on when there is room."""

    code = "disk_full"
    http_status = 507


class JournalFailedError(UnavailableError):
    """The commit failed: nothing was accepted; trying again later is right."""

    code = "journal_failed"
    http_status = 503


class Journal:
    """One writer's journal. `append` may be called from any thread.

    A thread of its own holds the only connection; whatever waits while one
    commit runs becomes the next group.
    """

    def __init__(self, folder: Path, writer: str | None = None) -> None:
        self.folder = folder
        self.writer = writer or new_writer()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = take_lock(folder, self.writer)
        if lock is None:
            raise UnavailableError(f"Another process writes the journal {self.writer}.")
        self._lock = lock
        path = path_of(folder, self.writer)
        if not path.exists():
            create(path)
        self._connection = connect(path)
        self._seq = self._highest("seq")
        self._next = self._highest("ordinal") + 1
        self._counter = threading.Lock()
        self._waiting: queue.SimpleQueue[tuple[list[Row], Done] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def _highest(self, column: str) -> int:
        row = self._connection.execute(f"SELECT max({column}) FROM journal").fetchone()  # noqa: S608
        return int(row[0] or 0)

    @property
    def committed(self) -> int:
        """The position of the last row that is durable."""
        return self._seq

    def allocate(self, count: int) -> int:
        """Reserve `count` ordinals and return the first; they are never reused."""
        with self._counter:
            first = self._next
            self._next += count
            return first

    def append(self, rows: Iterable[Row], done: Done) -> None:
        """Commit rows; `done(None)` follows the commit, `done(error)` a failure.

        `done` is called in the journal's thread.
        """
        self._waiting.put((list(rows), done))

    def append_and_wait(self, rows: Iterable[Row]) -> None:
        """Commit rows before returning; raises what went wrong."""
        finished = threading.Event()
        problem: list[VigieError | None] = [None]

        def done(error: VigieError | None) -> None:
            problem[0] = error
            finished.set()

        self.append(rows, done)
        finished.wait()
        if problem[0] is not None:
            raise problem[0]

    def close(self) -> None:
        """Commit what waits, then let go of the file."""
        self._waiting.put(None)
        self._thread.join()
        self._connection.close()
        self._lock.close()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            group, stop = self._gather(first)
            problem = self._commit([row for rows, _ in group for row in rows])
            for _, done in group:
                # A caller that is gone (its loop closed) must not take the thread with it.
                with contextlib.suppress(RuntimeError):
                    done(problem)
            if stop:
                return

    def _gather(self, first: tuple[list[Row], Done]) -> tuple[list[tuple[list[Row], Done]], bool]:
        group, count = [first], len(first[0])
        while count < GROUP:
            try:
                more = self._waiting.get_nowait()
            except queue.Empty:
                break
            if more is None:
                return group, True
            group.append(more)
            count += len(more[0])
        return group, False

    def _commit(self, rows: list[Row]) -> VigieError | None:
        numbered = [(*row[:4], seq) for seq, row in enumerate(rows, self._seq + 1)]
        try:
            self._write([numbered[at : at + STEP] for at in range(0, len(numbered), STEP)])
        except Exception as problem:  # noqa: BLE001 - whoever waits is told; the thread lives on
            self._roll_back()
            return as_error(problem, self.folder)
        self._seq += len(rows)
        return None

    def _write(self, steps: list[list[tuple[int, str, int, bytes, int]]]) -> None:
        """Write all or nothing; a single statement is a transaction of its own."""
        if len(steps) > 1:
            self._connection.execute("BEGIN IMMEDIATE")
        for step in steps:
            self._connection.execute(_insert_of(len(step)), list(chain.from_iterable(step)))
        if len(steps) > 1:
            self._connection.execute("COMMIT")

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error:
                # The failed commit already rolled back; nothing of it stands.
                return


def as_error(problem: Exception, folder: Path) -> VigieError:
    """Say which of the two failures an error is.

    Without room SQLite says "full", or "disk I/O error" where it could not even
    grow its shared memory: then the room itself is looked at.
    """
    if "full" in str(problem) or _has_no_room(folder):
        return DiskFullError(
            "The disk is full; nothing was recorded.",
            fix="Free space and send it again; Vigie goes on by itself.",
            diagnostics=str(problem),
        )
    return JournalFailedError(
        "The journal could not be written; nothing was recorded.",
        fix="Send it again later.",
        diagnostics=str(problem),
    )


def _has_no_room(folder: Path) -> bool:
    try:
        room = os.statvfs(folder)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize < LEAST_ROOM
