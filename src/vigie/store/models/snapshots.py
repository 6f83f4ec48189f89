# SPDX-License-Identifier: Apache-2.0
"""What the doors judge with: numbered manifests over content-addressed parts."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import AppendOnly, Row
from vigie.store.fields import CodeField, MomentField


class SnapshotPart(StrEnum):
    """Parts that the store builds; the rest ships with the package."""

    ACCESS = "access"
    """API keys: hashes, scopes, limits."""
    DECIDED_MEDIA = "decided_media"
    DOMAINS = "domains"
    HASHES = "hashes"
    """The index over all banks."""
    LAW = "law"
    LEXICONS = "lexicons"
    POLICIES = "policies"
    SETTINGS = "settings"
    """Countries served, sample rate, evaluations on file."""


class SnapshotRow(AppendOnly):
    """One published Snapshot. Its number is never used again."""

    number = models.BigIntegerField(primary_key=True)
    manifest: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    """`{"number": n, "created_at": ms, "parts": {name: {"sha256", "bytes"}}}`."""
    at = MomentField()

    class Meta:
        db_table_comment = "Published Snapshots"


class DirtyPart(Row):
    """A part that a verb changed and that `jobs` has not built yet."""

    part = CodeField(primary_key=True)
    since = MomentField()
    revision = models.BigIntegerField(default=1)
    """Grows with each change, so that a change during a build is not lost."""

    class Meta:
        db_table_comment = "Parts of the Snapshot that changed"
        ordering: ClassVar = ["part"]
