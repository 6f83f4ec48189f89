# SPDX-License-Identifier: Apache-2.0
"""How far the fold has come, and the segments it sealed."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.db import models

from vigie.store.append_only import Row
from vigie.store.fields import CodeField, MomentField
from vigie.store.models.ledger import Record


class FoldConsumer(StrEnum):
    """Who reads journals, or after them the store, each with a position of its own."""

    EFFECT = "effect"
    ARCHIVE = "archive"
    SEARCH = "search"
    """Who writes the tags of decisions: its `seq` is a decision's number."""


class FoldPosition(Row):
    """Last row that a consumer took from a writer; moves with what it wrote."""

    writer = CodeField(max_length=16)
    consumer = CodeField(max_length=16)
    seq = models.BigIntegerField(default=0)
    """Place in the order of the writer's commits."""
    at = MomentField(default=0)

    class Meta:
        db_table_comment = "Positions of the fold"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["writer", "consumer"], name="fold_position_once")
        ]


class Segment(Row):
    """An immutable Parquet file of decisions; its root is in the log."""

    writer = CodeField(max_length=16)
    first_ordinal = models.BigIntegerField()
    """Lowest ordinal inside; segments of one writer may overlap a little."""
    last_ordinal = models.BigIntegerField()
    count = models.BigIntegerField()
    root = models.CharField(max_length=64)
    """RFC 6962 root over the 33-byte entries, in order, hexadecimal."""
    file = models.CharField(max_length=200)
    """Path below the archive folder."""
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="segment")
    log_index = models.BigIntegerField()
    """Index of the entry `segment.sealed`."""
    sealed_at = MomentField()
    expires_at = MomentField()
    erased_at = MomentField(null=True, blank=True)
    """When the file was deleted; count and root stay provable."""

    class Meta:
        db_table_comment = "Archive segments"
        indexes: ClassVar = [
            models.Index(fields=["writer", "first_ordinal"], name="segment_ordinals"),
            models.Index(fields=["expires_at"], name="segment_expires"),
        ]


class HourKey(Row):
    """Key from which the salts of harmless decisions of one hour come. Erasable."""

    writer = CodeField(max_length=16)
    hour = models.BigIntegerField()
    """Hours since 1970."""
    key = models.BinaryField()
    expires_at = MomentField()

    class Meta:
        db_table_comment = "Hourly keys of decisions without effect; erasable"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["writer", "hour"], name="hour_key_once")
        ]
