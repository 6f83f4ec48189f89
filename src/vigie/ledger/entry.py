# SPDX-License-Identifier: Apache-2.0
"""Making entries: the 33 bytes, their salts, and commitments to single fields.

The caller makes the RFC 8785 bytes of the record. Record keys are ASCII, values
are strings, whole numbers, lists and objects; personal values stand in the
record already as `{"_c": "<hex>"}`.
"""

from __future__ import annotations

from hmac import digest

from vigie.ledger.verify.entries import (
    ENTRY_BYTES,
    SALT_BYTES,
    check_entry,
    check_field_path,
    field_commitment,
    make_entry,
)
from vigie.ledger.verify.errors import MalformedError

__all__ = [
    "ENTRY_BYTES",
    "SALT_BYTES",
    "check_entry",
    "check_field_path",
    "decision_salt",
    "field_commitment",
    "make_entry",
    "record_salt",
]

_SALT_DOMAIN = b"vigie/salt/v1\n"


def record_salt(key: bytes, path: str = "") -> bytes:
    """Derive a salt from a record's key: the entry's (no path) or a field's.

    Destroying the key makes every opening impossible.
    """
    if path:
        check_field_path(path)
    return _salt(key, path)


def decision_salt(key: bytes, decision_id: str) -> bytes:
    """Derive the salt of a decision without effect from its writer's hourly key.

    All decisions of that hour are erased together by destroying one key.
    """
    if not decision_id:
        raise MalformedError("A decision has an id.", field="decision_id")
    return _salt(key, decision_id)


def _salt(key: bytes, label: str) -> bytes:
    if len(key) != SALT_BYTES:
        raise MalformedError("A record key has 32 bytes.", field="record_key")
    return digest(key, _SALT_DOMAIN + label.encode(), "sha256")
