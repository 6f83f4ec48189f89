# SPDX-License-Identifier: Apache-2.0
"""The ledger's own error root: it stands alone, so it shares none with Vigie.

Whatever is wrong with the input surfaces as one of these, never as ValueError.
"""

from __future__ import annotations

from typing import Optional


class LedgerError(Exception):
    """Root of all that the ledger refuses; `field` says where, `fix` what to do."""

    code = "ledger"

    def __init__(
        self, message: str, *, field: Optional[str] = None, fix: Optional[str] = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.fix = fix


class MalformedError(LedgerError):
    """The bytes do not have the form that their format prescribes."""

    code = "malformed"


class UnverifiedError(LedgerError):
    """No known key signed this, or the witnesses asked for did not."""

    code = "unverified"


class BadSignatureError(UnverifiedError):
    """A known key is named but its signature does not fit: the note is refused."""

    code = "bad_signature"


class AmbiguousKeyError(UnverifiedError):
    """Two configured keys share the name and id of a signature."""

    code = "ambiguous_key"


class ProofError(LedgerError):
    """A Merkle proof does not lead to the root that was signed."""

    code = "proof_refused"


class MissingError(LedgerError):
    """A file that the log must hold is not there or cannot be read."""

    code = "missing"
