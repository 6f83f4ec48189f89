# SPDX-License-Identifier: Apache-2.0
"""One writer at a time, on both databases.

SQLite gives that by BEGIN IMMEDIATE. On PostgreSQL an advisory lock, held
until the commit, does the same, so that log indexes have no gaps, short
numbers are in order, and of two people at once one sees what the other did.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection, transaction

SEQUENCER: Final = 0x76_69_67_69_65
"""Key of the advisory lock (the bytes of `vigie`)."""


@contextmanager
def writing() -> Iterator[None]:
    """Commit everything inside together, or nothing of it."""
    with transaction.atomic():
        take_sequencer()
        yield


def take_sequencer() -> None:
    """Wait until this transaction is the only one that appends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEQUENCER])
