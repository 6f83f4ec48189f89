# SPDX-License-Identifier: Apache-2.0
"""What became of an action on the platform, place by place."""

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
    """In every place."""
    PARTLY = "partly"
    """Applied in some places, unconfirmed or failed in others."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Undone before it was sent."""


class Effect(Row):
    """One action of a decision, as far as the platform has confirmed it."""

    decision = models.ForeignKey(DecisionRecord, on_delete=models.PROTECT, related_name="effects")
    position = models.PositiveSmallIntegerField(default=0)
    """Place among the actions of the decision."""
    action = CodeField()
    """Code of `core.actions.ActionKind`, or `LIFTED`: what stood is to be undone."""
    territories: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    state = CodeField(max_length=16)
    """A word of `EffectState`: of all its places together."""
    places: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """By territory, what the platform said: `{"state", "at", "reason"}`; the rest is sent."""
    until = models.CharField(max_length=40, default="", blank=True)
    """End date of an action that ends by itself."""
    sent_at = MomentField(null=True, blank=True)
    applied_at = MomentField(null=True, blank=True)
    """As the platform says, of the last place; statements and clocks use this time."""
    overdue = models.BooleanField(default=False)
    """True once it was unconfirmed for 5 minutes."""

    class Meta:
        db_table_comment = "Actions and what became of them on the platform"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["decision", "position"], name="effect_once")
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
