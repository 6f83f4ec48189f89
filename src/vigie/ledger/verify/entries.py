# SPDX-License-Identifier: Apache-2.0
"""Entries of the log: 33 bytes that commit to a record and say nothing of it.

    entry = 0x01 || SHA256("vigie/entry/v1" LF || salt || SHA256(record))

The salt is secret until a record is opened, so that nobody can guess records
from entries; erasing record and salt leaves the log provable and mute.
"""

from __future__ import annotations

import re
from hashlib import sha256

from vigie.ledger.verify.errors import MalformedError

ENTRY_BYTES = 33
SALT_BYTES = 32
ENTRY_VERSION = 0x01
_ENTRY_DOMAIN = b"vigie/entry/v1\n"
_FIELD_DOMAIN = b"vigie/field/v1\n"
_ENTRY_PREFIX = bytes([ENTRY_VERSION])
_FIELD_PATH = re.compile(r"[a-z0-9_.]+\Z")


def make_entry(record: bytes, salt: bytes) -> bytes:
    """Return the entry of a record (its RFC 8785 bytes) under a secret salt."""
    if len(salt) != SALT_BYTES:
        raise MalformedError("A salt has 32 bytes.", field="salt")
    return _ENTRY_PREFIX + sha256(_ENTRY_DOMAIN + salt + sha256(record).digest()).digest()


def check_entry(entry: bytes) -> None:
    """Refuse what is not an entry of this version."""
    if len(entry) != ENTRY_BYTES or entry[0] != ENTRY_VERSION:
        raise MalformedError("An entry has 33 bytes and begins with 01.", field="entry")


def check_field_path(path: str) -> None:
    """Refuse a path that no field of a record can have."""
    if not _FIELD_PATH.match(path):
        raise MalformedError("A field path is made of a-z, 0-9, _ and dots.", field="path")


def field_commitment(path: str, salt: bytes, value: bytes) -> str:
    """Return what stands in a record in place of a value that may be erased.

    `value` is the RFC 8785 form of the value; the answer is the hexadecimal
    string of `{"_c": "..."}`. One field can be opened without the others.
    """
    check_field_path(path)
    if len(salt) != SALT_BYTES:
        raise MalformedError("A salt has 32 bytes.", field="salt")
    head = _FIELD_DOMAIN + path.encode("ascii") + b"\n"
    return sha256(head + salt + sha256(value).digest()).hexdigest()
