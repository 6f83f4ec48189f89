# SPDX-License-Identifier: Apache-2.0
"""The secrets of an installation: files of mode 0600 in the keys folder.

One key has one use. The log key signs checkpoints and nothing else; the
receipt key signs receipts; the pseudonym key names authors; Django's secret
signs sessions. Losing the log key ends the log; the pseudonym key links
earlier records to authors.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vigie.core.errors import ConflictError, InvalidInputError, UnavailableError

LOG: Final = "log"
RECEIPT: Final = "receipt"
PSEUDONYM: Final = "pseudonym"
DJANGO: Final = "django-secret"
ORIGIN: Final = "origin"

SEED_BYTES: Final = 32
SEEDS: Final = (LOG, RECEIPT, PSEUDONYM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """What the processes of one installation sign with; never logged or shown."""

    origin: str
    """Name of the log, fixed at the first set-up."""
    log: bytes
    receipt: bytes
    pseudonym: bytes

    def __repr__(self) -> str:
        """Name the log and nothing secret."""
        return f"Keyring(origin={self.origin!r})"

    @property
    def receipt_name(self) -> str:
        """Name of the receipt key."""
        return f"{self.origin}/receipt"


def create(folder: Path, origin: str) -> bool:
    """Make every key that is missing; say whether this was the first time.

    A key that exists is never replaced.
    """
    check_origin(origin)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    first = not (folder / ORIGIN).exists()
    for name in SEEDS:
        _write(folder / name, secrets.token_bytes(SEED_BYTES))
    _write(folder / DJANGO, secrets.token_urlsafe(48).encode())
    _write(folder / ORIGIN, origin.encode())
    return first


def read(folder: Path) -> Keyring:
    """Read the keys. Raises UnavailableError where they are missing or damaged."""
    seeds = {name: _seed(folder / name) for name in SEEDS}
    return Keyring(origin=stored_origin(folder) or "", **seeds)


def stored_origin(folder: Path) -> str | None:
    """Return the log's name as it was fixed; None before the first set-up."""
    try:
        return (folder / ORIGIN).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None


def settled_origin(folder: Path, asked: str | None) -> str | None:
    """Return the origin in force, given what the environment asks for, if anything.

    The host is fixed from the first set-up on, and the last number grows only
    after a recorded refusal to sign, never by a setting. Raises ConflictError
    where the environment asks for another.
    """
    stored = stored_origin(folder)
    if stored is None or not asked or asked == stored:
        return stored or asked
    raise ConflictError(
        f"This data folder belongs to the log {stored}, not {asked}.",
        code="other_origin",
        field="VIGIE_LOG_ORIGIN",
        fix=f"Unset VIGIE_LOG_ORIGIN or set it to {stored}; another log needs another folder.",
    )


def check_origin(origin: str) -> None:
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


def loose_files(folder: Path) -> list[Path]:
    """Return the secrets that others than the owner may read."""
    names = (*SEEDS, DJANGO)
    return [p for p in map(folder.joinpath, names) if p.exists() and p.stat().st_mode & 0o077]


def _seed(path: Path) -> bytes:
    try:
        seed = path.read_bytes()
    except FileNotFoundError:
        seed = b""
    if len(seed) != SEED_BYTES:
        raise UnavailableError(
            f"The key {path.name} is missing or damaged.", code="no_key", fix="Run `vigie init`."
        )
    return seed


def _write(path: Path, content: bytes) -> None:
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(fd, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
