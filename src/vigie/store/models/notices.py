# SPDX-License-Identifier: Apache-2.0
"""Notices (Art. 16 DSA), reports under the terms, and those who file them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import Row
from vigie.store.fields import CodeField, IdField, MomentField
from vigie.store.models.access import ApiKey
from vigie.store.models.cases import Case
from vigie.store.models.decisions import DecisionRecord
from vigie.store.models.ledger import Record


class NoticeKind(StrEnum):
    """Under which rule it came; the two stay distinct in every count."""

    ILLEGAL = "illegal"
    """Art. 16 DSA: somebody holds it for illegal content."""
    TERMS = "terms"
    """A report under the operator's terms."""


class NoticeState(StrEnum):
    """Where it stands."""

    RECEIVED = "received"
    DECIDED = "decided"
    """Every item of it is decided and the notifier was answered."""
    CLOSED = "closed"
    """Nothing can be decided any more: erased, or withdrawn by the notifier."""


class TrustedFlagger(Row):
    """An entity with the status of Art. 22 DSA, and the key it uses."""

    name = models.CharField(max_length=200, unique=True)
    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="flaggers")
    source = models.TextField()
    """Where the status stands: the coordinator's decision, the public list."""
    valid_from = MomentField()
    valid_until = MomentField(null=True, blank=True)
    created_by = models.CharField(max_length=64)

    class Meta:
        db_table_comment = "Trusted flaggers"


class Notice(Row):
    """One notice. Name, mail and words are erasable; the record's entry stays."""

    number = models.BigIntegerField(primary_key=True)
    """People see `N-<number>`."""
    kind = CodeField(max_length=16, default=NoticeKind.ILLEGAL)
    state = CodeField(max_length=16, default=NoticeState.RECEIVED)
    channel = CodeField(max_length=16)
    """`portal`, `api` (the platform's own button) or `flagger`."""
    service = IdField(default="default")
    category = CodeField()
    """A category of `law.categories`."""
    explanation = models.TextField(default="", blank=True)
    good_faith = models.BooleanField(default=False)
    """Art. 16(2)(d)."""
    name = models.CharField(max_length=200, default="", blank=True)
    email = models.CharField(max_length=254, default="", blank=True)
    on_behalf = models.BooleanField(default=False)
    """Somebody whom the victim trusts acts for her."""
    under_age = models.BooleanField(default=False)
    """The person shown is under 18: the child category's rules hold."""
    notifier = models.CharField(max_length=64, default="", blank=True, db_index=True)
    """Keyed pseudonym of the notifier, for limits and Art. 23(2)."""
    language = models.CharField(max_length=5, default="en")
    country = models.CharField(max_length=2, default="", blank=True)
    hashes: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list
    )
    """Computed by the notifier's browser: `{"pdq", "quality"}`. They find, never decide."""
    complete = models.BooleanField(default=False)
    """All elements of Art. 16(2) were there at receipt."""
    missing: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    flagger = models.ForeignKey(
        TrustedFlagger, null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    """Status at the time of receipt."""
    code_digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the tracking code; the code itself is derived and never stored."""
    fingerprint = models.CharField(max_length=64, db_index=True)
    """Of notifier, category and locations: the same form sent again is found."""
    received_at = MomentField()
    decided_at = MomentField(null=True, blank=True)
    unfounded = models.BooleanField(default=False)
    """A person called it manifestly unfounded (Art. 23(2))."""
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="notice")
    log_index = models.BigIntegerField()
    receipt: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """The promise of inclusion as given out, with its opening."""

    class Meta:
        db_table_comment = "Notices and reports under the terms"
        indexes: ClassVar = [models.Index(fields=["state", "received_at"], name="notice_state")]

    @property
    def label(self) -> str:
        """The short number as people say it."""
        return f"N-{self.number}"


class NoticeItem(Row):
    """One location of a notice, and what was decided about it."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    location = models.TextField()
    """Exact address, or the platform's own number of the item; erasable."""
    item_id = IdField(default="", blank=True)
    """The item, where the location names one that Vigie knows."""
    case = models.ForeignKey(
        Case, null=True, blank=True, on_delete=models.PROTECT, related_name="notice_items"
    )
    """Notices about the same item share its case; each is answered."""
    outcome = CodeField(default="", blank=True)
    """What came of it, empty until then: `restricted`, `not_restricted`, `gone`."""
    decision = models.ForeignKey(
        DecisionRecord, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = MomentField(null=True, blank=True)

    class Meta:
        db_table_comment = "Locations of notices"
        indexes: ClassVar = [models.Index(fields=["item_id"], name="notice_item_item")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "position"], name="notice_item_once")
        ]


class NoticeDraft(Row):
    """A form that somebody has begun: nothing typed is lost, and it ends by itself."""

    code_digest = models.CharField(max_length=64, unique=True)
    data: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    expires_at = MomentField(db_index=True)

    class Meta:
        db_table_comment = "Unfinished notices; erased after a week"


class SealedFile(Row):
    """An attachment: matched against the lists, then sealed before anyone can open it."""

    notice = models.ForeignKey(
        Notice, null=True, blank=True, on_delete=models.CASCADE, related_name="files"
    )
    name = models.CharField(max_length=200)
    mime = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    matched = models.BooleanField(default=False)
    """True: it met a list of class `child`; its bytes were dropped unseen."""
    met = CodeField(default="", blank=True)
    """Class of another list that it met, for the person who opens it."""
    file = models.CharField(max_length=200, default="", blank=True)
    """Path of the sealed bytes below the data folder; empty once gone."""
    wrapped_key = models.TextField(default="", blank=True)
    """The file's own key, sealed to the installation's; without it the bytes say nothing."""
    at = MomentField()

    class Meta:
        db_table_comment = "Sealed attachments of notices"


class RateBucket(Row):
    """How much a network prefix may still send; keys are keyed digests of the day."""

    key = models.CharField(max_length=64, primary_key=True)
    tokens = models.FloatField()
    at = MomentField(db_index=True)

    class Meta:
        db_table_comment = "Rate limits of the public forms"
