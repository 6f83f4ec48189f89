# SPDX-License-Identifier: Apache-2.0
"""Who asks, for whom, and under which law: read from the key and the headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.types import Scope as AsgiScope

from vigie.core.errors import RefusedError
from vigie.core.gateway import Profile
from vigie.gateway.judging import Who
from vigie.gateway.services import Gateway
from vigie.machine.http import RequestHeaders, UnauthorisedError, request_id_of
from vigie.screening.access import AccessKey, Scope
from vigie.screening.snapshot import Snapshot

COUNTRY: Final = b"vigie-country"
LANGUAGE: Final = b"vigie-language"


@dataclass(frozen=True, slots=True)
class Caller:
    """One request's key, profile and Snapshot; a request ends on the Snapshot it began with."""

    key: AccessKey
    profile: Profile
    snapshot: Snapshot
    headers: RequestHeaders
    request_id: str

    @classmethod
    def of(cls, gateway: Gateway, scope: AsgiScope) -> Caller:
        """Return who asks. Raises UnauthorisedError, RefusedError."""
        headers = RequestHeaders.of(scope)
        snapshot = gateway.holder.snapshot
        secret = headers.get(b"x-api-key")
        header = f"Bearer {secret.decode('latin-1')}" if secret else headers.text(b"authorization")
        key = snapshot.access.find(header)
        if key is None:
            raise UnauthorisedError(
                "There is no such key, or it was revoked.",
                code="invalid_api_key",
                field="Authorization",
                fix="Send `Authorization: Bearer vg_...` or `x-api-key: vg_...`.",
            )
        if Scope.AI not in key.scopes:
            raise RefusedError(
                "This key may not speak to the gateway.",
                code="wrong_scope",
                field="Authorization",
                fix="Use a key of scope ai.",
            )
        profile = snapshot.gateway.profile(key.profile)
        return cls(key, profile, snapshot, headers, request_id_of(scope))

    def is_revoked(self, snapshot: Snapshot) -> bool:
        """Say whether a newer Snapshot no longer knows the key for this."""
        return snapshot is not self.snapshot and not snapshot.access.holds(self.key, Scope.AI)

    def country(self, said: str) -> str:
        """Return the user's country: of the header, the body, the key, the profile.

        Empty where it is unknown or not served: then the law of every country served
        holds, which is the strictest reading.
        """
        named = self.headers.text(COUNTRY) or said or self.key.country or self.profile.country
        country = named.strip().upper()
        return country if country in self.snapshot.served else ""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the user wishes, as the headers say."""
        return (self.headers.text(LANGUAGE), self.headers.text(b"accept-language"))

    def who(self, user: str, country: str, model: str) -> Who:
        """Return on whose behalf something is judged."""
        return Who(self.key.service or "default", user, country, model)
