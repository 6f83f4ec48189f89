# SPDX-License-Identifier: Apache-2.0
"""The one place that chooses the SQLite library.

System libraries up to 3.51.2 can lose committed writes when a WAL is reset
(sqlite.org/wal.html#walresetbug), so the `pysqlite3` wheel stands in for
`sqlite3` where it exists. Two libraries must never open one file.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Final

FIXED_IN: Final = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


def install() -> ModuleType:
    """Make `import sqlite3` mean the chosen library, for Django as well."""
    try:
        chosen = importlib.import_module("pysqlite3")
    except ImportError:
        return importlib.import_module("sqlite3")
    sys.modules["sqlite3"] = chosen
    sys.modules["sqlite3.dbapi2"] = importlib.import_module("pysqlite3.dbapi2")
    return chosen


sqlite3: Final = install()


def is_fixed(version: tuple[int, int, int] | None = None) -> bool:
    """Say whether the library is free of the WAL-reset bug."""
    have = version or tuple(int(part) for part in sqlite3.sqlite_version.split("."))
    return any(have >= fix and (have[:2] == fix[:2] or fix == FIXED_IN[0]) for fix in FIXED_IN)
