# SPDX-License-Identifier: Apache-2.0
"""What is still to be told to somebody outside, with attempts and receipts."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import Row
from vigie.store.fields import CodeField, MomentField
from vigie.store.models.decisions import DecisionRecord


class TaskKind(StrEnum):
    """What is sent."""

    WEBHOOK = "webhook"
    """An event for one endpoint of the platform."""
    MAIL = "mail"
    """A `Letter` to a person."""


class TaskState(StrEnum):
    """Nothing says delivered that was not."""

    WAITING = "waiting"
    SENT = "sent"
    """Left, not yet answered."""
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    """A mail server took it; whether it reached the person, nobody is told."""
    FAILED = "failed"
    """The last attempt failed; `next_try` says when it is tried again."""
    CANCELLED = "cancelled"
    DEAD = "dead"
    """All attempts failed, or the other side is gone."""


class WebhookEndpoint(Row):
    """An address of the platform that wants to be told (Standard Webhooks)."""

    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=120)
    """`whsec_...`: shown once; needed to sign, so kept."""
    previous_secret = models.CharField(max_length=120, default="", blank=True)
    """Signs as well while the platform changes over."""
    events: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Event tags; empty: all."""
    enabled = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=100, default="", blank=True)
    created_at = MomentField()

    class Meta:
        db_table_comment = "Webhook endpoints of the platform"


class OutgoingTask(Row):
    """One message to somebody outside, committed with the record it tells of."""

    kind = CodeField(max_length=16)
    event = CodeField(default="")
    """Event tag, such as `decision.made`."""
    decision = models.ForeignKey(
        DecisionRecord, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks"
    )
    endpoint = models.ForeignKey(
        WebhookEndpoint, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks"
    )
    message_id = models.CharField(max_length=48, unique=True)
    """`webhook-id`: the same over all attempts."""
    payload: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """Thin: identifiers and outcome, never content."""
    not_before = MomentField()
    state = CodeField(max_length=16, default=TaskState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_try = MomentField()
    receipt: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """Status, time and digest of the last answer."""
    created_at = MomentField()
    done_at = MomentField(null=True, blank=True)

    class Meta:
        db_table_comment = "Outbox: what is to be sent, and what became of it"
        indexes: ClassVar = [
            models.Index(fields=["state", "next_try"], name="task_due"),
            models.Index(fields=["kind", "state", "done_at"], name="task_receipts"),
        ]
