# SPDX-License-Identifier: Apache-2.0
"""One block of settings for every connection, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from vigie import sqlite_driver
from vigie.core.errors import InvalidInputError
from vigie.store.database import configuration


def pragma(name):
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_every_connection_keeps_the_promises_of_the_store(transactional_db):
    if connection.vendor != "sqlite":
        pytest.skip("only where the store is a SQLite file")
    found = {
        name: pragma(name)
        for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
    }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
    }
    assert pragma("busy_timeout") == sqlite_driver.BUSY_MS


def test_sqlite_library_has_no_wal_reset_race_or_nobody_checkpoints_alone():
    careful = "PRAGMA wal_autocheckpoint=0" in sqlite_driver.pragmas()
    assert careful is sqlite_driver.has_wal_reset_bug()


@pytest.mark.parametrize(
    ("version", "affected"),
    [((3, 40, 1), True), ((3, 51, 2), True), ((3, 51, 3), False), ((3, 44, 6), False)],
)
def test_affected_libraries_are_known(monkeypatch, version, affected):
    monkeypatch.setattr(sqlite_driver, "version", lambda: version)
    assert sqlite_driver.has_wal_reset_bug() is affected
    assert ("PRAGMA wal_autocheckpoint=0" in sqlite_driver.pragmas()) is affected


def test_writes_take_the_lock_first():
    options = configuration(Path("data"), "")["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"


def test_address_of_postgresql_is_read_whole():
    found = configuration(
        Path("data"), "postgresql://us%40er:p%3Aw@db.example:5433/vigie?sslmode=require"
    )
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["USER"], found["PASSWORD"]) == ("us@er", "p:w")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "5433", "vigie")
    assert found["OPTIONS"] == {"sslmode": "require", "options": "-c jit=off"}


@pytest.mark.parametrize("url", ["mysql://x/y", "postgresql://host", "nonsense"])
def test_other_address_is_refused(url):
    with pytest.raises(InvalidInputError):
        configuration(Path("data"), url)
