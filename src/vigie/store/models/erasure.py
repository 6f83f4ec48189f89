# SPDX-License-Identifier: Apache-2.0
"""What must stay, and what was erased."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import AppendOnly, Row
from vigie.store.fields import CodeField, IdField, MomentField
from vigie.store.models.ledger import Record


class ErasureSubject(StrEnum):
    """What an erasure or a hold is about."""

    ITEM = "item"
    AUTHOR = "author"
    NOTIFIER = "notifier"
    """Somebody who gave notice or complained, found by their mail address."""


class Hold(Row):
    """A duty to keep: nothing it covers is deleted by term, person or command."""

    subject = CodeField(max_length=16)
    """A word of `ErasureSubject`."""
    service = IdField()
    item_id = IdField(default="", blank=True)
    author = models.CharField(max_length=64, default="", blank=True)
    """Keyed pseudonym."""
    basis = models.TextField()
    """Provision or order that asks for it."""
    owner = models.CharField(max_length=100)
    review_at = MomentField()
    """When somebody must ask again whether it is needed."""
    placed_at = MomentField()
    lifted_at = MomentField(null=True, blank=True)

    class Meta:
        db_table_comment = "Holds: what must not be deleted"
        indexes: ClassVar = [
            models.Index(fields=["service", "item_id"], name="hold_item"),
            models.Index(fields=["author"], name="hold_author"),
        ]


class PendingPurge(Row):
    """What an erasure still has to do in the journals; gone when it is done.

    A journal belongs to its writer and `jobs`: the verb erases the store at
    once and leaves this; `jobs` folds, erases again what came in, deletes the
    journal rows and empties the write-ahead files within a minute.
    """

    subject = CodeField(max_length=16)
    service = IdField()
    item_id = IdField(default="", blank=True)
    author = models.CharField(max_length=64, default="", blank=True)
    besides: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Items of the author that stay for now."""
    asked_at = MomentField()
    basis = models.CharField(max_length=200)
    requested_by = models.CharField(max_length=100)

    class Meta:
        db_table_comment = "Erasures that journals still wait for"


class Erasure(AppendOnly):
    """One run of the deletion function: what went, why, on whose word."""

    subject = CodeField(max_length=16)
    basis = models.CharField(max_length=200)
    """`retention`, or the request's legal basis."""
    requested_by = models.CharField(max_length=100)
    counts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """Rows by table; no identifiers of what was erased."""
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="+")
    at = MomentField()

    class Meta:
        db_table_comment = "Erasures, as recorded in the log"
