# SPDX-License-Identifier: Apache-2.0
"""Digests of bytes: the same bytes match, nothing else does.

MD5 is here because lists hold it; two files with one MD5 can be made on
purpose (RFC 6151), so SHA-256 is preferred wherever a list offers both.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from vigie.screening.matching.base import hex_bytes


class SHA256:
    """The hash type `sha256` (FIPS 180-4)."""

    name = "sha256"
    size = 32
    exact = True
    radius = 0

    @staticmethod
    def validate(text: str) -> bytes:
        """Return the 32 bytes of 64 hex digits; refuses anything else."""
        return hex_bytes(text, SHA256.size, SHA256.name)

    @staticmethod
    def distance(one: bytes, other: bytes) -> int:
        """Return 0 for the same digest, 1 for another."""
        return int(one != other)


class MD5:
    """The hash type `md5` (RFC 1321); a list's word, not a proof of identity."""

    name = "md5"
    size = 16
    exact = True
    radius = 0

    @staticmethod
    def validate(text: str) -> bytes:
        """Return the 16 bytes of 32 hex digits; refuses anything else."""
        return hex_bytes(text, MD5.size, MD5.name)

    @staticmethod
    def distance(one: bytes, other: bytes) -> int:
        """Return 0 for the same digest, 1 for another."""
        return int(one != other)


class Digests(NamedTuple):
    """Both digests of some bytes, in hexadecimal."""

    sha256: str
    md5: str


def digests(data: bytes) -> Digests:
    """Return both digests of the original bytes."""
    return Digests(
        hashlib.sha256(data).hexdigest(), hashlib.md5(data, usedforsecurity=False).hexdigest()
    )
