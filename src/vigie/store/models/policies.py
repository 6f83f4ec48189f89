# SPDX-License-Identifier: Apache-2.0
"""Policies in force. The store alone says which; YAML is a source that is read."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import AppendOnly, Row
from vigie.store.fields import CodeField, IdField, MomentField


class PolicyState(StrEnum):
    """How far a version goes."""

    DRAFT = "draft"
    SHADOW = "shadow"
    """Evaluated and recorded, never acts."""
    LIVE = "live"
    RETIRED = "retired"
    """A later version stands in its place."""


class PolicyRecord(Row):
    """A policy under one name; its versions hold what it says."""

    policy_id = IdField(max_length=100, unique=True)
    title = models.CharField(max_length=200, default="", blank=True)
    current = models.ForeignKey(
        "PolicyVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """The version that is evaluated (shadow or live); none: out of force."""

    class Meta:
        db_table_comment = "Policies by name"


class PolicyVersion(AppendOnly):
    """What a policy says, once and for all; only its state moves on."""

    MUTABLE: ClassVar[frozenset[str]] = frozenset({"state", "log_index"})

    policy = models.ForeignKey(PolicyRecord, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    document: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    """The parsed document as the Snapshot carries it."""
    source = models.TextField()
    """The YAML as it was published."""
    digest = models.CharField(max_length=64)
    """SHA-256 of the source."""
    state = CodeField()
    """A word of `PolicyState`."""
    published_by = models.CharField(max_length=100)
    """User name, key name or `vigie init`."""
    published_at = MomentField()
    log_index = models.BigIntegerField(null=True)
    """Ledger entry of `policy.published`."""

    class Meta:
        db_table_comment = "Versions of policies, append-only"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["policy", "version"], name="policy_version_once")
        ]


class PolicyDay(Row):
    """How often a version fired on a day, in every state: what shadow results are read from.

    Counted from the archive's segments, harmless decisions too.
    """

    policy = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    state = CodeField()
    """`shadow` or `live`, as it was evaluated."""
    day = models.BigIntegerField()
    """Days since 1970 UTC."""
    fired = models.BigIntegerField(default=0)
    """Decisions in which it fired."""
    failed = models.BigIntegerField(default=0)
    """Decisions in which it could not be evaluated."""

    class Meta:
        db_table_comment = "How often versions of policies fired, by day"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["policy", "version", "state", "day"], name="policy_day_once"
            )
        ]


class Evaluation(AppendOnly):
    """A measurement of a policy on the operator's own labelled sample.

    A live policy acts alone on terms only where the lower 95 % bound of
    precision is at least 0.98 for the language. Scores are millionths.
    """

    policy = models.ForeignKey(PolicyRecord, on_delete=models.PROTECT, related_name="evaluations")
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=8)
    sample = models.PositiveIntegerField()
    """Labelled items on which the policy fired."""
    correct = models.PositiveIntegerField()
    precision_low = models.PositiveIntegerField()
    """Lower 95 % bound of precision, in millionths."""
    measured_at = MomentField()
    measured_by = models.CharField(max_length=100)

    class Meta:
        db_table_comment = "Measured precision of policies"
