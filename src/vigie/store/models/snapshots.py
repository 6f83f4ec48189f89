# SPDX-License-Identifier: Apache-2.0
"""What the doors judge with: numbered manifests over content-addressed parts."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import AppendOnly, Row
from vigie.store.fields import CodeField, MomentField


class SnapshotPart(StrEnum):
    """Parts of a Snapshot, by the names that the doors read."""

    BRAKES = "brakes"
    """Features of the gateway that stand still."""
    CHANGES = "changes"
    """Registered changes in force, by digest."""
    DECIDED = "decided"
    """Media that a person has decided."""
    DOMAINS = "domains"
    GATEWAY = "gateway"
    """Upstreams and profiles."""
    INDEX = "index"
    """The hash index over all banks; its tail is `index_tail`."""
    KEYS = "keys"
    """API keys: hashes, scopes, limits."""
    LAW = "law"
    LEXICONS = "lexicons"
    OPERATOR = "operator"
    """Countries served, evaluations on file."""
    POLICIES = "policies"


class SnapshotRow(AppendOnly):
    """One published Snapshot. Its number is never used again."""

    number = models.BigIntegerField(primary_key=True)
    manifest: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    """Number, time, and the SHA-256 of each part by name."""
    index_until = models.BigIntegerField(default=0)
    """Highest bank entry in the base of the hash index; later ones are its tail."""
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
