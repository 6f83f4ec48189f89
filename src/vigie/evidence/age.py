# SPDX-License-Identifier: Apache-2.0
"""age files (age-encryption.org/v1, C2SP): encrypted to recipients, opened by identities.

A thin frame around pyrage, which does the cryptography: X25519, HKDF,
ChaCha20-Poly1305 in chunks, so that a flipped bit or a missing end is refused.
Keys are strings, `age1...` and `AGE-SECRET-KEY-1...`; a secret never stands in an
error. Limits: everything in memory, `MAX_BYTES` a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import pyrage
from pyrage import x25519

from vigie.core.errors import InvalidInputError, UnavailableError

MAX_BYTES: Final = 512 * 2**20
MAX_RECIPIENTS: Final = 20


class Pair(NamedTuple):
    """A new key pair."""

    secret: str
    recipient: str

    def __repr__(self) -> str:
        """Show the public half alone: a traceback or a log may print this."""
        return f"Pair({self.recipient})"


def generate() -> Pair:
    """Make a key pair."""
    made = x25519.Identity.generate()
    return Pair(str(made), str(made.to_public()))


def recipient_of(secret: str) -> str:
    """Return the public half of an identity. Raises InvalidInputError for anything else."""
    return str(_identity(secret).to_public())


def check_recipient(text: str) -> str:
    """Return a public key as age writes it. Raises InvalidInputError for anything else."""
    return str(_recipient(text))


def encrypt(data: bytes, recipients: Sequence[str]) -> bytes:
    """Encrypt to every one of the recipients.

    Raises InvalidInputError without a recipient, for one that is none, or for
    more than `MAX_BYTES`.
    """
    if not recipients or len(recipients) > MAX_RECIPIENTS or len(data) > MAX_BYTES:
        raise InvalidInputError(
            "This cannot be encrypted.",
            code="age_size",
            fix=f"Give 1 to {MAX_RECIPIENTS} recipients and at most {MAX_BYTES:,} bytes.",
        )
    made: bytes = pyrage.encrypt(data, [_recipient(one) for one in recipients])
    return made


def decrypt(data: bytes, secrets: Sequence[str]) -> bytes:
    """Return the bytes of an age file.

    Raises UnavailableError `age_refused` where no identity opens it or where it
    was changed or cut: age does not tell the two apart, nor do we.
    """
    identities = [_identity(one) for one in secrets]
    try:
        opened: bytes = pyrage.decrypt(data, identities)
    except (pyrage.DecryptError, ValueError) as problem:
        raise UnavailableError(
            "The sealed file does not open.", code="age_refused", diagnostics=type(problem).__name__
        ) from None
    return opened


def _identity(secret: str) -> x25519.Identity:
    try:
        return x25519.Identity.from_str(secret.strip())
    except pyrage.IdentityError:
        raise InvalidInputError(
            "This is no age identity.",
            code="age_identity",
            fix="Give a line that begins with AGE-SECRET-KEY-1.",
        ) from None


def _recipient(text: str) -> x25519.Recipient:
    try:
        return x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise InvalidInputError(
            "This is no age recipient.",
            code="age_recipient",
            field="recipient",
            fix="Give a public key that begins with age1.",
        ) from None
