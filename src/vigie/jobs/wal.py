# SPDX-License-Identifier: Apache-2.0
"""Emptying write-ahead files: what was erased must not live on in them.

SQLite's own checkpoints leave old pages in the file; TRUNCATE does not. On
PostgreSQL erased rows go with the next VACUUM.
"""

from __future__ import annotations

from typing import Final

from django.db import connection

from vigie.store.models import Case, DecisionRecord, ItemContent, RecordKey

ERASABLE: Final = (ItemContent, RecordKey, DecisionRecord, Case)


def truncate_store() -> bool:
    """Move the store's WAL into its file and empty it; False where a reader was in the way."""
    if connection.vendor != "sqlite":
        return True
    if connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        row = cursor.fetchone()
    return row is not None and row[0] == 0


def scrub_store() -> bool:
    """Make sure that nothing erased stands in the store's files any more."""
    if connection.vendor == "sqlite":
        return truncate_store()
    if connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        for model in ERASABLE:
            table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001
            cursor.execute(f"VACUUM {table}")
    return True
