# SPDX-License-Identifier: Apache-2.0
"""What became of an action on the platform, by territory."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import AppendOnly, Row
from vigie.store.fields import CodeField, MomentField
from vigie.store.models.decisions import DecisionRecord


class EffectState(StrEnum):
    """Nothing is called applied that the platform has not confirmed."""

    WAITING = "waiting"
    """Decided; its task has not left yet (a person may still undo)."""
    SENT = "sent"
    APPLIED = "applied"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Undone before it was sent."""


class Effect(Row):
    """One action in one territory, as far as the platform has confirmed it."""

    decision = models.ForeignKey(DecisionRecord, on_delete=models.PROTECT, related_name="effects")
    territory = models.CharField(max_length=2)
    """ISO 3166 code, or `*`: everywhere else."""
    action = CodeField()
    """Code of `core.actions.ActionKind`, or `LIFTED`."""
    state = CodeField(max_length=16)
    sent_at = MomentField(null=True, blank=True)
    applied_at = MomentField(null=True, blank=True)
    """As the platform says; statements and clocks use this time."""
    failed_reason = models.TextField(default="", blank=True)
    overdue = models.BooleanField(default=False)
    """True once it was unconfirmed for 5 minutes."""

    class Meta:
        db_table_comment = "Actions by territory and what became of them"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["decision", "territory"], name="effect_once")
        ]
        indexes: ClassVar = [models.Index(fields=["state", "sent_at"], name="effect_state_sent")]


class Confirmation(AppendOnly):
    """One message of the platform about a decision's effect; several add up."""

    decision = models.ForeignKey(
        DecisionRecord, on_delete=models.PROTECT, related_name="confirmations"
    )
    applied_at = MomentField(null=True)
    territories: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    failed: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list
    )
    received_at = MomentField()
    source = models.CharField(max_length=48)
    """Journal address or task, unique: one message is recorded once."""

    class Meta:
        db_table_comment = "Confirmations of effects by the platform"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source"], name="confirmation_once")
        ]
