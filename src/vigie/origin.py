# SPDX-License-Identifier: Apache-2.0
"""The name of the log, `host/log/1`: fixed at the first set-up of a data folder.

The host never changes; the last number grows only after a recorded refusal to
sign, never by a setting. Everyone who holds an old checkpoint knows the log by
this name.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from vigie.core.errors import ConflictError, InvalidInputError

FILE: Final = "origin"


def fix(keys_dir: Path, origin: str) -> str:
    """Write the name where none is written yet; return the one in force."""
    check(origin)
    keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        fd = os.open(keys_dir / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return stored(keys_dir) or origin
    with os.fdopen(fd, "wb") as handle:
        handle.write(origin.encode())
        handle.flush()
        os.fsync(handle.fileno())
    return origin


def stored(keys_dir: Path) -> str | None:
    """Return the name as it was fixed; None before the first set-up."""
    try:
        return (keys_dir / FILE).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def settled(keys_dir: Path, asked: str | None) -> str | None:
    """Return the name in force, given what the environment asks for, if anything.

    Raises ConflictError where the environment asks for another one.
    """
    found = stored(keys_dir)
    if found is None or not asked or asked == found:
        return found or asked
    raise ConflictError(
        f"This data folder belongs to the log {found}, not {asked}.",
        code="other_origin",
        field="VIGIE_LOG_ORIGIN",
        fix=f"Unset VIGIE_LOG_ORIGIN or set it to {found}; another log needs another folder.",
    )


def check(origin: str) -> None:
    """Raise InvalidInputError where a log cannot bear this name (`host/log/1`)."""
    host, _, path = origin.partition("/")
    room, _, number = path.rpartition("/")
    plain = origin.isascii() and origin.isprintable() and not set(origin) & set(" +")
    if not (plain and host and room == "log" and number.isdecimal() and int(number) > 0):
        raise InvalidInputError(
            "The name of the log is not understood.",
            field="VIGIE_LOG_ORIGIN",
            fix="Write host/log/1, where host is the name under which the log is served.",
        )
