# SPDX-License-Identifier: Apache-2.0
"""Statements of reasons (Regulation (EU) 2022/2065 Art. 17)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import Row
from vigie.store.fields import CodeField, MomentField
from vigie.store.models.decisions import DecisionRecord


class StatementState(StrEnum):
    """Made with the decision, issued when the effect is confirmed or overdue."""

    PREPARED = "prepared"
    ISSUED = "issued"
    LIFTED = "lifted"
    """The restriction was lifted; the page says so."""
    CANCELLED = "cancelled"
    """Undone before anything was sent."""
    EXEMPT = "exempt"
    """None is owed: `exception` says under which rule."""


class Statement(Row):
    """What the person concerned is told; never scores, detectors or lists."""

    decision = models.OneToOneField(
        DecisionRecord, on_delete=models.PROTECT, related_name="statement"
    )
    state = CodeField(max_length=16, default=StatementState.PREPARED)
    exception = CodeField(default="", blank=True)
    """Code of the exception of Art. 17 that applies, or empty."""
    token_digest = models.CharField(max_length=64, default="", blank=True, db_index=True)
    """SHA-256 of the unguessable part of the page's address."""
    token_expires_at = MomentField(null=True, blank=True)
    content: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """What the page says, by language: en, fr, de."""
    database_records: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = (
        models.JSONField(default=list)
    )
    """For the EU transparency database, one a restriction, scrubbed of personal data."""
    prepared_at = MomentField()
    due_at = MomentField(null=True, blank=True)
    """Issued at this moment at the latest; confirmation of the effect brings it forward."""
    issued_at = MomentField(null=True, blank=True)
    confirmed = models.BooleanField(default=False)
    """False at issue: the page says "not yet confirmed"."""
    lifted_at = MomentField(null=True, blank=True)

    class Meta:
        db_table_comment = "Statements of reasons"
        indexes: ClassVar = [
            models.Index(fields=["state", "due_at"], name="statement_due"),
            models.Index(fields=["state", "issued_at"], name="statement_issued"),
        ]
