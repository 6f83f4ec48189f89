# SPDX-License-Identifier: Apache-2.0
"""ML-DSA-44 cosignatures (C2SP tlog-cosignature v1.1.0-rc.1), where the library has them.

Optional second line of a witness. Without the algorithm such a key counts as
unknown; the plain verifier of outsiders never knows it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from vigie.ledger.verify.checkpoints import parse_checkpoint
from vigie.ledger.verify.errors import MalformedError
from vigie.ledger.verify.notes import MAX_TIME, NoteVerifier, Signed, VerifierKey, split_time

_DOMAIN = b"subtree/v1\n\0"
_MAX_NAME = 255


def subtree_message(name: str, time: int, text: str) -> bytes:
    """Return what an ML-DSA-44 cosigner signs over a whole checkpoint."""
    checkpoint = parse_checkpoint(text)
    who, origin = name.encode(), checkpoint.origin.encode()
    if max(len(who), len(origin)) > _MAX_NAME:
        raise MalformedError("The name is too long to cosign.", field="name")
    numbers = [time.to_bytes(8, "big"), (0).to_bytes(8, "big"), checkpoint.size.to_bytes(8, "big")]
    head = _DOMAIN + bytes([len(who)]) + who + numbers[0]
    return head + bytes([len(origin)]) + origin + numbers[1] + numbers[2] + checkpoint.root


class Mldsa44Verifier(NoteVerifier):
    """Checks cosignatures of an ML-DSA-44 key."""

    def __init__(self, key: VerifierKey) -> None:
        super().__init__(key)
        self._public = _load(key.public)

    @property
    def supported(self) -> bool:
        """True where the library knows the algorithm."""
        return self._public is not None

    def verify(self, text: str, signature: bytes) -> Signed | None:
        """Return what was signed, or None where the signature does not fit."""
        time, inner = split_time(signature)
        if self._public is None or not 0 < time <= MAX_TIME:
            return None
        try:
            self._public.verify(inner, subtree_message(self.key.name, time, text))
        except (InvalidSignature, ValueError, MalformedError):
            return None
        return Signed(self.key, time)


def _load(public: bytes) -> Any:
    """Return the library's key, None where this build of it lacks the algorithm."""
    try:
        keys = import_module("cryptography.hazmat.primitives.asymmetric.mldsa")
        return keys.MLDSA44PublicKey.from_public_bytes(public)
    except (ImportError, UnsupportedAlgorithm, ValueError):
        return None
