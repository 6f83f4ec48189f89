# SPDX-License-Identifier: Apache-2.0
"""Courts, police units and regulators that write to the operator, and how they are reached."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.db import models

from vigie.store.append_only import Row
from vigie.store.fields import CodeField, MomentField
from vigie.store.models.accounts import User


class AuthorityKind(StrEnum):
    """What an authority is."""

    COURT = "court"
    PROSECUTOR = "prosecutor"
    POLICE = "police"
    REGULATOR = "regulator"
    DATA_PROTECTION = "data_protection"
    REFERRAL_UNIT = "referral_unit"
    """It refers, it orders nothing."""
    OTHER = "other"


class Authority(Row):
    """One authority of the sender directory."""

    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    """ISO 3166; `EU` for bodies of the Union."""
    kind = CodeField(max_length=16)
    note = models.TextField(default="", blank=True)
    created_by = models.CharField(max_length=64)
    created_at = MomentField()
    closed_at = MomentField(null=True, blank=True)

    class Meta:
        db_table_comment = "Sender directory: authorities"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["country", "name"], name="authority_once")
        ]


class ContactKind(StrEnum):
    """Ways to reach an authority, or to know it."""

    PHONE = "phone"
    MAIL = "mail"
    POST = "post"
    CERTIFICATE = "certificate"
    """SHA-256 of a signing certificate."""
    EEVIDENCE = "eevidence"
    """Its identifier in the decentralised system of Regulation (EU) 2023/1543."""


class AuthorityContact(Row):
    """One way to reach an authority, with where it was found: never with an order itself."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="contacts")
    kind = CodeField(max_length=16)
    value = models.CharField(max_length=500)
    source = models.TextField()
    """The public source: a list, a gazette, the authority's own site."""
    declared = models.BooleanField(default=False)
    """Named by the Member State for removal orders (Art. 12 Reg. (EU) 2021/784)."""
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = MomentField()
    checked_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """A second person who looked it up in the source."""
    checked_at = MomentField(null=True, blank=True)
    withdrawn_at = MomentField(null=True, blank=True)
    seen_in: models.JSONField[list[int], list[int]] = models.JSONField(default=list)
    """Orders that named it before it was entered here: then it may come from their sender."""

    class Meta:
        db_table_comment = "Contacts of authorities, with their source"
        indexes: ClassVar = [models.Index(fields=["kind", "value"], name="contact_value")]
