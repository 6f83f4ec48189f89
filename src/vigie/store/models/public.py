# SPDX-License-Identifier: Apache-2.0
"""What the operator tells the public, and what was taken over from elsewhere."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import AppendOnly
from vigie.store.fields import CodeField, IdField, MomentField
from vigie.store.models.ledger import Record


class DisclosureKind(StrEnum):
    """Texts that the law asks for."""

    CONTACT_AUTHORITIES = "contact_authorities"
    """Art. 11 DSA."""
    CONTACT_RECIPIENTS = "contact_recipients"
    """Art. 12 DSA."""
    REPRESENTATIVE = "representative"
    """Art. 13 DSA."""
    TERMS = "terms"
    """Art. 14 DSA."""
    RECOMMENDER = "recommender"
    """Art. 27 DSA: main parameters."""


class Disclosure(AppendOnly):
    """One version of a public text; the newest counts, the others are its history."""

    kind = CodeField(max_length=32)
    version = models.PositiveIntegerField()
    texts: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField()
    """By language: en, fr, de."""
    published_by = models.CharField(max_length=64)
    published_at = MomentField()
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="disclosure")

    class Meta:
        db_table_comment = "Public texts, append-only"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "version"], name="disclosure_version_once")
        ]


class ChangeKind(StrEnum):
    """Systems whose changes are registered."""

    RECOMMENDER = "recommender"
    ASSISTANT = "assistant"
    IMAGE_MODEL = "image_model"
    SAFETY = "safety"


class RegisteredChange(AppendOnly):
    """A change of a ranker, an assistant, a model or a safety setting, with a digest."""

    kind = CodeField(max_length=32)
    service = IdField(default="default")
    title = models.CharField(max_length=200)
    description = models.TextField(default="", blank=True)
    digest = models.CharField(max_length=64)
    """SHA-256 of what was changed to: configuration, weights, code."""
    effective_at = MomentField()
    ends_at = MomentField(null=True, blank=True)
    """Until then, where it was for a time."""
    version = models.CharField(max_length=100, default="", blank=True)
    asked_by = models.CharField(max_length=200, default="", blank=True)
    """Who asked for it: a function, not a name."""
    approved_by: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Two who approved."""
    risk = models.TextField(default="", blank=True)
    """The risk assessment, or where it lies."""
    registered_by = models.CharField(max_length=64)
    registered_at = MomentField()
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="change")

    class Meta:
        db_table_comment = "Registered changes of systems"


class HistoryKind(StrEnum):
    """What `vigie import history` takes."""

    DECISION = "decision"
    NOTICE = "notice"
    STRIKE = "strike"
    BLOCKLIST = "blocklist"


class ImportedRecord(AppendOnly):
    """A row of another tool's history: asserted, not witnessed."""

    kind = CodeField(max_length=16)
    source = models.CharField(max_length=100)
    """Which tool, as the operator calls it."""
    external_id = IdField()
    service = IdField(default="default")
    item_id = IdField(default="", blank=True)
    author = models.CharField(max_length=64, default="", blank=True)
    """Keyed pseudonym."""
    at = MomentField()
    data: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="imported")
    """The log's record of the file that it came from."""

    class Meta:
        db_table_comment = "History taken over from other tools"
        indexes: ClassVar = [
            models.Index(fields=["author"], name="imported_author"),
            models.Index(fields=["service", "item_id"], name="imported_item"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "source", "external_id"], name="imported_once")
        ]
