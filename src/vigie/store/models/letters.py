# SPDX-License-Identifier: Apache-2.0
"""Mails: what is said to whom; the task that carries it says what became of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import Row
from vigie.store.fields import CodeField, MomentField
from vigie.store.models.appeals import Appeal
from vigie.store.models.notices import Notice
from vigie.store.models.tasks import OutgoingTask


class Letter(Row):
    """One mail. Address and content are erasable; the task's states stay."""

    task = models.OneToOneField(OutgoingTask, on_delete=models.CASCADE, related_name="letter")
    template = CodeField()
    """Name of a template, which the operator can change."""
    language = models.CharField(max_length=5)
    to = models.CharField(max_length=254, default="", blank=True)
    context: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """Values for the template: numbers, addresses of pages; never content of items."""
    notice = models.ForeignKey(
        Notice, null=True, blank=True, on_delete=models.CASCADE, related_name="letters"
    )
    appeal = models.ForeignKey(
        Appeal, null=True, blank=True, on_delete=models.CASCADE, related_name="letters"
    )
    written_at = MomentField()

    class Meta:
        db_table_comment = "Mails"
        indexes: ClassVar = [models.Index(fields=["to"], name="letter_to")]
