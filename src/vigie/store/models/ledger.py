# SPDX-License-Identifier: Apache-2.0
"""Records and the log that proves them.

A `Record` is the RFC 8785 bytes that a 33-byte entry commits to. Entries stay
for ever; a record's personal values are commitments, and its key (with it the
salt) can be erased while every proof stays valid.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import AppendOnly, Row
from vigie.store.fields import CodeField, MomentField


class Record(AppendOnly):
    """One recorded event: `decision.made`, `policy.published`, `segment.sealed`, ..."""

    record_id = models.CharField(max_length=32, primary_key=True)
    """128 random bits, hexadecimal: `id` inside the record."""
    kind = CodeField()
    """Event tag, `subject.verb`: `k` inside the record."""
    at = MomentField()
    """`t` inside the record."""
    content = models.BinaryField()
    """The canonical bytes (RFC 8785)."""

    class Meta:
        db_table_comment = "Canonical bytes of what the log commits to"
        indexes: ClassVar = [models.Index(fields=["kind", "at"], name="record_kind_at")]

    @property
    def canonical(self) -> bytes:
        """The record's bytes, whatever the driver returns."""
        return bytes(self.content)


class RecordKey(Row):
    """The 32-byte key of one record, from which its salts come. Erasable."""

    record = models.OneToOneField(
        Record, primary_key=True, on_delete=models.CASCADE, related_name="key"
    )
    key = models.BinaryField()
    fields: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """The values behind the record's commitments, by path; erased with the key."""

    class Meta:
        db_table_comment = "Keys of records; erasing one makes its openings impossible"


class LogEntry(AppendOnly):
    """One leaf of the log, in order, without gaps."""

    index = models.BigIntegerField(primary_key=True)
    entry = models.BinaryField()
    """33 bytes: 0x01 and a salted commitment."""
    record = models.OneToOneField(Record, null=True, on_delete=models.PROTECT, related_name="entry")

    promised_until = MomentField(null=True)
    """End of the earliest promise that a receipt made about it."""
    since = MomentField()
    """When the oldest decision that it commits to was answered."""

    class Meta:
        db_table_comment = "Leaves of the transparency log"


class PublishedCheckpoint(AppendOnly):
    """A checkpoint that was signed and published (its file is the first witness)."""

    size = models.BigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)
    note = models.TextField()
    """The signed note, verbatim."""
    at = MomentField()

    class Meta:
        db_table_comment = "Signed checkpoints of the log"


class BrokenPromise(AppendOnly):
    """A receipt whose term passed before a checkpoint held its entry."""

    log_index = models.BigIntegerField()
    """The entry that came too late: a decision's, or a whole segment's."""
    not_after = MomentField()
    kept_at = MomentField()
    """When a checkpoint held the entry after all."""
    reason = models.TextField()
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table_comment = "Promises of inclusion that were not kept in time"


class TimeAnchor(AppendOnly):
    """A time stamp (RFC 3161) on a checkpoint, verified when it came."""

    size = models.BigIntegerField(db_index=True)
    """Of the checkpoint."""
    authority = models.CharField(max_length=200)
    """The time-stamp authority, as the settings name it."""
    token = models.BinaryField()
    """The response, as it came."""
    chain = models.TextField(default="", blank=True)
    """Certificates, PEM."""
    gen_time = MomentField()
    at = MomentField()
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="anchor")
    """Logged again: what comes after it is later than its time."""

    class Meta:
        db_table_comment = "Time stamps on checkpoints"


class Cosignature(AppendOnly):
    """A witness's line under a checkpoint."""

    size = models.BigIntegerField()
    witness = models.CharField(max_length=200)
    line = models.TextField()
    at = MomentField()

    class Meta:
        db_table_comment = "Cosignatures of witnesses"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["size", "witness"], name="cosignature_once")
        ]


class Unreached(Row):
    """An outside party of the log that does not answer: since when, and what waits."""

    party = models.CharField(max_length=200, primary_key=True)
    kind = CodeField(max_length=16)
    """`witness` or `tsa`."""
    since = MomentField()
    attempts = models.PositiveIntegerField(default=0)
    next_try = MomentField()
    problem = CodeField(default="", blank=True)

    class Meta:
        db_table_comment = "Witnesses and time-stamp authorities that do not answer"
