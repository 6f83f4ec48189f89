# SPDX-License-Identifier: Apache-2.0
"""Strikes and what they lead to (Art. 23 DSA). The ladder proposes; a person decides."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import Row
from vigie.store.fields import CodeField, IdField, MomentField
from vigie.store.models.decisions import DecisionRecord
from vigie.store.models.ledger import Record


class SubjectKind(StrEnum):
    """Whom a strike counts against."""

    AUTHOR = "author"
    NOTIFIER = "notifier"
    """Somebody who files manifestly unfounded notices (Art. 23(2))."""


class StrikeState(StrEnum):
    """Whether it counts; it also stops counting when it expires."""

    ACTIVE = "active"
    REVERSED = "reversed"


class StrikeWeight(Row):
    """How much a decision under a policy counts, and for how long."""

    policy = models.CharField(max_length=100, unique=True)
    """Identifier of a policy; `*` for all others, `notice` for unfounded notices."""
    weight = models.PositiveSmallIntegerField(default=1)
    days = models.PositiveIntegerField(default=180)

    class Meta:
        db_table_comment = "Weights of strikes by policy"


class Strike(Row):
    """One counted warning."""

    subject_kind = CodeField(max_length=16)
    subject = models.CharField(max_length=64)
    """Keyed pseudonym of author or notifier; erasable."""
    service = IdField(default="default")
    policy = models.CharField(max_length=100)
    weight = models.PositiveSmallIntegerField()
    decision = models.ForeignKey(
        DecisionRecord, null=True, blank=True, on_delete=models.PROTECT, related_name="strikes"
    )
    """Null where it was taken over from another tool or comes from a notice."""
    notice_number = models.BigIntegerField(null=True, blank=True)
    at = MomentField()
    expires_at = MomentField()
    state = CodeField(max_length=16, default=StrikeState.ACTIVE)
    reversed_at = MomentField(null=True, blank=True)
    asserted = models.BooleanField(default=False)
    """Taken over from another tool: asserted, not witnessed."""

    class Meta:
        db_table_comment = "Strikes"
        indexes: ClassVar = [
            models.Index(fields=["subject", "subject_kind", "state"], name="strike_subject")
        ]


class MeasureKind(StrEnum):
    """Steps of the ladder."""

    WARNING = "warning"
    SUSPENSION = "suspension"
    """Of an author's account, or of the processing of somebody's notices."""


class MeasureState(StrEnum):
    """A proposal acts on nobody."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    """A person decided not to."""
    LIFTED = "lifted"
    EXPIRED = "expired"


class LadderStep(Row):
    """From how many points on, what is proposed."""

    subject_kind = CodeField(max_length=16)
    points = models.PositiveSmallIntegerField()
    kind = CodeField(max_length=16)
    days = models.PositiveIntegerField(default=0)
    """Length of a suspension; 0 for a warning."""

    class Meta:
        db_table_comment = "The ladder"
        ordering: ClassVar = ["subject_kind", "points"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject_kind", "points"], name="ladder_step_once")
        ]


class Measure(Row):
    """A warning or a suspension: proposed by the ladder, decided by a person."""

    subject_kind = CodeField(max_length=16)
    subject = models.CharField(max_length=64, db_index=True)
    service = IdField(default="default")
    kind = CodeField(max_length=16)
    state = CodeField(max_length=16, default=MeasureState.PROPOSED)
    points = models.PositiveIntegerField()
    needed = models.PositiveIntegerField(default=0)
    """Points of the step that proposed it: with fewer it no longer stands."""
    strikes: models.JSONField[list[int], list[int]] = models.JSONField(default=list)
    """Numbers of the strikes that led to it."""
    assessment: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """Art. 23(3): absolute number, relative number, gravity, intention, in a person's words."""
    proposed_at = MomentField()
    decided_at = MomentField(null=True, blank=True)
    decided_by = models.CharField(max_length=64, default="", blank=True)
    reason = models.TextField(default="", blank=True)
    until = MomentField(null=True, blank=True)
    lifted_at = MomentField(null=True, blank=True)
    content: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """The statement that the person reads, by language."""
    token_digest = models.CharField(max_length=64, default="", blank=True, db_index=True)
    """SHA-256 of the unguessable part of its page's address."""
    token_expires_at = MomentField(null=True, blank=True)
    record = models.OneToOneField(
        Record, null=True, blank=True, on_delete=models.PROTECT, related_name="measure"
    )

    class Meta:
        db_table_comment = "Warnings and suspensions"
        indexes: ClassVar = [models.Index(fields=["state", "proposed_at"], name="measure_state")]
