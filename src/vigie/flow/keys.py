# SPDX-License-Identifier: Apache-2.0
"""API keys: created, shown once, revoked within two seconds at every door."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.core.territory import is_country
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.snapshot_parts import mark_dirty
from vigie.flow.transaction import writing
from vigie.screening.access import PREFIX, digest_of
from vigie.store.models import ApiKey, ApiScope, GatewayProfile, GatewayUsage, SnapshotPart

GATEWAY_LIMITS: Final = (
    "requests_per_minute",
    "requests_per_day",
    "tokens_per_day",
    "images_per_day",
)
LIMITS: Final = ("per_second", *GATEWAY_LIMITS)
MAX_LIMIT: Final = 10**15
DEFAULT_PROFILE: Final = "default"
DAY_MS: Final = 86_400_000
_SHOWN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistant:
    """What a key of the gateway has besides its scopes."""

    profile: str = ""
    """How its exchanges are guarded; empty: `default`."""
    country: str = ""
    """Of its users, where a request names none; empty: the profile's."""


def create_key(
    house: House,
    name: str,
    scopes: Iterable[str],
    service: str = "",
    limits: Mapping[str, int] | None = None,
    assistant: Assistant | None = None,
) -> tuple[ApiKey, str]:
    """Create a key; returns its row and the secret, which is kept nowhere.

    `assistant` is for the scope `ai`. Raises InvalidInputError for an empty name,
    an unknown scope or limit, a profile that is not published.
    """
    wanted = sorted(set(scopes))
    check_key(name, wanted, limits or {})
    ai = assistant or Assistant()
    check_assistant(wanted, limits or {}, ai)
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
            profile=ai.profile,
            country=ai.country,
            created_at=now,
        )
        plain: dict[str, Any] = {"key": row.pk, "scopes": wanted, "service": service}
        if ApiScope.AI in wanted:
            plain |= {"profile": ai.profile, "country": ai.country, "limits": row.limits}
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
        if limit not in LIMITS or not 0 <= value <= MAX_LIMIT:
            raise InvalidInputError(
                f"There is no limit {limit} of {value}.",
                field=f"limits.{limit}",
                fix=f"Choose from: {', '.join(LIMITS)}; a whole number from 0.",
            )


def check_assistant(scopes: Iterable[str], limits: Mapping[str, int], ai: Assistant) -> None:
    """Raise InvalidInputError where what is the gateway's does not fit the key."""
    gateway = [name for name in GATEWAY_LIMITS if name in limits]
    if ApiScope.AI not in set(scopes):
        if gateway or ai.profile or ai.country:
            raise InvalidInputError(
                "Only a key of the gateway has a profile, a country and budgets.",
                field="scopes",
                fix="Add the scope ai.",
            )
        return
    if ai.profile not in {"", *profiles_known()}:
        raise InvalidInputError(
            f"There is no profile {ai.profile}.",
            code="no_profile",
            field="profile",
            fix=f"Choose from: {', '.join(profiles_known())}, or publish it first.",
        )
    if ai.country and not is_country(ai.country):
        raise InvalidInputError(
            f"{ai.country} is no country.",
            field="country",
            fix="Give an ISO 3166 code, such as FR.",
        )


def profiles_known() -> tuple[str, ...]:
    """Return the names that a key may give as its profile; `default` is always there."""
    rows = GatewayProfile.objects.filter(in_force=True).exclude(name__startswith="_")
    return tuple(sorted({DEFAULT_PROFILE, *rows.values_list("name", flat=True)}))


def used_today(house: House) -> dict[int, GatewayUsage]:
    """Return what each key of the gateway has used since midnight UTC, by its number."""
    rows = GatewayUsage.objects.filter(day=house.now() // DAY_MS)
    return {row.key_id: row for row in rows}


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
