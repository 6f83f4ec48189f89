# SPDX-License-Identifier: Apache-2.0
"""What a hash type is, and what the index keeps of one listed hash.

Hash types are found by entry point `vigie.hash_types`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from vigie.core.errors import InvalidInputError

CLAIMS: Final = "intimate/claims"
"""Hashes that notifiers computed: they find copies and decide nothing."""
NOTIFIED: Final = "intimate/notified"
"""Hashes of the platform's own copies of pictures that a person confirmed."""


class BankClass(StrEnum):
    """What a bank lists; each class has rules of its own about acting alone."""

    CHILD = "child"
    TERRORIST = "terrorist"
    INTIMATE = "intimate"
    TERMS = "terms"


class Opinion(StrEnum):
    """What the owner of a list says of one entry."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    """Not what it is listed for: it speaks against other lists' entries, too."""
    DISPUTED = "disputed"
    """Under doubt: a person looks, nothing acts on it alone."""


class Ref(NamedTuple):
    """Who lists a hash, and as what."""

    bank: str
    owner: str
    cls: BankClass
    opinion: Opinion = Opinion.POSITIVE


class IndexRow(NamedTuple):
    """One listed hash of one bank: the index is built from these."""

    algorithm: str
    value: bytes
    ref: Ref


class HashType(Protocol):
    """One way to name content by a hash. Limits: values are of one size."""

    name: str
    size: int
    """Bytes of a value."""
    exact: bool
    """True where only the same bytes match; else matches lie within `radius`."""
    radius: int
    """Largest distance of a match."""

    @staticmethod
    def validate(text: str) -> bytes:
        """Return the value that the text writes; InvalidInputError otherwise."""
        ...

    @staticmethod
    def distance(one: bytes, other: bytes) -> int:
        """Return how far two values are apart; 0 means equal."""
        ...


def hex_bytes(text: str, size: int, name: str) -> bytes:
    """Return the bytes of hex digits of the right length.

    The refusal never repeats the text: hashes of some lists are confidential.
    """
    try:
        found = bytes.fromhex(text) if len(text) == 2 * size else b""
    except ValueError:
        found = b""
    if len(found) != size:
        raise InvalidInputError(
            f"A {name} hash is {2 * size} hexadecimal digits.",
            code="bad_hash",
            fix=f"Send {2 * size} hexadecimal digits.",
        )
    return found
