# SPDX-License-Identifier: Apache-2.0
"""The day of a search: who came with which warrant, what was seen, what was taken."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.db import models

from vigie.store.append_only import AppendOnly, Row
from vigie.store.fields import CodeField, MomentField
from vigie.store.models.accounts import User
from vigie.store.models.authorities import Authority
from vigie.store.models.ledger import Record
from vigie.store.models.matters import Matter


class SearchDay(Row):
    """One search, from the first record to the closing checkpoint."""

    number = models.BigIntegerField(primary_key=True)
    """People see `S-<number>`."""
    authority = models.ForeignKey(
        Authority, null=True, blank=True, on_delete=models.PROTECT, related_name="searches"
    )
    authority_name = models.CharField(max_length=300)
    warrant = models.CharField(max_length=300)
    """Court, reference, date."""
    scope: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    """Services, items, authors, orders, period: what the warrant names."""
    scope_text = models.TextField()
    """The scope in the warrant's words."""
    persons: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    counsel = models.CharField(max_length=300, default="", blank=True)
    counsel_called_at = MomentField(null=True, blank=True)
    matter = models.ForeignKey(
        Matter, null=True, blank=True, on_delete=models.PROTECT, related_name="searches"
    )
    opened_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = MomentField()
    closed_at = MomentField(null=True, blank=True)
    checkpoint_open = models.TextField(default="", blank=True)
    checkpoint_close = models.TextField(default="", blank=True)
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="search_day")
    closing = models.OneToOneField(
        Record, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """Its last record: the closing checkpoint covers it."""

    class Meta:
        db_table_comment = "Searches by authorities"


class SearchEntryKind(StrEnum):
    """What is written down while officers are in the house."""

    PERSON = "person"
    EVENT = "event"
    OBJECT = "object"
    """A thing that was taken: serial number, seal."""
    COPY = "copy"
    """A copy that was made: hash, seal."""
    PRIVILEGED = "privileged"
    """A document marked as counsel's: set apart, listed, not opened."""


class SearchEntry(AppendOnly):
    """One line of the day's record; a mistake is corrected by another line."""

    search = models.ForeignKey(SearchDay, on_delete=models.PROTECT, related_name="entries")
    kind = CodeField(max_length=16)
    label = models.CharField(max_length=300)
    serial = models.CharField(max_length=200, default="", blank=True)
    sha256 = models.CharField(max_length=64, default="", blank=True)
    seal = models.CharField(max_length=200, default="", blank=True)
    note = models.TextField(default="", blank=True)
    by = models.CharField(max_length=64)
    happened_at = MomentField()
    at = MomentField()
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table_comment = "Record of a search, line by line"


class OfficerAccess(Row):
    """A read-only account of an officer: bound to the scope, ended by time."""

    search = models.ForeignKey(SearchDay, on_delete=models.PROTECT, related_name="officers")
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="officer")
    label = models.CharField(max_length=200)
    """Name and office, as on the identity card shown."""
    begins_at = MomentField()
    ends_at = MomentField()
    ended_at = MomentField(null=True, blank=True)

    class Meta:
        db_table_comment = "Officers' accounts"


class OfficerView(AppendOnly):
    """One page or record that an officer saw."""

    access = models.ForeignKey(OfficerAccess, on_delete=models.PROTECT, related_name="views")
    what = models.CharField(max_length=300)
    at = MomentField()
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table_comment = "What officers saw"
