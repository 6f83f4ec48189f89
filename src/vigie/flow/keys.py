# SPDX-License-Identifier: Apache-2.0
"""API keys: created, shown once, revoked within two seconds at every door."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Final

from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.snapshot_parts import mark_dirty
from vigie.flow.transaction import writing
from vigie.screening.access import PREFIX, digest_of
from vigie.store.models import ApiKey, ApiScope, SnapshotPart

LIMITS: Final = ("per_second",)
_SHOWN: Final = 8


def create_key(
    house: House,
    name: str,
    scopes: Iterable[str],
    service: str = "",
    limits: Mapping[str, int] | None = None,
) -> tuple[ApiKey, str]:
    """Create a key; returns its row and the secret, which is kept nowhere.

    Raises InvalidInputError for an empty name, an unknown scope or limit.
    """
    wanted = sorted(set(scopes))
    check_key(name, wanted, limits or {})
    secret = PREFIX + secrets.token_urlsafe(32)
    now = house.now()
    with writing():
        row = ApiKey.objects.create(
            name=name.strip(),
            scopes=wanted,
            service=service,
            digest=digest_of(secret),
            prefix=secret[:_SHOWN],
            limits=dict(limits or {}),
            created_at=now,
        )
        plain = {"key": row.pk, "scopes": wanted, "service": service}
        records.append_one(records.draft("key.created", now, plain))
        mark_dirty(SnapshotPart.KEYS, now)
    return row, secret


def check_key(name: str, scopes: Iterable[str], limits: Mapping[str, int]) -> None:
    """Raise InvalidInputError where a key cannot be made like this."""
    if not name.strip():
        raise InvalidInputError("A key has a name.", field="name")
    known = {scope.value for scope in ApiScope}
    if not set(scopes) or not set(scopes) <= known:
        raise InvalidInputError(
            "A key has one scope or more.",
            field="scopes",
            fix=f"Choose from: {', '.join(sorted(known))}.",
        )
    for limit, value in limits.items():
        if limit not in LIMITS or value < 0:
            raise InvalidInputError(f"There is no limit {limit}.", field=f"limits.{limit}")


def revoke_key(house: House, key_id: int) -> ApiKey:
    """Revoke a key for good. Raises NotFoundError; revoking twice changes nothing."""
    now = house.now()
    with writing():
        row = ApiKey.objects.filter(pk=key_id).first()
        if row is None:
            raise NotFoundError("There is no such key.", code="no_key")
        if row.revoked_at is None:
            row.revoked_at = now
            row.save(update_fields=["revoked_at"])
            records.append_one(records.draft("key.revoked", now, {"key": row.pk}))
            mark_dirty(SnapshotPart.KEYS, now)
    return row
