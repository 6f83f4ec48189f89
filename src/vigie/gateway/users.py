# SPDX-License-Identifier: Apache-2.0
"""Whose exchange it is: a pseudonym that changes every week and opens for nobody here.

HMAC-SHA256 under the installation's key over application, ISO week and the user id
that the application sent. The application gets it in a header and can resolve it,
since it alone knows its user ids; we keep none. Two weeks of one person, or one
person in two applications, cannot be put together.
"""

from __future__ import annotations

from typing import Final

from vigie.core.gateway import week_of
from vigie.journal.keyed import Keyed

PREFIX: Final = "vu_"
_PURPOSE: Final = b"vigie/gateway/user/v1"
_REMEMBERED: Final = 20_000


class Users:
    """Makes the pseudonyms of application users."""

    def __init__(self, pseudonym_key: bytes) -> None:
        self._keyed = Keyed(Keyed(pseudonym_key).digest(_PURPOSE))
        self._known: dict[tuple[str, int, str], str] = {}

    def of(self, application: str, user_id: str, now_ms: int) -> str:
        """Return the pseudonym; empty where the application named no user."""
        if not user_id:
            return ""
        asked = (application, week_of(now_ms), user_id)
        known = self._known.get(asked)
        if known is None:
            message = "\n".join(map(str, asked)).encode("utf-8", "surrogatepass")
            known = PREFIX + self._keyed.digest(message)[:16].hex()
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[asked] = known
        return known
