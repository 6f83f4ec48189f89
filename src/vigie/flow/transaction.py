# SPDX-License-Identifier: Apache-2.0
"""One writer at a time, on both databases.

SQLite gives that by BEGIN IMMEDIATE. On PostgreSQL an advisory lock, held
until the commit, does the same, so that log indexes have no gaps, short
numbers are in order, and of two people at once one sees what the other did.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.db import connection, transaction

SEQUENCER: Final = 0x76_69_67_69_65
"""Key of the advisory lock (the bytes of `vigie`)."""


@contextmanager
def writing() -> Iterator[None]:
    """Commit everything inside together, or nothing of it."""
    with _turn(), transaction.atomic():
        take_sequencer()
        yield


@contextmanager
def _turn() -> Iterator[None]:
    """On SQLite wait in the kernel's queue for one's turn.

    SQLite itself asks again after pauses that grow: among several processes who
    came last often goes first, and the others wait a hundred times longer than
    the work takes. A process that dies gives its turn back.
    """
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or connection.in_atomic_block or ":memory:" in name:
        yield
        return
    with Path(f"{name}-turn").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def take_sequencer() -> None:
    """Wait until this transaction is the only one that appends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEQUENCER])
