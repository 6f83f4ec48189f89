# SPDX-License-Identifier: Apache-2.0
"""One journal file: how it is opened and what is true of every connection."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO, Any, Final

from vigie.sqlite_driver import pragmas, sqlite3

SUFFIX: Final = ".sqlite3"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS journal (
    seq     INTEGER PRIMARY KEY,
    ordinal INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    t       INTEGER NOT NULL,
    body    BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS journal_ordinal ON journal (ordinal);
CREATE INDEX IF NOT EXISTS journal_text ON journal (seq) WHERE kind = 'text';
CREATE INDEX IF NOT EXISTS journal_answer ON journal (seq) WHERE kind = 'answer';
"""


def path_of(folder: Path, writer: str) -> Path:
    """Return the file of a writer."""
    return folder / f"{writer}{SUFFIX}"


def create(path: Path) -> None:
    """Make an empty journal, whole under its name or not there at all."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    connection = sqlite3.connect(str(beside), isolation_level=None)
    connection.executescript(_SCHEMA)
    connection.close()
    beside.replace(path)
    sync_folder(path.parent)


def connect(path: Path) -> Any:
    """Open a journal file with the settings that every connection needs.

    Raises FileNotFoundError where the file is gone.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    connection = sqlite3.connect(
        str(path), isolation_level=None, check_same_thread=False, timeout=10
    )
    for pragma in pragmas():
        connection.execute(pragma)
    return connection


def take_lock(folder: Path, writer: str) -> IO[bytes] | None:
    """Take the writer's lock, or return None where a living process holds it."""
    handle = (folder / f"{writer}.lock").open("ab")
    os.set_inheritable(handle.fileno(), False)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return None
    return handle


def sync_folder(folder: Path) -> None:
    """Make a new or removed name in the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
