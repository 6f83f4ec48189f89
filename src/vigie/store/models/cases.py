# SPDX-License-Identifier: Apache-2.0
"""What waits for a person."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import Row
from vigie.store.fields import CodeField, MomentField
from vigie.store.models.decisions import DecisionRecord


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    DECIDED = "decided"
    CANCELLED = "cancelled"
    """The item was erased or a later version stands in its place."""


class Queue(StrEnum):
    """Who may see it."""

    GENERAL = "general"
    CHILD = "child"
    """Never shown with the general queue; holds hashes and references only."""


class Case(Row):
    """A proposal that waits for a person, or a match that must be followed up."""

    decision = models.OneToOneField(DecisionRecord, on_delete=models.PROTECT, related_name="case")
    queue = CodeField(max_length=16, default=Queue.GENERAL)
    state = CodeField(max_length=16, default=CaseState.OPEN)
    policy = models.CharField(max_length=100, default="", blank=True)
    ground: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """`{"offence": id}` or `{"terms": clause}`: what the proposal rests on."""
    territories: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Where the proposal would hold: territories of the ground."""
    action = CodeField(default="")
    """Proposed action, a code of `core.actions.ActionKind`."""
    proposals: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list
    )
    """All proposed actions as made; the columns above are those of the strictest."""
    one_click = models.BooleanField(default=False)
    """The law entry's confidence is high and its text was checked."""
    facts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """Class `child`: hashes, list names, time, location, account reference."""
    opened_at = MomentField()
    closed_at = MomentField(null=True, blank=True)
    decided_by = models.CharField(max_length=64, default="", blank=True)
    outcome_decision = models.ForeignKey(
        DecisionRecord, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """The person's decision that closed it."""

    class Meta:
        db_table_comment = "Cases that wait for a person"
        indexes: ClassVar = [models.Index(fields=["state", "queue", "opened_at"], name="case_open")]
