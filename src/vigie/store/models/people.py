# SPDX-License-Identifier: Apache-2.0
"""What the people of the desk do besides deciding: looks, shifts, searches, second persons."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import AppendOnly, Row
from vigie.store.fields import CodeField, MomentField
from vigie.store.models.accounts import User
from vigie.store.models.cases import Case
from vigie.store.models.decisions import DecisionRecord
from vigie.store.models.ledger import Record


class LookKind(StrEnum):
    """How clearly somebody looked."""

    BLURRED = "blurred"
    """The grey, blurred derivative; counts nothing."""
    CLEAR = "clear"
    """The picture itself, for seconds: asked with a reason, counted."""
    WORDS = "words"
    """Words that were masked."""
    FILE = "file"
    """A sealed attachment."""
    NOTIFIER = "notifier"
    """Name and mail of somebody who gave notice."""


class ContentLook(AppendOnly):
    """One look at sensitive content, with its reason. Also a record of the log."""

    MUTABLE: ClassVar[frozenset[str]] = frozenset({"shown_at"})

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="looks")
    kind = CodeField(max_length=16)
    case = models.ForeignKey(
        Case, null=True, blank=True, on_delete=models.PROTECT, related_name="looks"
    )
    decision = models.ForeignKey(
        DecisionRecord, null=True, blank=True, on_delete=models.PROTECT, related_name="looks"
    )
    category = CodeField(default="", blank=True)
    hard = models.BooleanField(default=False)
    """It counts against the lower budget of hard categories, too."""
    reason = models.CharField(max_length=300, default="", blank=True)
    at = MomentField()
    shown_at = MomentField(null=True, blank=True)
    """When it was handed out, once; null: asked for and not shown."""
    record = models.OneToOneField(
        Record, null=True, blank=True, on_delete=models.PROTECT, related_name="look"
    )

    class Meta:
        db_table_comment = "Looks at sensitive content"
        indexes: ClassVar = [models.Index(fields=["user", "kind", "at"], name="look_user")]


class Shift(Row):
    """A stretch of work; its pauses count for nobody and against nobody."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="shifts")
    started_at = MomentField()
    ended_at = MomentField(null=True, blank=True)
    paused_at = MomentField(null=True, blank=True)
    """Since when the person is on a break; null: at work."""
    paused_ms = models.BigIntegerField(default=0)
    """Breaks so far."""
    resumed_at = MomentField(default=0)
    """Since when at work without a break."""
    seen_at = MomentField(default=0)
    """Last case or look; hours without one end the shift."""
    granted = models.PositiveIntegerField(default=0)
    """Looks beyond the budget that a senior person allowed, once."""
    granted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table_comment = "Shifts"
        indexes: ClassVar = [models.Index(fields=["user", "-started_at"], name="shift_user")]


class SavedSearch(Row):
    """A search under a name."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="searches")
    name = models.CharField(max_length=100)
    target = CodeField(max_length=16)
    """`items`, `authors` or `decisions`."""
    expression = models.TextField()
    shared = models.BooleanField(default=False)
    """True: everybody who may search sees it."""
    created_at = MomentField()

    class Meta:
        db_table_comment = "Saved searches"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_search_once")
        ]


class DecisionTag(Row):
    """What a decision can be found by: one row a policy, offence, label, bank, territory.

    Never written for class `child`; holds nothing personal and no words.
    """

    decision = models.ForeignKey(
        DecisionRecord, on_delete=models.CASCADE, related_name="tags", db_index=False
    )
    kind = CodeField(max_length=16)
    """`policy`, `offence`, `label`, `mark`, `matched`, `territory`, `category`, `hash`, ..."""
    value = models.CharField(max_length=200, default="", blank=True)
    """Empty where `score` says it all: `media`, `links`."""
    score = models.BigIntegerField(null=True, blank=True)
    """Millionths, for a label; how many, for `media` and `links`."""

    class Meta:
        db_table_comment = "Index of decisions for the search"
        indexes: ClassVar = [
            # Asked of one decision after the other, and all decisions of one value:
            # both are answered from the index alone.
            models.Index(fields=["decision", "kind", "value", "score"], name="tag_of_decision"),
            models.Index(
                fields=["kind", "value", "score", "decision"],
                name="tag_value",
                opclasses=["varchar_pattern_ops", "varchar_pattern_ops", "int8_ops", "int8_ops"],
            ),
        ]


class DailyFigure(Row):
    """How many decisions of one kind were made on a day: counted once, never again."""

    day = models.IntegerField()
    """Days since 1970, UTC."""
    key = CodeField()
    """`<kind>.<outcome>` of decisions, class `child` and the sample left out."""
    number = models.BigIntegerField(default=0)

    class Meta:
        db_table_comment = "Decisions by day"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "key"], name="daily_figure_once")
        ]


class SecondPersonState(StrEnum):
    """Nothing happens until another person has confirmed."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class SecondPersonRequest(Row):
    """One person asks for something that another must confirm."""

    kind = CodeField()
    """What is to be done; `flow.second_person` knows who carries it out."""
    payload: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    summary = models.CharField(max_length=300)
    """What it is about, in a sentence for the second person."""
    reason = models.TextField(default="", blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_of = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """The named second person; null: anybody with the permission."""
    state = CodeField(max_length=16, default=SecondPersonState.WAITING)
    asked_at = MomentField()
    decided_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = MomentField(null=True, blank=True)

    class Meta:
        db_table_comment = "Acts that need a second person"
        indexes: ClassVar = [models.Index(fields=["state", "asked_at"], name="second_state")]


class DeskSetting(Row):
    """A setting that people change in the console; `flow.desk_settings` knows them all."""

    key = CodeField(primary_key=True)
    value: models.JSONField[Any, Any] = models.JSONField()
    changed_by = models.CharField(max_length=64)
    changed_at = MomentField()

    class Meta:
        db_table_comment = "Settings of the desk"
