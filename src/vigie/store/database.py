# SPDX-License-Identifier: Apache-2.0
"""Where the store lies: SQLite in the data folder, or PostgreSQL by its address.

One block of settings for every connection, so that no process can open the
store with weaker promises than another.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from vigie import sqlite_driver
from vigie.core.errors import InvalidInputError

FILE_NAME: Final = "store.sqlite3"
_SCHEMES: Final = frozenset({"postgresql", "postgres"})


def configuration(data_dir: Path, url: str) -> dict[str, Any]:
    """Return Django's entry for the default database."""
    return _postgresql(url) if url else _sqlite(data_dir / FILE_NAME)


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        # Tests run on a file too: a database in memory knows no WAL and locks otherwise.
        "TEST": {"NAME": str(path.with_name(f"test-{path.name}"))},
        "OPTIONS": {
            # A read lock that is upgraded to a write lock fails at once when
            # another wrote meanwhile; taking the write lock first waits its turn.
            "transaction_mode": "IMMEDIATE",
            "timeout": sqlite_driver.BUSY_MS / 1000,
            "init_command": ";".join(sqlite_driver.pragmas()),
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.path.strip("/"):
        raise InvalidInputError(
            "The address of the database is not understood.",
            field="VIGIE_DATABASE_URL",
            fix="Write postgresql://user:password@host:5432/name, or leave it empty for SQLite.",
        )
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", parts.hostname or "")
    # Compiling a plan takes seconds where the planner fears more rows than a page reads.
    options.setdefault("options", "-c jit=off")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or options.pop("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
