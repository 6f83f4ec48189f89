# SPDX-License-Identifier: Apache-2.0
"""By what the sender of an order was proven, and what left in an emergency."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import AppendOnly
from vigie.store.fields import CodeField, MomentField
from vigie.store.models.accounts import User
from vigie.store.models.authorities import AuthorityContact
from vigie.store.models.ledger import Record
from vigie.store.models.orders import Order


class OrderProof(AppendOnly):
    """One proof of an order's sender, bound to what the order asked for at that time."""

    MUTABLE: ClassVar[frozenset[str]] = frozenset({"withdrawn_at", "withdrawn_by", "withdrawn_why"})

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="proofs")
    proof = CodeField(max_length=20)
    """A word of `Proof`."""
    contact = models.ForeignKey(AuthorityContact, on_delete=models.PROTECT, related_name="proofs")
    """The entry of the directory that it rests on: no proof without one."""
    qualified = models.BooleanField(default=False)
    """Of a signature: qualified under Regulation (EU) 910/2014."""
    scope_sha256 = models.CharField(max_length=64)
    """Digest of what the order asked for; where that changes, the proof lapses."""
    detail: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    note = models.TextField(default="", blank=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """Null: a machine verified it."""
    at = MomentField()
    withdrawn_at = MomentField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_why = models.TextField(default="", blank=True)
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="order_proof")

    class Meta:
        db_table_comment = "Proofs of the senders of orders"


class EmergencyRelease(AppendOnly):
    """What two persons let out in an emergency, until a third one has looked at it."""

    MUTABLE: ClassVar[frozenset[str]] = frozenset(
        {"reviewed_at", "reviewed_by", "finding", "review_note"}
    )

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="releases")
    data: models.JSONField[list[int], list[int]] = models.JSONField()
    """Keys of the rows of `OrderData` that were granted."""
    reason = models.TextField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = MomentField()
    reviewed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = MomentField(null=True, blank=True)
    finding = CodeField(max_length=16, default="", blank=True)
    """`justified` or `unjustified`."""
    review_note = models.TextField(default="", blank=True)
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="release")

    class Meta:
        db_table_comment = "Disclosures in emergencies and their review"
