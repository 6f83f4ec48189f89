# SPDX-License-Identifier: Apache-2.0
"""The one place that says which SQLite library this process uses.

System libraries from 3.7.0 to 3.51.2 can lose committed writes in WAL mode
when two connections checkpoint at once (sqlite.org/wal.html#walresetbug), so
`pysqlite3` stands in for `sqlite3` wherever it has a wheel. Import this module
before Django. Where the system's library must serve, no connection
checkpoints on its own; the jobs process alone does.
"""

from __future__ import annotations

import importlib
import sqlite3 as _system  # noqa: TID251 - this is the one module
import sys
from typing import Final

BUSY_MS: Final = 10_000
FIRST_SAFE: Final = (3, 51, 3)
BACKPORTS: Final = frozenset({(3, 44, 6), (3, 50, 7)})


def _install() -> bool:
    """Put pysqlite3 in the place of sqlite3; say whether that was possible."""
    try:
        bundled = importlib.import_module("pysqlite3")
        dbapi2 = importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return False
    sys.modules["sqlite3"] = bundled
    sys.modules["sqlite3.dbapi2"] = dbapi2
    return True


BUNDLED: Final = _install()
"""True where the library that comes with pysqlite3 is in use."""

sqlite3 = _system if not BUNDLED else sys.modules["sqlite3"]
"""The module to open databases with. Never two SQLite libraries on one file."""


def version() -> tuple[int, int, int]:
    """Return the version of the library in use."""
    major, minor, patch = (int(part) for part in sqlite3.sqlite_version.split("."))
    return major, minor, patch


def has_wal_reset_bug() -> bool:
    """Say whether the library in use is one of those with the WAL-reset race."""
    return version() < FIRST_SAFE and version() not in BACKPORTS


def pragmas() -> tuple[str, ...]:
    """Return what every connection sets before its first statement.

    WAL with FULL survives a power cut without losing an acknowledged commit;
    NORMAL does not. `secure_delete` overwrites what is erased.
    """
    lines = [
        f"PRAGMA busy_timeout={BUSY_MS}",
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
        "PRAGMA secure_delete=ON",
    ]
    if has_wal_reset_bug():
        lines.append("PRAGMA wal_autocheckpoint=0")
    return tuple(lines)
