# SPDX-License-Identifier: Apache-2.0
"""Sealed files on their way into the store: written by a process that has no database.

The machine door seals with public keys and leaves a file here; `jobs` makes a row of
it. A file is whole or not there (written beside, synced, renamed): a length, a
header, the ciphertext. The header says what the row will say; the content opens for
nobody but the vault process.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from vigie.core.errors import UnavailableError
from vigie.evidence import keys

FOLDER: Final = "incoming"
ENDING: Final = ".sealed"
MAX_HEADER: Final = 65_536
MEDIA: Final = "media"
EXCERPT: Final = "excerpt"
"""Of text that the AI gateway stopped: what decided it, and a little around it."""
_LENGTH: Final = struct.Struct(">I")


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a row is made of."""

    v: int = 1
    evidence_id: str
    lane: str
    epoch: int
    wrapped: str
    recipient: str
    sha256: str
    md5: str
    sha1: str
    size: int
    mime: str
    cls: str
    rule: str
    basis: str
    ends_at: int | None
    """End of the basis of custody, where that is what allows it."""
    custody: int | None
    """Number of that basis."""
    decision_id: str
    service: str
    item_id: str
    version: int
    position: int
    at: int
    kind: str = MEDIA


class Waiting(NamedTuple):
    """One file that waits."""

    path: Path
    header: Header
    ciphertext: bytes


def path_of(folder: Path, header: Header) -> Path:
    """Return where a file waits, below the vault's folder."""
    return folder / FOLDER / header.lane / f"{header.evidence_id}{ENDING}"


def pack(header: Header, ciphertext: bytes) -> bytes:
    """Return the whole file; its writer syncs it under another name and renames it."""
    head = msgspec.json.encode(header)
    if len(head) > MAX_HEADER:
        raise ValueError("the header is too long")
    return _LENGTH.pack(len(head)) + head + ciphertext


def read(path: Path) -> Waiting:
    """Return a file's parts. Raises UnavailableError `incoming_broken`."""
    try:
        body = path.read_bytes()
        (length,) = _LENGTH.unpack(body[: _LENGTH.size])
        head = body[_LENGTH.size : _LENGTH.size + length]
        header = msgspec.json.decode(head, type=Header)
    except (OSError, struct.error, msgspec.MsgspecError) as problem:
        raise _broken(problem) from None
    if path.stem != header.evidence_id or path.parent.name != header.lane:
        raise _broken(None)
    return Waiting(path, header, body[_LENGTH.size + length :])


def waiting(folder: Path) -> Iterator[Path]:
    """Yield the files that wait, by name."""
    for lane in (keys.GENERAL, keys.CHILD):
        yield from sorted((folder / FOLDER / lane).glob(f"*{ENDING}"))


def _broken(problem: Exception | None) -> UnavailableError:
    return UnavailableError(
        "A sealed file that waits cannot be read.",
        code="incoming_broken",
        fix="Look with `vigie vault check`.",
        diagnostics=type(problem).__name__ if problem else "name",
    )
