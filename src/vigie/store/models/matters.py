# SPDX-License-Identifier: Apache-2.0
"""Proceedings: what was asked, what was answered and by whom it was approved."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.db import models

from vigie.store.append_only import AppendOnly, Row
from vigie.store.fields import CodeField, MomentField
from vigie.store.models.accounts import User
from vigie.store.models.authorities import Authority
from vigie.store.models.ledger import Record


class Matter(Row):
    """The file of one proceeding."""

    number = models.BigIntegerField(primary_key=True)
    """People see `M-<number>`."""
    title = models.CharField(max_length=200)
    authority = models.ForeignKey(
        Authority, null=True, blank=True, on_delete=models.PROTECT, related_name="matters"
    )
    reference = models.CharField(max_length=200, default="", blank=True)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = MomentField()
    closed_at = MomentField(null=True, blank=True)
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="matter")

    class Meta:
        db_table_comment = "Matter files"


class MatterEntryKind(StrEnum):
    """What stands in the file."""

    PERSON = "person"
    """Somebody concerned, and in what capacity."""
    INTERVIEW = "interview"
    """Also hearings: with their date."""
    QUESTION = "question"
    NOTE = "note"
    """A working note, not privileged."""


class MatterEntry(Row):
    """A person, an interview, a question or a note of a matter."""

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="entries")
    kind = CodeField(max_length=16)
    title = models.CharField(max_length=300)
    text = models.TextField(default="", blank=True)
    happens_at = MomentField(null=True, blank=True)
    """Of an interview: when; of a question: when it was asked."""
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = MomentField()
    removed_at = MomentField(null=True, blank=True)

    class Meta:
        db_table_comment = "Entries of matter files"


class MatterTextKind(StrEnum):
    """Texts that go out under the operator's name."""

    ANSWER = "answer"
    """To a question of the file."""
    STATEMENT = "statement"
    """The public statement, one per language."""


class MatterText(AppendOnly):
    """One version of an answer or of the public statement; the newest approved one counts."""

    MUTABLE: ClassVar[frozenset[str]] = frozenset({"approved_by", "approved_at", "given_at"})

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="texts")
    kind = CodeField(max_length=16)
    question = models.ForeignKey(
        MatterEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="answers"
    )
    language = models.CharField(max_length=5)
    version = models.PositiveIntegerField()
    text = models.TextField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = MomentField()
    approved_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """Another person than the author."""
    approved_at = MomentField(null=True, blank=True)
    given_at = MomentField(null=True, blank=True)
    """When it was handed over or published."""

    class Meta:
        db_table_comment = "Versions of answers and public statements"


class MatterDocument(Row):
    """A document of a matter, sealed like the attachments of notices."""

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="documents")
    name = models.CharField(max_length=200)
    mime = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=200, default="", blank=True)
    wrapped_key = models.TextField(default="", blank=True)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = MomentField()

    class Meta:
        db_table_comment = "Documents of matter files"


class MatterLink(Row):
    """Something of the house that belongs to a matter: an order, a report, sealed evidence."""

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="links")
    kind = CodeField(max_length=16)
    """`order`, `report`, `evidence`, `decision`, `search`, `package`."""
    target = models.CharField(max_length=100)
    at = MomentField()

    class Meta:
        db_table_comment = "What belongs to a matter"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["matter", "kind", "target"], name="matter_link_once")
        ]


class PrivilegedNote(Row):
    """A note between counsel and client: ciphertext to the legal role alone.

    It has no record, no log entry, no search row; of it only that it exists may
    be listed.
    """

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="privileged")
    ciphertext = models.BinaryField()
    """age file (v1)."""
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = MomentField()

    class Meta:
        db_table_comment = "Privileged notes, encrypted to the legal role"
