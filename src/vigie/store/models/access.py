# SPDX-License-Identifier: Apache-2.0
"""Keys of the platform's machines: kept as SHA-256, never as given out."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.db import models

from vigie.store.append_only import Row
from vigie.store.fields import IdField, MomentField


class ApiScope(StrEnum):
    """What a key may see and do."""

    TRUSTED = "trusted"
    """Scores and spans, at `/v1/`."""
    PUBLIC = "public"
    """Outcome and category only, at `/v1/`."""
    RECORDS = "records"
    """Records at `/api/v1/`: deletion, banks, statements, proofs."""
    REPORTS = "reports"
    """The platform's own buttons: notices and appeals at `/api/v1/`."""
    FLAGGER = "flagger"
    """A trusted flagger: notices with priority (Art. 22 DSA)."""
    ORDERS = "orders"
    """An authority's own system, or a relay: orders and how they stand."""
    AI = "ai"
    """The gateway at `/ai/`: prompts and answers of AI applications."""


class ApiKey(Row):
    """One key `vg_...`: 256 random bits, of which only the digest is kept."""

    name = models.CharField(max_length=100)
    """What the operator calls it."""
    scopes: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Words of `ApiScope`."""
    service = IdField(default="", blank=True)
    """The product it belongs to; empty: all products of the operator."""
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the whole key, hexadecimal."""
    prefix = models.CharField(max_length=12)
    """First characters, to tell keys apart in a list."""
    limits: models.JSONField[dict[str, int], dict[str, int]] = models.JSONField(default=dict)
    """Requests a second and such; empty: no limit of its own."""
    profile = models.CharField(max_length=64, default="", blank=True)
    """How the gateway guards its exchanges; empty: the default."""
    country = models.CharField(max_length=2, default="", blank=True)
    """Of its users, where a request to the gateway names none; empty: the profile's."""
    created_at = MomentField()
    revoked_at = MomentField(null=True, blank=True)
    """From then on refused, within 2 s."""

    class Meta:
        db_table_comment = "API keys, hashed"


class CacheEntry(Row):
    """What all processes must remember for a while: attempts to sign in, codes already used."""

    key = models.CharField(max_length=255, primary_key=True)
    value: models.JSONField[Any, Any] = models.JSONField()
    expires_at = MomentField(db_index=True)

    class Meta:
        db_table_comment = "Limits of signing in and codes already used; minutes"
