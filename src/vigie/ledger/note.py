# SPDX-License-Identifier: Apache-2.0
"""Signing and opening notes with the fast Ed25519 of `cryptography`.

The formats live in `verify.notes`; here are the keys. Keys are 32-byte seeds
that the caller keeps; one key has one use (log, receipts, cosigning).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from vigie.ledger.mldsa import Mldsa44Verifier
from vigie.ledger.verify.errors import MalformedError
from vigie.ledger.verify.notes import (
    COSIGNER_ED25519,
    COSIGNER_MLDSA44,
    ED25519,
    NoteSignature,
    NoteVerifier,
    Signed,
    SignedNote,
    VerifierKey,
    cosignature_message,
    is_key_name,
    key_id_of,
    open_note,
    parse_note,
    parse_vkey,
    signature_line,
)

__all__ = [
    "COSIGNER_ED25519",
    "COSIGNER_MLDSA44",
    "ED25519",
    "Cosigner",
    "Mldsa44Verifier",
    "NoteSignature",
    "NoteVerifier",
    "Signed",
    "SignedNote",
    "Signer",
    "Verifier",
    "VerifierKey",
    "generate_key",
    "open_note",
    "parse_note",
    "parse_vkey",
    "sign",
    "signature_line",
    "verifier_of",
    "verify_ed25519_fast",
]

SEED_BYTES = 32
_TIME_LIMIT = 2**63


def generate_key(name: str) -> tuple[bytes, str]:
    """Make a new Ed25519 key: its secret 32-byte seed and its vkey."""
    seed = Ed25519PrivateKey.generate().private_bytes_raw()
    return seed, Signer(name, seed).vkey


def verify_ed25519_fast(public: bytes, message: bytes, signature: bytes) -> bool:
    """Check a signature with the library; same answers as the plain verifier."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class Verifier(NoteVerifier):
    """Checks signatures of the key in a vkey."""

    def __init__(self, vkey: str) -> None:
        super().__init__(parse_vkey(vkey), verify_ed25519_fast)


def verifier_of(key: VerifierKey) -> NoteVerifier:
    """Return what checks signatures of a key of any type that we know."""
    if key.kind == COSIGNER_MLDSA44:
        return Mldsa44Verifier(key)
    return NoteVerifier(key, verify_ed25519_fast)


class _Key:
    """What signers share: a name, a seed, and the key id they sign under."""

    kind = ED25519

    def __init__(self, name: str, seed: bytes) -> None:
        if not is_key_name(name) or not re.fullmatch(r"[^\x00-\x20]+", name):
            raise MalformedError("A key name has no space and no plus.", field="name")
        if len(seed) != SEED_BYTES:
            raise MalformedError("A seed has 32 bytes.", field="seed")
        private = Ed25519PrivateKey.from_private_bytes(seed)
        self._sign: Callable[[bytes], bytes] = private.sign
        public = private.public_key().public_bytes_raw()
        self.key = VerifierKey(name, key_id_of(name, self.kind, public), self.kind, public)
        self.name = name
        self.vkey = self.key.vkey()

    def __repr__(self) -> str:
        """Show the public half only."""
        return f"{type(self).__name__}({self.vkey!r})"


class Signer(_Key):
    """Signs note texts as the author: the log, or the maker of receipts."""

    def line(self, text: str) -> str:
        """Return the signature line for a note text that ends in a newline."""
        return signature_line(self.name, self.key.key_id, self._sign(text.encode()))


class Cosigner(_Key):
    """Signs checkpoints as a witness, with the time in seconds."""

    kind = COSIGNER_ED25519

    def line(self, text: str, time: int) -> str:
        """Return the cosignature line over a checkpoint text."""
        if not 0 < time < _TIME_LIMIT:
            raise MalformedError("A witness names the time.", field="time")
        signature = self._sign(cosignature_message(text, time))
        return signature_line(self.name, self.key.key_id, time.to_bytes(8, "big") + signature)


def sign(text: str, signers: Sequence[Signer]) -> str:
    """Return the signed note over a text that ends in a newline."""
    if not text.endswith("\n") or not signers:
        raise MalformedError("A note text ends in a newline and has a signer.", field="text")
    return text + "\n" + "".join(signer.line(text) for signer in signers)
