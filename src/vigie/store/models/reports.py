# SPDX-License-Identifier: Apache-2.0
"""Reports that the operator owes authorities of its own accord, with their receipts."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import Row
from vigie.store.fields import CodeField, MomentField
from vigie.store.models.accounts import User
from vigie.store.models.authorities import AuthorityContact
from vigie.store.models.decisions import DecisionRecord
from vigie.store.models.ledger import Record
from vigie.store.models.vault import Evidence


class ReportKind(StrEnum):
    """To whom, under which duty."""

    ART18 = "art18"
    """Suspicion of a threat to life or safety (Art. 18 DSA)."""
    CYBERTIP = "cybertip"
    """CyberTipline (18 U.S.C. 2258A)."""


class ReportState(StrEnum):
    """Nothing is called reported before its receipt is stored."""

    DRAFT = "draft"
    READY = "ready"
    """Approved; `jobs` sends it."""
    OPEN = "open"
    """The other side gave it a number; not finished there."""
    SENT = "sent"
    """Left by mail, or a person noted how; no receipt yet."""
    REPORTED = "reported"
    """Its receipt is stored."""
    FAILED = "failed"
    RETRACTED = "retracted"


class AuthorityReport(Row):
    """One report."""

    number = models.BigIntegerField(primary_key=True)
    """People see `R-<number>`."""
    kind = CodeField(max_length=16)
    state = CodeField(max_length=16, default=ReportState.DRAFT)
    decision = models.ForeignKey(
        DecisionRecord, null=True, blank=True, on_delete=models.PROTECT, related_name="reports"
    )
    country = models.CharField(max_length=2, default="", blank=True)
    """Member State concerned; empty: not known, so Europol (Art. 18(2) DSA)."""
    contact = models.ForeignKey(
        AuthorityContact, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    fields: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """Values of its form; erased at the end of its term."""
    external_id = models.CharField(max_length=100, default="", blank=True)
    receipt: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    problem = CodeField(default="", blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try = MomentField(default=0)
    awareness_at = MomentField()
    """When the operator knew: the clock starts here."""
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = MomentField()
    sent_at = MomentField(null=True, blank=True)
    reported_at = MomentField(null=True, blank=True)
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="report")

    class Meta:
        db_table_comment = "Reports to authorities"
        indexes: ClassVar = [models.Index(fields=["state", "next_try"], name="report_due")]


class ReportFile(Row):
    """A file of a report: its digests always, its bytes only where they are in custody."""

    report = models.ForeignKey(AuthorityReport, on_delete=models.CASCADE, related_name="files")
    position = models.PositiveIntegerField()
    evidence = models.ForeignKey(
        Evidence, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    hashes: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    url = models.TextField(default="", blank=True)
    viewed = models.BooleanField(default=False)
    """A person of the operator saw it: must be true to fact."""
    details: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    external_id = models.CharField(max_length=100, default="", blank=True)
    state = CodeField(max_length=16, default="waiting")
    """`waiting`, `uploaded`, `described`, `not_sent`."""

    class Meta:
        db_table_comment = "Files of reports"
