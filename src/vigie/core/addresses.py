# SPDX-License-Identifier: Apache-2.0
"""Addresses of statements of reasons: unguessable, expiring, derived and not stored.

The door that answers and the room that makes the statement derive the same
address from the decision's name and time, so the platform learns it at once and
a copy of the store alone opens no page.
"""

from __future__ import annotations

import base64
import hmac
from typing import Final, NamedTuple

PATH: Final = "/s/"
DAY_MS: Final = 86_400_000


def statement_token(key: bytes, decision_id: str, expires_at: int) -> str:
    """Return the unguessable part of a statement's address: 192 bits, 32 characters."""
    secret = hmac.digest(key, b"vigie/statement-key/v1", "sha256")
    message = f"vigie/statement/v1\n{decision_id}\n{expires_at}".encode()
    return base64.urlsafe_b64encode(hmac.digest(secret, message, "sha256")[:24]).decode()


class StatementAddresses(NamedTuple):
    """Gives the address of any decision's statement."""

    base_url: str
    key: bytes
    days: int
    """How long an address works."""

    def of(self, decision_id: str, decided_at: int) -> str:
        """Return the address of the statement of a decision made at a time (ms)."""
        token = statement_token(self.key, decision_id, decided_at + self.days * DAY_MS)
        return f"{self.base_url}{PATH}{token}"
