# SPDX-License-Identifier: Apache-2.0
"""Signing checkpoints, and reading those that a known key has signed."""

from __future__ import annotations

from collections.abc import Sequence

from vigie.ledger.note import Signer, sign
from vigie.ledger.verify.checkpoints import Checkpoint, parse_checkpoint
from vigie.ledger.verify.errors import MalformedError, UnverifiedError
from vigie.ledger.verify.notes import NoteVerifier, open_note, parse_note

__all__ = ["Checkpoint", "open_checkpoint", "parse_checkpoint", "sign_checkpoint"]


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[Signer]) -> str:
    """Return the signed checkpoint. The first signer bears the log's origin."""
    if not signers or signers[0].name != checkpoint.origin:
        raise MalformedError("The log's key bears the log's origin.", field="origin")
    if checkpoint.extensions:
        raise MalformedError("We write no extension lines.", field="extensions")
    return sign(checkpoint.text(), signers)


def open_checkpoint(data: str | bytes, verifiers: Sequence[NoteVerifier]) -> Checkpoint:
    """Return a checkpoint that a known key of its own origin has signed."""
    note = parse_note(data)
    signed = open_note(note, verifiers)
    checkpoint = parse_checkpoint(note.text)
    if all(one.key.name != checkpoint.origin for one in signed):
        raise UnverifiedError("The log itself has not signed this checkpoint.", field="note")
    return checkpoint
