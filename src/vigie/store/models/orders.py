# SPDX-License-Identifier: Apache-2.0
"""Orders and referrals of authorities: form, sender, answer, silence."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import AppendOnly, Row
from vigie.store.fields import CodeField, IdField, MomentField
from vigie.store.models.accounts import User
from vigie.store.models.authorities import Authority, AuthorityContact
from vigie.store.models.decisions import DecisionRecord
from vigie.store.models.ledger import Record
from vigie.store.models.matters import Matter
from vigie.store.models.tasks import OutgoingTask


class OrderState(StrEnum):
    """Where it stands."""

    RECEIVED = "received"
    """Logged; neither complete nor genuine until somebody or something says so."""
    CLARIFYING = "clarifying"
    """A letter asked for what is missing; the law may stop its clock meanwhile."""
    READY = "ready"
    """Complete, and its sender is proven as its form asks."""
    EXECUTED = "executed"
    """Carried out here; the platform has not confirmed all of it."""
    CLOSED = "closed"


class OrderOutcome(StrEnum):
    """What came of it."""

    FOLLOWED = "followed"
    NARROWED = "narrowed"
    """Followed as far as its legal basis covers it."""
    REFUSED = "refused"
    IMPOSSIBLE = "impossible"
    WITHDRAWN = "withdrawn"
    RESTRICTED = "restricted"
    """Of a referral: a person restricted the content on a ground of their own finding."""
    LEFT = "left"
    """Of a referral: a person left it as it was."""
    MERGED = "merged"
    """The same bytes came before: `same_as` is the one that is worked on."""


class OrderChannel(StrEnum):
    """How it came."""

    FORM = "form"
    """The public form for authorities."""
    API = "api"
    UPLOAD = "upload"
    """A document: XML or PDF."""
    DESK = "desk"
    """A person recorded what came by post, mail or telephone."""
    EEVIDENCE = "eevidence"
    """The decentralised system of Regulation (EU) 2023/1543."""


class Proof(StrEnum):
    """By what the sender was proven; a mail domain is none."""

    NONE = "none"
    DECLARED_CONTACT = "declared_contact"
    """Came from a contact declared for removal orders; never enough for data."""
    SIGNATURE = "signature"
    """A qualified signature, or one by a certificate of the directory."""
    CALL_BACK = "call_back"
    """A second officer called a number entered earlier from a public source."""
    EEVIDENCE = "eevidence"


class Order(Row):
    """One order, request or referral."""

    number = models.BigIntegerField(primary_key=True)
    """People see `O-<number>`."""
    form = CodeField()
    """A form of `law.orders`."""
    state = CodeField(max_length=16, default=OrderState.RECEIVED)
    outcome = CodeField(max_length=16, default="", blank=True)
    channel = CodeField(max_length=16)
    authority = models.ForeignKey(
        Authority, null=True, blank=True, on_delete=models.PROTECT, related_name="orders"
    )
    """Entry of the directory, once a person or a proof has matched it."""
    sender = models.CharField(max_length=300, default="", blank=True)
    """Who it says it is from."""
    reply_to = models.CharField(max_length=254, default="", blank=True)
    """Address it gives for answers; nothing about an account ever goes there unproven."""
    reference = models.CharField(max_length=200, default="", blank=True)
    country = models.CharField(max_length=2, default="", blank=True)
    """Issuing State."""
    language = models.CharField(max_length=5, default="", blank=True)
    fields: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """Values by the form's field names; erased with the order's term."""
    missing: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Required fields that are empty or cannot be read."""
    odd: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """What a person should know of how it came (`flow.orders.read.Odd`)."""
    emergency = models.BooleanField(default=False)
    proof = CodeField(max_length=20, default=Proof.NONE)
    proof_note = models.TextField(default="", blank=True)
    proven_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """Null with a proof: a machine verified a signature or the system's own delivery."""
    proven_at = MomentField(null=True, blank=True)
    territories: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Where it is to have effect; empty: the issuing State."""
    silent = models.BooleanField(default=False)
    """The person concerned must not be told for now."""
    code_digest = models.CharField(max_length=64, default="", blank=True, db_index=True)
    """SHA-256 of the tracking code of its receipt."""
    matter = models.ForeignKey(
        Matter, null=True, blank=True, on_delete=models.SET_NULL, related_name="orders"
    )
    receipt: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """The promise of inclusion that was given with the receipt."""
    fingerprint = models.CharField(max_length=64, default="", blank=True, db_index=True)
    """Equal for the same bytes of the same form; the key of a merge."""
    same_as = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="again"
    )
    """The order that these very bytes brought before; this row is its second receipt."""
    received_at = MomentField()
    read_at = MomentField(null=True, blank=True)
    """When its documents were read, or given up; null: nobody tried yet."""
    recorded_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """Who recorded it at the desk: never the one who calls back."""
    owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    second = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(default="", blank=True)
    executed_at = MomentField(null=True, blank=True)
    effect_at = MomentField(null=True, blank=True)
    """When the platform had confirmed all of it."""
    closed_at = MomentField(null=True, blank=True)
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="order")
    """Its receipt in the log, written before anything of it is read."""

    class Meta:
        db_table_comment = "Orders, requests and referrals of authorities"
        indexes: ClassVar = [
            models.Index(fields=["state", "received_at"], name="order_state"),
            models.Index(fields=["form", "received_at"], name="order_form"),
        ]


class OrderDocument(Row):
    """A document of an order: sealed before it is opened, whatever it says."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="documents")
    name = models.CharField(max_length=200)
    mime = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=200, default="", blank=True)
    wrapped_key = models.TextField(default="", blank=True)
    problem = CodeField(default="", blank=True)
    """Why it could not be read; empty: it was read, or nobody tried yet."""
    text = models.TextField(default="", blank=True)
    """Words found in it, for the person who fills in the form; erased with the order's term."""
    signature: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """What a check of its signatures found."""
    at = MomentField()

    class Meta:
        db_table_comment = "Documents of orders"


class OrderLocation(Row):
    """One address or item that an order names."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="locations")
    position = models.PositiveIntegerField()
    url = models.TextField(default="", blank=True)
    service = IdField(default="default")
    item_id = IdField(default="", blank=True)
    version = models.BigIntegerField(default=0)
    copy = models.BooleanField(default=False)
    """An identical copy that was found, not named by the order."""
    decision = models.ForeignKey(
        DecisionRecord, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = CodeField(max_length=16, default="", blank=True)
    done_at = MomentField(null=True, blank=True)

    class Meta:
        db_table_comment = "Locations of orders"
        indexes: ClassVar = [
            models.Index(fields=["service", "item_id"], name="order_location_item")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "position"], name="order_location_once")
        ]


class OrderData(Row):
    """One category of data that an order asks for, of one account."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="data")
    category = CodeField(max_length=16)
    """`subscriber`, `identification`, `traffic`, `content`."""
    service = IdField(default="default")
    account = IdField()
    """The identifier as the order gives it; erased with the order's term."""
    period_from = MomentField(null=True, blank=True)
    period_until = MomentField(null=True, blank=True)
    covered = models.BooleanField(default=False)
    """Its legal basis covers this category (`law.orders`); else it cannot be granted."""
    granted = models.BooleanField(default=False)
    why = models.TextField(default="", blank=True)

    class Meta:
        db_table_comment = "Data categories that orders ask for"


class OrderLetter(AppendOnly):
    """What was written to an authority: a receipt, an annex, a refusal, the report of effect."""

    MUTABLE: ClassVar[frozenset[str]] = frozenset(
        {"state", "sent_at", "task", "contact", "sent_note"}
    )

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="letters")
    kind = CodeField(max_length=32)
    """A letter of `flow.orders.letters`."""
    language = models.CharField(max_length=5)
    data: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    """Values of its form: the PDF is made from them, the same each time."""
    pdf_sha256 = models.CharField(max_length=64, default="", blank=True)
    contact = models.ForeignKey(
        AuthorityContact, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    task = models.ForeignKey(
        OutgoingTask, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = CodeField(max_length=16, default="written")
    """`written`, `sent` (a mail server took it, or a person noted how), `failed`."""
    sent_note = models.CharField(max_length=300, default="", blank=True)
    sent_at = MomentField(null=True, blank=True)
    written_by = models.CharField(max_length=64)
    """Role number, or `vigie` for what leaves by itself."""
    at = MomentField()
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="order_letter")

    class Meta:
        db_table_comment = "Letters to authorities"


class Silence(Row):
    """A duty not to tell the person concerned: it always ends or is looked at again."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="silences")
    basis = models.TextField()
    begins_at = MomentField()
    ends_at = MomentField()
    """End or review date: at most 90 days on."""
    renewed_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="renewals"
    )
    entered_by = models.CharField(max_length=64)
    ended_at = MomentField(null=True, blank=True)
    informed_at = MomentField(null=True, blank=True)
    """When what tells the person was put on its way; null: nobody was told yet, or nothing was."""
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="silence")

    class Meta:
        db_table_comment = "Duties of silence"
        indexes: ClassVar = [models.Index(fields=["ended_at", "ends_at"], name="silence_end")]


class ClockState(StrEnum):
    """Where a duty stands."""

    RUNNING = "running"
    PAUSED = "paused"
    """Only where the law lets it stop, with the basis."""
    MET = "met"
    MISSED = "missed"
    """Past its time and not done: it stays open until done or ended."""
    DONE_LATE = "done_late"
    ENDED = "ended"
    """The duty fell away."""


class DutyClock(Row):
    """One duty with its time: what started it, until when, whose it is."""

    duty = CodeField()
    """A deadline of `law.deadlines`."""
    kind = CodeField(max_length=16)
    """A word of `law.deadlines.ClockKind`: hard clocks are thick, our own aims thin."""
    subject = CodeField(max_length=16)
    """`order`, `report`, `silence`, `search`, `evidence`, `matter`."""
    number = models.BigIntegerField()
    """Number or key of the subject."""
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.CASCADE, related_name="clocks"
    )
    start_event = CodeField()
    started_at = MomentField()
    due_at = MomentField()
    """The strict reading, which sorts and alarms."""
    latest_at = MomentField(null=True, blank=True)
    """Where a calendar of working days gives more time: until then."""
    paused_at = MomentField(null=True, blank=True)
    paused_ms = models.BigIntegerField(default=0)
    pause_basis = models.CharField(max_length=200, default="", blank=True)
    resumed_at = MomentField(null=True, blank=True)
    """When it last went on: what stopped it before stops it no more."""
    owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = CodeField(max_length=16, default=ClockState.RUNNING)
    next_alarm_at = MomentField(null=True, blank=True)
    alarms = models.PositiveIntegerField(default=0)
    """How many went out."""
    met_at = MomentField(null=True, blank=True)
    missed_at = MomentField(null=True, blank=True)
    ended_at = MomentField(null=True, blank=True)

    class Meta:
        db_table_comment = "Clocks of duties"
        indexes: ClassVar = [
            models.Index(fields=["state", "due_at"], name="clock_due"),
            models.Index(fields=["state", "next_alarm_at"], name="clock_alarm"),
            models.Index(fields=["subject", "number"], name="clock_subject"),
        ]
