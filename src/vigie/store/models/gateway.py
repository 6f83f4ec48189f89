# SPDX-License-Identifier: Apache-2.0
"""The AI gateway: whom it asks, what it counted, what it stopped, when it was stopped."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from vigie.core.gateway import AlarmKind
from vigie.store.append_only import Row
from vigie.store.fields import CodeField, IdField, MomentField
from vigie.store.models.access import ApiKey
from vigie.store.models.decisions import DecisionRecord
from vigie.store.models.ledger import Record
from vigie.store.models.vault import Evidence


class GatewayUpstream(Row):
    """A server to which exchanges are forwarded; its key is a file of the keys folder."""

    name = models.CharField(max_length=64, unique=True)
    document: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """`core.gateway.Upstream`."""
    in_force = models.BooleanField(default=True)
    changed_at = MomentField()

    class Meta:
        db_table_comment = "Upstreams of the gateway"


class GatewayProfile(Row):
    """How applications are guarded; each key names one."""

    name = models.CharField(max_length=64, unique=True)
    version = models.PositiveIntegerField(default=1)
    document: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """`core.gateway.Profile`."""
    in_force = models.BooleanField(default=True)
    changed_at = MomentField()

    class Meta:
        db_table_comment = "Profiles of the gateway"


class GatewayUsage(Row):
    """What a key used on one day, settled through the journal each second."""

    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="usage")
    day = models.IntegerField()
    """Days since 1970 UTC."""
    requests = models.BigIntegerField(default=0)
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    images = models.BigIntegerField(default=0)

    class Meta:
        db_table_comment = "Daily use of gateway keys"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "day"], name="gateway_usage_once")
        ]


class GatewayDay(Row):
    """One cell of the daily figures. Shown only where ten people or more stand behind it."""

    day = models.IntegerField()
    """Days since 1970 UTC."""
    application = models.CharField(max_length=20)
    """Number of the API key."""
    feature = CodeField(max_length=24)
    country = models.CharField(max_length=2, default="", blank=True)
    ending = CodeField(max_length=16)
    category = models.CharField(max_length=64, default="", blank=True)
    exchanges = models.BigIntegerField(default=0)
    opened = models.BigIntegerField(default=0)
    """Of these released unjudged by the operator's choice."""
    failures = models.BigIntegerField(default=0)
    """Judgements that failed or came too late."""
    unregistered = models.BigIntegerField(default=0)
    people: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Short digests, keyed for this day alone, of at most nine people; emptied at the tenth."""
    many = models.BooleanField(default=False)
    """Ten people or more."""

    class Meta:
        db_table_comment = "Daily figures of the gateway"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["day", "application", "feature", "country", "ending", "category"],
                name="gateway_day_once",
            )
        ]


class GatewayCaseState(StrEnum):
    """Whether somebody still has to look."""

    OPEN = "open"
    CLOSED = "closed"


class GatewayCase(Row):
    """Repeated stops of one application user; only the application can say who that is."""

    number = models.BigIntegerField(unique=True)
    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="+")
    user = models.CharField(max_length=40)
    """Rotating pseudonym, as the application got it in a header; emptied in the end."""
    period = models.IntegerField()
    """Weeks since 1970 for which the pseudonym holds."""
    state = CodeField(max_length=16, default=GatewayCaseState.OPEN)
    stops = models.PositiveIntegerField(default=0)
    opened_at = MomentField()
    last_at = MomentField()
    closed_at = MomentField(null=True, blank=True)
    closed_by = models.CharField(max_length=64, default="", blank=True)
    note = models.TextField(default="", blank=True)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table_comment = "Repeated stops of one application user"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["key", "user"],
                condition=~models.Q(user=""),
                name="gateway_case_once",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["state", "last_at"], name="gateway_case_state")]


class GatewayStop(Row):
    """One prompt, answer or picture that was stopped: facts, and where its excerpt lies."""

    decision = models.OneToOneField(
        DecisionRecord, on_delete=models.PROTECT, related_name="gateway_stop"
    )
    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="+")
    at = MomentField()
    stage = CodeField(max_length=16)
    feature = CodeField(max_length=24)
    route = models.CharField(max_length=64)
    country = models.CharField(max_length=2, default="", blank=True)
    language = models.CharField(max_length=16, default="", blank=True)
    category = models.CharField(max_length=64)
    model = models.CharField(max_length=200, default="", blank=True)
    user = models.CharField(max_length=40, default="", blank=True)
    """Rotating pseudonym; emptied with its period's end plus the term."""
    facts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """`core.gateway.ExchangeFacts` without the person."""
    excerpt = models.CharField(max_length=200, default="", blank=True)
    """Name of the sealed excerpt, or why none was kept."""
    evidence = models.ForeignKey(
        Evidence, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    case = models.ForeignKey(
        GatewayCase, null=True, blank=True, on_delete=models.PROTECT, related_name="stopped"
    )

    class Meta:
        db_table_comment = "What the gateway stopped"
        indexes: ClassVar = [
            models.Index(fields=["at"], name="gateway_stop_at"),
            models.Index(fields=["key", "user", "at"], name="gateway_stop_user"),
        ]


GatewayAlarmKind = AlarmKind


class GatewayAlarm(Row):
    """An alarm; the same one again counts up while it is open."""

    kind = CodeField(max_length=24)
    key = models.ForeignKey(
        ApiKey, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    subject = models.CharField(max_length=128, default="", blank=True)
    """What it is about: a digest, a stage, an upstream; never a person."""
    first_at = MomentField()
    last_at = MomentField()
    count = models.BigIntegerField(default=1)
    closed_at = MomentField(null=True, blank=True)
    closed_by = models.CharField(max_length=64, default="", blank=True)
    note = models.TextField(default="", blank=True)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table_comment = "Alarms of the gateway"
        indexes: ClassVar = [
            models.Index(fields=["closed_at", "kind", "subject"], name="gateway_alarm_open")
        ]


class BrakeState(StrEnum):
    """Whether a feature stands still."""

    IN_FORCE = "in_force"
    RELEASED = "released"


class GatewayBrake(Row):
    """A feature stopped somewhere: an incident with a timeline."""

    number = models.BigIntegerField(unique=True)
    feature = CodeField(max_length=24)
    countries: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    reason = models.CharField(max_length=500)
    """As users may read it."""
    automatic = models.BooleanField(default=False)
    state = CodeField(max_length=16, default=BrakeState.IN_FORCE, db_index=True)
    started_at = MomentField()
    started_by = models.CharField(max_length=64)
    released_at = MomentField(null=True, blank=True)
    release_asked_by = models.CharField(max_length=64, default="", blank=True)
    released_by = models.CharField(max_length=64, default="", blank=True)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table_comment = "Brakes of the gateway"


class GatewayIncidentLine(Row):
    """One line of an incident's timeline."""

    brake = models.ForeignKey(GatewayBrake, on_delete=models.PROTECT, related_name="lines")
    at = MomentField()
    by = models.CharField(max_length=64)
    what = CodeField(max_length=32)
    """tripped, stopped, in_force, cut, note, release_asked, released."""
    note = models.TextField(default="", blank=True)

    class Meta:
        db_table_comment = "Timelines of the gateway's incidents"


class GatewayPrint(Row):
    """A keyed similarity fingerprint of a prompt: kept thirty days, to see probing."""

    application = models.CharField(max_length=20)
    at = MomentField(db_index=True)
    fingerprint = models.BigIntegerField()
    decision_id = IdField()

    class Meta:
        db_table_comment = "Similarity fingerprints of prompts, 30 days"
