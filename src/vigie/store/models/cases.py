# SPDX-License-Identifier: Apache-2.0
"""What waits for a person: queues, cases, and who is on them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import AppendOnly, Row
from vigie.store.fields import CodeField, MomentField
from vigie.store.models.accounts import User
from vigie.store.models.decisions import DecisionRecord


class CaseState(StrEnum):
    """Where a case stands. Time alone never closes one."""

    OPEN = "open"
    DECIDED = "decided"
    CANCELLED = "cancelled"
    """The item was erased or a later version stands in its place."""


class CaseKind(StrEnum):
    """Why it waits."""

    PROPOSAL = "proposal"
    """A policy proposed something."""
    MATCH = "match"
    """A match in class `child` that must be followed up."""
    NOTICE = "notice"
    """Somebody gave notice, or reported under the terms."""
    INTIMATE = "intimate"
    """A person says that a picture shows her without her consent."""
    APPEAL = "appeal"
    """A decision is contested (Art. 20 DSA)."""


class Queue(StrEnum):
    """Queues that are there from the start; an operator adds more."""

    GENERAL = "general"
    CHILD = "child"
    """Never shown with any other queue; holds hashes and references only."""
    INTIMATE = "intimate"
    """Pictures of victims: members only."""
    APPEALS = "appeals"


class ReviewQueue(Row):
    """A queue of cases, with who may see it and how soon its cases are due."""

    slug = CodeField(max_length=32, unique=True)
    """Short name in addresses; `Case.queue` holds it."""
    title = models.CharField(max_length=100)
    description = models.TextField(default="", blank=True)
    restricted = models.BooleanField(default=False)
    """True: members only. Otherwise everybody who may decide."""
    hardness = models.PositiveSmallIntegerField(default=0)
    """0 to 3: how heavy its material is; 2 and more rotates."""
    aim_minutes = models.PositiveIntegerField(default=24 * 60)
    """Own aim for a decision; a clock of law is kept as well and wins."""
    position = models.PositiveIntegerField(default=100)
    """Order in which queues are shown and served."""
    two_persons = models.BooleanField(default=False)
    """True: a restriction from here needs a second person."""
    active = models.BooleanField(default=True)

    class Meta:
        db_table_comment = "Queues"
        ordering: ClassVar = ["position", "slug"]


class QueueMember(Row):
    """Who may work in a restricted queue."""

    queue = models.ForeignKey(ReviewQueue, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        db_table_comment = "Members of restricted queues"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["queue", "user"], name="queue_member_once")
        ]


class RoutingRule(Row):
    """Sends cases that match an expression to a queue; the first that matches wins."""

    position = models.PositiveIntegerField(default=100)
    expression = models.TextField()
    """In the language of the search: `item.language = fr and category = hate`."""
    queue = models.ForeignKey(ReviewQueue, on_delete=models.PROTECT, related_name="rules")
    priority = models.PositiveSmallIntegerField(default=0)
    """Raises the case's priority to at least this, 0 to 9."""
    active = models.BooleanField(default=True)
    created_by = models.CharField(max_length=64, default="")

    class Meta:
        db_table_comment = "Routing rules"
        ordering: ClassVar = ["position", "id"]


class Case(Row):
    """A question about one decision that waits for a person."""

    decision = models.ForeignKey(DecisionRecord, on_delete=models.PROTECT, related_name="cases")
    """The decision that it is about: a proposal, a notice's record, what is contested."""
    kind = CodeField(max_length=16, default=CaseKind.PROPOSAL)
    queue = CodeField(max_length=32, default=Queue.GENERAL)
    """Slug of a `ReviewQueue`."""
    state = CodeField(max_length=16, default=CaseState.OPEN)
    policy = models.CharField(max_length=100, default="", blank=True)
    ground: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """`{"offence": id}` or `{"terms": clause}`: what the proposal rests on."""
    territories: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Where the proposal would hold: territories of the ground."""
    action = CodeField(default="")
    """Proposed action, a code of `core.actions.ActionKind`."""
    proposals: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list
    )
    """All proposed actions as made; the columns above are those of the strictest."""
    one_click = models.BooleanField(default=False)
    """The law entry's confidence is high and its text was checked."""
    facts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """Class `child`: hashes, list names, time, location, account reference."""
    opened_at = MomentField()
    closed_at = MomentField(null=True, blank=True)
    decided_by = models.CharField(max_length=64, default="", blank=True)
    outcome_decision = models.ForeignKey(
        DecisionRecord, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """The person's decision that closed it."""

    routed_at = MomentField(null=True, blank=True)
    """When the routing rules looked at it; null: not yet."""
    category = CodeField(default="", blank=True)
    """What it is about: a category of notices (`law.categories`)."""
    language = models.CharField(max_length=16, default="", blank=True)
    priority = models.PositiveSmallIntegerField(default=0)
    """0 to 9, higher first."""
    trusted = models.BooleanField(default=False)
    """A trusted flagger asked (Art. 22 DSA): served first."""
    due_at = MomentField(null=True, blank=True)
    """When it must or should be decided."""
    clock = CodeField(default="", blank=True)
    """Entry of `law.deadlines` that sets it; empty: the queue's own aim."""
    hard = models.BooleanField(default=False)
    """True: the law fixes the time."""
    claimed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="claims"
    )
    claimed_until = MomentField(default=0)
    """A claim ends by itself."""
    assigned_to = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="assignments"
    )
    escalated_at = MomentField(null=True, blank=True)

    class Meta:
        db_table_comment = "Cases that wait for a person"
        indexes: ClassVar = [
            models.Index(
                fields=["state", "queue", "-trusted", "-priority", "due_at", "id"],
                name="case_order",
            ),
            # For people who are not given some categories: one look a category.
            models.Index(
                fields=["state", "queue", "category", "-trusted", "-priority", "due_at", "id"],
                name="case_category",
            ),
            models.Index(fields=["state", "queue", "opened_at"], name="case_age"),
            models.Index(fields=["state", "queue", "due_at"], name="case_queue_due"),
            models.Index(fields=["state", "due_at"], name="case_due"),
            models.Index(fields=["state", "routed_at"], name="case_routed"),
            models.Index(
                fields=["state", "closed_at", "due_at", "hard", "queue"], name="case_closed"
            ),
            models.Index(fields=["claimed_by", "state"], name="case_claimed"),
        ]
        constraints: ClassVar = [
            # Author and notifier may each contest the same decision: appeals are counted there.
            models.UniqueConstraint(
                fields=["decision", "kind"],
                condition=~models.Q(kind="appeal"),
                name="case_of_decision_once",
            )
        ]


class CaseEventKind(StrEnum):
    """What happened to a case short of a decision."""

    CLAIMED = "claimed"
    RELEASED = "released"
    SKIPPED = "skipped"
    ESCALATED = "escalated"
    ASSIGNED = "assigned"
    ROUTED = "routed"
    NOTICE = "notice"
    """Another notice about the same item joined it."""
    NOTE = "note"
    """A remark for colleagues."""


class CaseEvent(AppendOnly):
    """One thing that happened to a case; a skip asks for no reason and counts for nobody."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    kind = CodeField(max_length=16)
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.TextField(default="", blank=True)
    at = MomentField()

    MUTABLE: ClassVar[frozenset[str]] = frozenset({"note"})

    class Meta:
        db_table_comment = "What happened to cases"
        indexes: ClassVar = [
            models.Index(fields=["case", "at"], name="case_event_case"),
            models.Index(fields=["user", "kind", "at"], name="case_event_user"),
        ]


class CaseWatch(Row):
    """Who has a case open now; a minute without a sign of life ends it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="watches")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    seen_at = MomentField()

    class Meta:
        db_table_comment = "Who has a case open"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "user"], name="case_watch_once")
        ]


class QueuePause(Row):
    """Somebody does not serve a queue for a while; no reason is asked, nothing counts it."""

    queue = models.ForeignKey(ReviewQueue, on_delete=models.CASCADE, related_name="pauses")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="pauses")
    until = MomentField()

    class Meta:
        db_table_comment = "Queues that somebody has left for a while"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["queue", "user"], name="queue_pause_once")
        ]
