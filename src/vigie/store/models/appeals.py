# SPDX-License-Identifier: Apache-2.0
"""Appeals (Art. 20 DSA) and out-of-court disputes (Art. 21)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import Row
from vigie.store.fields import CodeField, MomentField
from vigie.store.models.cases import Case
from vigie.store.models.decisions import DecisionRecord
from vigie.store.models.ledger import Record
from vigie.store.models.notices import NoticeItem
from vigie.store.models.strikes import Measure


class AppealState(StrEnum):
    """Where it stands. Only a person closes one, never a program."""

    LODGED = "lodged"
    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class AppealBy(StrEnum):
    """Who contests."""

    AUTHOR = "author"
    NOTIFIER = "notifier"


class Appeal(Row):
    """Somebody contests a decision; another person than the first decides again."""

    number = models.BigIntegerField(primary_key=True)
    """People see `A-<number>`."""
    by = CodeField(max_length=16)
    state = CodeField(max_length=16, default=AppealState.LODGED)
    decision = models.ForeignKey(DecisionRecord, on_delete=models.PROTECT, related_name="appeals")
    """What is contested."""
    notice_item = models.ForeignKey(
        NoticeItem, null=True, blank=True, on_delete=models.PROTECT, related_name="appeals"
    )
    """The refused notice, where a notifier contests."""
    measure = models.ForeignKey(
        Measure, null=True, blank=True, on_delete=models.PROTECT, related_name="appeals"
    )
    """The suspension that is contested, where it is one."""
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="appeal")
    first_decider = models.CharField(max_length=64, default="", blank=True)
    """User name; they can never resolve it. Empty where a machine decided."""
    grounds = models.TextField(default="", blank=True)
    """The person's own words; erasable."""
    hearing = models.BooleanField(default=False)
    """The person wishes to be heard before it is decided."""
    heard = models.TextField(default="", blank=True)
    """How they were heard, or why not, in the reviewer's words; erasable."""
    email = models.CharField(max_length=254, default="", blank=True)
    language = models.CharField(max_length=5, default="en")
    channel = CodeField(max_length=16)
    code_digest = models.CharField(max_length=64, unique=True)
    received_at = MomentField()
    resolved_at = MomentField(null=True, blank=True)
    resolved_by = models.CharField(max_length=64, default="", blank=True)
    answer = models.TextField(default="", blank=True)
    """What the person is told, in the reviewer's words; erasable."""
    outcome_decision = models.ForeignKey(
        DecisionRecord, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reversed: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """What a reversal took back: `visibility`, `strikes`, `measures`, `media`."""
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="appeal")
    log_index = models.BigIntegerField()
    receipt: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    class Meta:
        db_table_comment = "Appeals"
        indexes: ClassVar = [
            models.Index(fields=["state", "received_at"], name="appeal_state"),
            models.Index(fields=["state", "resolved_at"], name="appeal_resolved"),
        ]

    @property
    def label(self) -> str:
        """The short number as people say it."""
        return f"A-{self.number}"


class DisputeBody(Row):
    """A certified out-of-court body that the operator names (Art. 21(3))."""

    name = models.CharField(max_length=200, unique=True)
    url = models.URLField(max_length=500)
    languages: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    subjects = models.TextField(default="", blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        db_table_comment = "Out-of-court dispute settlement bodies"


class Dispute(Row):
    """A case before an out-of-court body and what came of it."""

    decision = models.ForeignKey(DecisionRecord, on_delete=models.PROTECT, related_name="disputes")
    appeal = models.ForeignKey(
        Appeal, null=True, blank=True, on_delete=models.PROTECT, related_name="disputes"
    )
    body = models.ForeignKey(DisputeBody, on_delete=models.PROTECT, related_name="disputes")
    reference = models.CharField(max_length=100, default="", blank=True)
    opened_at = MomentField()
    due_at = MomentField(null=True, blank=True)
    """90 days, at most 180, on the body's side."""
    outcome = CodeField(default="", blank=True)
    """`upheld`, `overturned`, `withdrawn`; empty while it lasts."""
    implemented = models.BooleanField(null=True, blank=True)
    closed_at = MomentField(null=True, blank=True)
    recorded_by = models.CharField(max_length=64)

    class Meta:
        db_table_comment = "Disputes before out-of-court bodies"
