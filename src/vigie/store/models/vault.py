# SPDX-License-Identifier: Apache-2.0
"""What is sealed as evidence: one key per record, and everything that was done with it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import AppendOnly, Row
from vigie.store.fields import CodeField, IdField, MomentField
from vigie.store.models.accounts import User
from vigie.store.models.decisions import DecisionRecord
from vigie.store.models.ledger import Record
from vigie.store.models.orders import Order


class VaultEpoch(Row):
    """A period of the vault's keys; only its public part is here."""

    number = models.PositiveIntegerField(primary_key=True)
    lane = CodeField(max_length=16)
    """`general` or `child`: two lanes never share a recipient."""
    recipients: models.JSONField[list[str], list[str]] = models.JSONField()
    """age public keys: the epoch's, then the escrow's; of lane `child` the epoch's, then its
    officers' as `<account>:<key>`: there the epoch's private half exists for pairs of them only."""
    created_at = MomentField()
    rotated_at = MomentField(null=True, blank=True)
    destroyed_at = MomentField(null=True, blank=True)
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="epoch")

    class Meta:
        db_table_comment = "Epochs of the vault's keys, public parts"


class EvidenceKind(StrEnum):
    """What was sealed."""

    MEDIA = "media"
    """Original bytes."""
    CONTEXT = "context"
    """Item, thread, verdicts: as they stood."""
    ACCOUNT = "account"
    """Account data, within an order's scope."""
    DOCUMENT = "document"
    EXCERPT = "excerpt"
    """Of what the AI gateway stopped: what decided it, and a little around it."""


class Evidence(Row):
    """One sealed record: ciphertext in the vault's folder, its key wrapped here."""

    evidence_id = models.CharField(max_length=32, primary_key=True)
    """128 random bits, hexadecimal; people see `E-<number>`."""
    number = models.BigIntegerField(unique=True)
    kind = CodeField(max_length=16)
    cls = CodeField(max_length=16, default="", blank=True)
    """Class of the content, as decisions have it; `child` has its own lane."""
    lane = CodeField(max_length=16, default="general")
    rule = CodeField()
    """Retention rule of `evidence.terms`."""
    basis = models.TextField()
    service = IdField(default="default")
    item_id = IdField(default="", blank=True)
    author = models.CharField(max_length=64, default="", blank=True)
    """Keyed pseudonym."""
    decision = models.ForeignKey(
        DecisionRecord, null=True, blank=True, on_delete=models.PROTECT, related_name="evidence"
    )
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="evidence"
    )
    mime = models.CharField(max_length=100, default="", blank=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, default="", blank=True)
    """Of the original bytes; blanked when shredded."""
    meta: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """Other digests, address, times; blanked when shredded."""
    recipient = models.CharField(max_length=70)
    """The record's own age public key."""
    file = models.CharField(max_length=200)
    epoch = models.ForeignKey(VaultEpoch, on_delete=models.PROTECT, related_name="evidence")
    wrapped: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """The record's identity, age-encrypted to epoch and escrow; deleting it shreds."""
    sealed_at = MomentField()
    keep_until = MomentField()
    """Minimum of its rule."""
    purge_at = MomentField()
    """Maximum of its rule: then it is shredded unless a hold stands."""
    shredded_at = MomentField(null=True, blank=True)
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="evidence")

    class Meta:
        db_table_comment = "Sealed evidence"
        indexes: ClassVar = [
            models.Index(fields=["service", "item_id"], name="evidence_item"),
            models.Index(fields=["author"], name="evidence_author"),
            models.Index(fields=["shredded_at", "purge_at"], name="evidence_purge"),
        ]


class CustodyKind(StrEnum):
    """What happens to evidence."""

    SEALED = "sealed"
    OPENED = "opened"
    COPIED = "copied"
    """Its copy went into a package or a report."""
    HELD = "held"
    REWRAPPED = "rewrapped"
    REFUSED = "refused"
    SHREDDED = "shredded"


class CustodyEvent(AppendOnly):
    """One event of custody; its record is in the log before a byte leaves."""

    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="custody")
    kind = CodeField(max_length=16)
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    second = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    by = models.CharField(max_length=64)
    """Role numbers, or `vigie`."""
    reason = models.TextField(default="", blank=True)
    ticket = models.CharField(max_length=100, default="", blank=True)
    at = MomentField()
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="custody")

    class Meta:
        db_table_comment = "Custody of evidence"
        indexes: ClassVar = [models.Index(fields=["user", "kind", "at"], name="custody_user")]


class VaultGrant(Row):
    """Leave to open one piece of evidence once, for at most an hour."""

    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField()
    ticket = models.CharField(max_length=100, default="", blank=True)
    purpose = CodeField(max_length=16, default="look")
    """`look`, `package`, `report`, or `excerpt` of something the gateway stopped."""
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="grants"
    )
    stepped_at = MomentField(null=True, blank=True)
    """When each of the two proved anew who they are."""
    second_stepped_at = MomentField(null=True, blank=True)
    granted_at = MomentField()
    expires_at = MomentField()
    used_at = MomentField(null=True, blank=True)
    """When the vault process opened by it: once."""
    record = models.OneToOneField(
        Record, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """The access in the log: without it nothing opens."""

    class Meta:
        db_table_comment = "Leaves to open evidence"


class CustodyBasis(Row):
    """Counsel's recorded basis for keeping bytes of class `child`: holder and end."""

    basis = models.TextField()
    holder = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    ends_at = MomentField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = MomentField()
    ended_at = MomentField(null=True, blank=True)
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table_comment = "Why bytes of class child may be kept"


class EvidencePackage(AppendOnly):
    """A package that left, as the log knows it."""

    MUTABLE: ClassVar[frozenset[str]] = frozenset({"handed_at", "handed_note"})

    package_id = models.CharField(max_length=64, primary_key=True)
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="packages"
    )
    search = models.BigIntegerField(null=True, blank=True)
    """Number of a search day."""
    recipient = models.CharField(max_length=200)
    """The age public key it was encrypted to."""
    tagmanifest_sha512 = models.CharField(max_length=128)
    records = models.PositiveIntegerField()
    size = models.BigIntegerField()
    made_by = models.CharField(max_length=64)
    at = MomentField()
    handed_at = MomentField(null=True, blank=True)
    handed_note = models.CharField(max_length=300, default="", blank=True)
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="package")

    class Meta:
        db_table_comment = "Evidence packages"
