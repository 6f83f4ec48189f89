# SPDX-License-Identifier: Apache-2.0
"""Decisions with an effect, reviews, the sample, and all that a person decides."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from vigie.store.append_only import AppendOnly, Row
from vigie.store.fields import CodeField, IdField, MomentField
from vigie.store.models.ledger import Record


class DecisionKind(StrEnum):
    """Who decided."""

    MACHINE = "machine"
    PERSON = "person"
    NOTICE = "notice"
    """Nobody yet: a notice puts an item before a person; what stood still stands."""
    ORDER = "order"
    """A person carried out an order of an authority, or took back what was done for one."""


class DecisionRecord(AppendOnly):
    """One determination about one version of one item, as it was made.

    Harmless decisions are in archive segments only. People see `D-<number>`.
    """

    MUTABLE: ClassVar[frozenset[str]] = frozenset({"has_content", "superseded_by"})

    number = models.BigIntegerField(primary_key=True)
    """Short number, given in the order of recording."""
    decision_id = IdField(max_length=48, unique=True)
    """Writer, ordinal and 40 random bits; writer `s` for a person's decision."""
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="decision")
    log_index = models.BigIntegerField()
    """Index of its entry in the log."""
    kind = CodeField(max_length=16)
    """A word of `DecisionKind`."""
    service = IdField()
    item_id = IdField()
    version = models.BigIntegerField()
    surface = CodeField(max_length=32, default="")
    author = models.CharField(max_length=64, default="", blank=True)
    """Keyed pseudonym of the author."""
    language = models.CharField(max_length=16, default="", blank=True)
    outcome = CodeField(max_length=16)
    """A word of `core.actions.Outcome`."""
    cls = CodeField(max_length=32, default="", blank=True)
    """`child` keeps it out of general queues, previews and search."""
    offences: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Identifiers of law entries that are a ground."""
    territories: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Where an action holds or is proposed."""
    policies: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    media: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """`algorithm:hex` of each medium's hashes; erased after their term."""
    sample = models.BooleanField(default=False)
    """Kept only as part of the sample: no effect, no proposal."""
    at = MomentField()
    snapshot = models.BigIntegerField(default=0)
    body: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    """The decision as made, in the shape of the doors."""
    decided_by = models.CharField(max_length=64, default="", blank=True)
    """User name, for a person's decision."""
    reason = models.TextField(default="", blank=True)
    """What the person gave as reason; erased with the record's personal values."""
    supersedes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="successors"
    )
    superseded_by = models.BigIntegerField(null=True, blank=True)
    """Number of the decision in its place, if there is one."""
    duplicate_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="duplicates"
    )
    """The decision kept for the same item version or idempotency key."""
    stale = models.BooleanField(default=False)
    """A lower version came after a higher one: recorded, changes nothing."""
    has_content = models.BooleanField(default=False)
    """True while the text lives in `ItemContent`."""

    class Meta:
        db_table_comment = "Decisions that were recorded one by one"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["service", "item_id", "version"],
                condition=Q(kind="machine", duplicate_of__isnull=True),
                name="decision_version_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["outcome", "-number"], name="decision_outcome"),
            models.Index(fields=["service", "item_id", "-number"], name="decision_item"),
            models.Index(
                fields=["author", "-number"],
                name="decision_author",
                # PostgreSQL finds beginnings by it too; elsewhere this says nothing.
                opclasses=["varchar_pattern_ops", "int8_ops"],
            ),
            models.Index(fields=["at"], name="decision_at"),
            models.Index(
                fields=["item_id"], name="decision_item_begins", opclasses=["varchar_pattern_ops"]
            ),
            models.Index(fields=["item_id"], condition=Q(cls="child"), name="decision_child"),
            # Narrow copies of the rows, in order: the search walks them, not the bodies.
            models.Index(
                fields=[
                    "-number",
                    "cls",
                    "outcome",
                    "kind",
                    "surface",
                    "language",
                    "service",
                    "version",
                    "sample",
                    "superseded_by",
                    "at",
                    "author",
                    "decided_by",
                ],
                name="decision_search",
            ),
        ]

    @property
    def label(self) -> str:
        """The short number as people say it."""
        return f"D-{self.number}"


class ItemContent(Row):
    """What a decision needs of the item itself; one erasable row a version.

    Never written for class `child`. Media bytes are never here.
    """

    service = IdField()
    item_id = IdField()
    version = models.BigIntegerField()
    text = models.TextField(default="", blank=True)
    text_key = models.CharField(max_length=64, default="", blank=True, db_index=True)
    """Digest of the text by `core.same_text`: identical reposts find each other by it."""
    links: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    url = models.TextField(default="", blank=True)
    """Permalink on the platform."""
    url_key = models.CharField(max_length=64, default="", blank=True, db_index=True)
    """SHA-256 of the permalink as `core.locations` writes it: notices find the item by it."""
    media_urls: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Where the platform serves its pictures; fetched for a person, never kept."""
    author: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """The author as the platform named them: needed to tell them."""
    pseudonym = models.CharField(max_length=64, default="", blank=True, db_index=True)
    published_at = models.CharField(max_length=40, default="", blank=True)
    """`created_at` of the item, as given."""
    countries: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Where it can be seen; empty: everywhere the operator serves."""
    in_reply_to = IdField(default="", blank=True)
    kept_since = MomentField()
    keep_until = MomentField(null=True, blank=True)
    """End of the appeal window; null: as long as the case is open."""

    class Meta:
        db_table_comment = "Text and author of items with a decision; erasable"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["service", "item_id", "version"], name="content_version_once"
            )
        ]


class DecidedMedia(Row):
    """Bytes that a person has decided: the same bytes may be acted on again.

    One row for each ground, with the places in which that ground acts. Media only,
    never text: the same words can refute.
    """

    sha256 = models.CharField(max_length=64, default="", blank=True)
    pdq = models.CharField(max_length=64, default="", blank=True)
    """Of a picture of class `intimate` that a person confirmed: near copies meet it too."""
    decision = models.ForeignKey(
        DecisionRecord, on_delete=models.PROTECT, related_name="decided_media"
    )
    action = CodeField()
    """Code of `core.actions.ActionKind`."""
    policy = models.CharField(max_length=100, default="", blank=True)
    policy_version = models.PositiveIntegerField(default=0)
    ground: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    territories: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    """False once the decision was lifted."""
    at = MomentField()

    class Meta:
        db_table_comment = "Media that a person has decided"
        indexes: ClassVar = [models.Index(fields=["sha256"], name="decided_media_sha256")]


class IdempotencyRow(Row):
    """One (API key, idempotency key): unique again here, over all processes."""

    digest = models.CharField(max_length=64, primary_key=True)
    """SHA-256 of key and idempotency key, hexadecimal."""
    writer = CodeField(max_length=16)
    """Whose answer was kept; another writer's decisions under it are duplicates."""
    decision = models.ForeignKey(DecisionRecord, on_delete=models.CASCADE, related_name="+")
    """First recorded decision of that answer."""
    at = MomentField(db_index=True)

    class Meta:
        db_table_comment = "Idempotency keys of decisions with an effect"
