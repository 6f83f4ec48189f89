# SPDX-License-Identifier: Apache-2.0
"""Strict readers of base64, hexadecimal and decimals, as the C2SP texts ask.

A value has one spelling only: whatever is not written exactly as we would
write it is refused, so that no byte of a file can change unseen.
"""

from __future__ import annotations

import base64
import binascii

from vigie.ledger.verify.errors import MalformedError

HASH_BYTES = 32
MAX_SIZE = 2**63 - 1
_DIGITS = frozenset("0123456789")
_HEX = frozenset("0123456789abcdef")


def encode_base64(data: bytes) -> str:
    """Write bytes as padded base64 (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str, field: str) -> bytes:
    """Read padded base64; every other spelling of the same bytes is refused."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError("This is not base64.", field=field) from None
    if encode_base64(data) != text:
        raise MalformedError("This base64 is not in its canonical form.", field=field)
    return data


def decode_hash(text: str, field: str) -> bytes:
    """Read a SHA-256 hash written in base64."""
    data = decode_base64(text, field)
    if len(data) != HASH_BYTES:
        raise MalformedError("A hash has 32 bytes.", field=field)
    return data


def decode_hex(text: object, length: int, field: str) -> bytes:
    """Read lower-case hexadecimal of exactly `length` bytes."""
    if not isinstance(text, str) or len(text) != 2 * length or not _HEX.issuperset(text):
        raise MalformedError(
            "Expected {} bytes in lower-case hexadecimal.".format(length), field=field
        )
    return bytes.fromhex(text)


def decode_decimal(text: str, field: str) -> int:
    """Read an ASCII decimal below 2**63, without sign or leading zero."""
    fits = 0 < len(text) <= len(str(MAX_SIZE)) and _DIGITS.issuperset(text)
    if not fits or (text[0] == "0" and text != "0") or int(text) > MAX_SIZE:
        raise MalformedError("Expected a decimal below 2**63.", field=field)
    return int(text)
