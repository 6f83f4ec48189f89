# SPDX-License-Identifier: Apache-2.0
"""The installation's secrets: one file each, mode 0600, made by `vigie init`.

Each key has one use. Losing `log` means a new log; losing `pseudonym` means
that authors get new pseudonyms.
"""

from __future__ import annotations

import os
import secrets
from enum import StrEnum
from pathlib import Path
from typing import Final

from vigie.core.errors import UnavailableError
from vigie.screening.snapshot_files import write_durably

KEY_BYTES: Final = 32


class KeyName(StrEnum):
    """What a key is for; also the name of its file."""

    LOG = "log"
    """Ed25519 seed: signs checkpoints."""
    RECEIPT = "receipt"
    """Ed25519 seed: signs receipts, never checkpoints."""
    PSEUDONYM = "pseudonym"
    """Keys the pseudonyms of authors."""
    DJANGO = "django-secret"
    """Signs sessions and forms."""
    SEAL = "seal"
    """X25519 private key: opens sealed attachments of notices. Losing it loses them."""
    PACKAGE = "package"
    """Ed25519 seed: signs evidence packages; the log names its public part."""


def create_missing(folder: Path) -> list[KeyName]:
    """Make the keys that are not there; return which ones were made."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = []
    for name in KeyName:
        path = folder / name
        if not path.exists():
            old = os.umask(0o177)
            try:
                write_durably(path, secrets.token_hex(32).encode() + b"\n")
            finally:
                os.umask(old)
            made.append(name)
    return made


def read(folder: Path, name: KeyName) -> bytes:
    """Return the 32 bytes of a key. Raises UnavailableError where it is missing."""
    try:
        key = bytes.fromhex((folder / name).read_text(encoding="ascii"))
        if len(key) != KEY_BYTES:
            raise ValueError("a key has 32 bytes")
        return key
    except (OSError, ValueError) as problem:
        raise UnavailableError(
            f"The key {name} is missing or damaged.", code="no_key", fix="Run vigie init."
        ) from problem
