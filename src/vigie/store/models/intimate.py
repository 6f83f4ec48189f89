# SPDX-License-Identifier: Apache-2.0
"""The victim's path: hashes that a person's own device computed, and copies that they found.

No picture is ever here. A claim finds copies and decides nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.db import models

from vigie.store.append_only import Row
from vigie.store.fields import CodeField, IdField, MomentField
from vigie.store.models.decisions import DecisionRecord
from vigie.store.models.notices import Notice, NoticeItem


class ClaimState(StrEnum):
    """Whether copies are looked for."""

    ACTIVE = "active"
    OVER = "over"
    """Beyond what one notifier may have followed in a day; she is told."""
    WIDE = "wide"
    """It found more copies than one case can hold: a person looks at those."""
    ENDED = "ended"
    """Its notice was decided or withdrawn, or its time is over."""


class PictureClaim(Row):
    """One hash that came with a notice. It goes with the notice."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="claims")
    notifier = models.CharField(max_length=64, default="", blank=True)
    """Keyed pseudonym, for the limit of a day."""
    pdq = models.CharField(max_length=64)
    turns: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Hashes of the picture turned and mirrored; older copies are looked for by them too."""
    quality = models.PositiveSmallIntegerField()
    state = CodeField(max_length=16, default=ClaimState.ACTIVE)
    at = MomentField()
    ends_at = MomentField()
    """It follows nothing after this."""
    searched_to = models.BigIntegerField(default=0)
    """Last archive segment that was looked through."""
    searched_at = MomentField(null=True, blank=True)
    """When the past had been looked through; null: not yet."""
    ended_at = MomentField(null=True, blank=True)

    class Meta:
        db_table_comment = "Hashes of notifiers: they find, they decide nothing"
        indexes: ClassVar = [
            models.Index(fields=["state", "pdq"], name="claim_state_pdq"),
            models.Index(fields=["notifier", "at"], name="claim_notifier"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "pdq"], name="claim_once")
        ]


class PictureCopy(Row):
    """An item with a picture near a claim: listed for a person, changed by nothing."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="copies")
    service = IdField()
    item_id = IdField()
    version = models.BigIntegerField()
    decision = models.ForeignKey(
        DecisionRecord, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """Where the store holds one; else it stands in the archive alone."""
    author = models.CharField(max_length=64, default="", blank=True)
    surface = CodeField(max_length=32, default="", blank=True)
    language = models.CharField(max_length=16, default="", blank=True)
    media: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """`algorithm:hex` of the item's media, as the doors saw them."""
    pdq = models.CharField(max_length=64)
    """The platform's own hash of the picture that is near."""
    distance = models.PositiveSmallIntegerField()
    seen_at = MomentField()
    """When it was screened."""
    found_at = MomentField()
    notice_item = models.ForeignKey(
        NoticeItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    """Its place in the notice once a person took it along."""

    class Meta:
        db_table_comment = "Copies that notifiers' hashes found"
        indexes: ClassVar = [
            models.Index(fields=["notice", "distance", "id"], name="copy_of_notice")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "service", "item_id"], name="copy_once")
        ]


class PictureSighting(Row):
    """A new item near a claim, on its way from the fold to the notice that asked."""

    decision = models.OneToOneField(
        DecisionRecord, on_delete=models.CASCADE, related_name="sighting"
    )
    listed_at = MomentField(null=True, blank=True)

    class Meta:
        db_table_comment = "New items near a notifier's hash, until jobs have listed them"
        indexes: ClassVar = [models.Index(fields=["listed_at"], name="sighting_listed")]
