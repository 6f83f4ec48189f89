# SPDX-License-Identifier: Apache-2.0
"""API keys as the doors see them: digests, scopes and limits of the Snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import msgspec

PREFIX: Final = "vg_"


class Scope(StrEnum):
    """What a key may do."""

    TRUSTED = "trusted"
    """Send items; see scores and spans."""
    PUBLIC = "public"
    """Send items; see outcome and category only."""
    RECORDS = "records"
    """Read and change records under `/api/v1/`."""
    AI = "ai"
    """Speak to the gateway under `/ai/`; with `trusted` it also sees scores and spans."""


class AccessKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key in force. `service`: the only one it may speak for; empty: any."""

    id: str
    sha256: str
    scopes: tuple[str, ...]
    service: str = ""
    per_second: int = 0
    """Most requests a second; 0: no limit."""
    profile: str = ""
    """Of the gateway; empty: the default."""
    country: str = ""
    """Of the gateway's users, where a request names none; empty: the profile's."""
    limits: dict[str, int] = {}
    """Of the gateway: `requests_per_minute`, `requests_per_day`, `tokens_per_day`,
    `images_per_day`; absent: none."""

    @property
    def sends(self) -> bool:
        """True where it may post items."""
        return Scope.TRUSTED in self.scopes or Scope.PUBLIC in self.scopes

    @property
    def trusted(self) -> bool:
        """True where it sees scores and spans."""
        return Scope.TRUSTED in self.scopes


def digest_of(secret: str) -> str:
    """Return the SHA-256 under which a key is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


class AccessTable:
    """Finds a key by its secret, in constant time for wrong ones."""

    def __init__(self, keys: Iterable[AccessKey]) -> None:
        self._keys = {key.sha256: key for key in keys}
        self._seen: dict[str, AccessKey] = {}

    def find(self, header: str) -> AccessKey | None:
        """Return the key of an `Authorization` header, or None.

        The secret holds 256 random bits, so the lookup is by its digest: what
        timing could tell is of no use to anyone.
        """
        known = self._seen.get(header)
        if known is not None:
            return known
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer" or not secret.startswith(PREFIX):
            return None
        key = self._keys.get(digest_of(secret.strip()))
        if key is not None:
            self._seen[header] = key
        return key

    def holds(self, key: AccessKey, scope: Scope) -> bool:
        """Say whether a key is in force for something."""
        known = self._keys.get(key.sha256)
        return known is not None and scope in known.scopes

    def __len__(self) -> int:
        """Return how many keys are in force."""
        return len(self._keys)
