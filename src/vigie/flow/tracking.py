# SPDX-License-Identifier: Apache-2.0
"""Codes with which somebody without an account finds what they sent, or go on writing.

100 bits in groups of four, in an alphabet without letters that are taken for
digits (Crockford's base 32). A code is derived from the record's own random
name, so it can be shown again and is never stored: the store holds its digest.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from vigie.flow.house import House

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 20
GROUP: Final = 4
MOST: Final = 64
"""Characters that somebody may type, with spaces and dashes."""
_KEY: Final = b"vigie/tracking-key/v1"
_MEANT: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": "", "\u00a0": ""})


def code_of(house: House, subject: str, name: str) -> str:
    """Return the code of a record; `subject` says of what kind (`notice`, `appeal`).

    `name` is the identifier of its record in the log: 128 random bits.
    """
    secret = hmac.digest(house.pseudonym_key, _KEY, "sha256")
    message = f"vigie/tracking/v1\n{subject}\n{name}".encode()
    return _written(hmac.digest(secret, message, "sha256"))


def random_code() -> str:
    """Return a code that belongs to nothing yet: for an unfinished form."""
    return _written(secrets.token_bytes(13))


def digest_of(code: str) -> str:
    """Return under what a code is kept, however it was typed."""
    return hashlib.sha256(f"vigie/code/v1\n{normal(code)}".encode()).hexdigest()


def normal(code: str) -> str:
    """Return a code as it was given out, without dashes; empty where it cannot be one."""
    text = code[:MOST].upper().translate(_MEANT)
    return text if len(text) == LENGTH and set(text) <= set(ALPHABET) else ""


def _written(random: bytes) -> str:
    number = int.from_bytes(random[:13], "big")
    signs = "".join(ALPHABET[number >> 5 * n & 31] for n in range(LENGTH))
    return "-".join(signs[n : n + GROUP] for n in range(0, LENGTH, GROUP))
