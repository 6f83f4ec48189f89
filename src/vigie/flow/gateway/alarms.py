# SPDX-License-Identifier: Apache-2.0
"""Alarms of the gateway: raised once, counted while open, closed by a person.

An alarm says what happened in codes and numbers; no word of an exchange and no
person of the public is in one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, NotFoundError
from vigie.flow import records
from vigie.flow.gateway.actor import check_may, check_text, named, tell
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import GatewayAlarm, GatewayAlarmKind, User
from vigie.store.permissions import Permission

RAISED: Final = "gateway.alarm"
CLOSED: Final = "gateway.alarm_closed"
MAX_SUBJECT: Final = 128
MAX_NOTE: Final = 2_000


def raise_alarm(
    house: House,
    kind: GatewayAlarmKind | str,
    key: int | None,
    subject: str,
    facts: Mapping[str, Any] | None = None,
    *,
    count: int = 1,
) -> GatewayAlarm:
    """Raise an alarm, or count one up that is open for the same kind, key and subject.

    Args:
        house: settings and time.
        kind: what somebody should look at.
        key: number of the API key concerned; None: of none.
        subject: a digest, a stage, an upstream; never a person.
        facts: numbers and codes for the record, which stand in the open for ever.
        count: how often it happened, where several are told at once.

    The first one is a record and a mail to whoever is on call; later ones are
    counted. Raises ValueError for a kind that does not exist: a defect.
    """
    known, about, now = GatewayAlarmKind(kind), subject[:MAX_SUBJECT], house.now()
    with writing():
        # By key and subject as well: one application's alarm must not hide another's.
        same = GatewayAlarm.objects.filter(closed_at=None, kind=known, key_id=key, subject=about)
        open_one = same.order_by("pk").first()
        if open_one is not None:
            same.filter(pk=open_one.pk).update(count=F("count") + count, last_at=now)
            open_one.refresh_from_db()
            return open_one
        plain = {**(facts or {}), "alarm": known.value, "key": key or 0, "subject": about}
        draft = records.draft(RAISED, now, plain)
        records.append_one(draft)
        row = GatewayAlarm.objects.create(
            kind=known,
            key_id=key,
            subject=about,
            first_at=now,
            last_at=now,
            count=count,
            record_id=draft.record_id,
        )
        tell(house, "gateway_alarm", {"what": label(row), "kind": known.value})
    return row


def close(house: House, by: User | None, number: int, note: str) -> GatewayAlarm:
    """Close an alarm with a note; the same again raises a new one.

    Raises RefusedError without the permission, NotFoundError, ConflictError where
    somebody closed it meanwhile.
    """
    check_may(by, Permission.GATEWAY_STOP)
    said, now = check_text(note, MAX_NOTE, "note"), house.now()
    with writing():
        row = GatewayAlarm.objects.filter(pk=number).first()
        if row is None:
            raise NotFoundError(_("There is no such alarm."), code="no_alarm")
        if row.closed_at is not None:
            raise ConflictError(_("This alarm was closed meanwhile."), code="closed_meanwhile")
        row.closed_at, row.closed_by, row.note = now, named(by), said
        row.save(update_fields=["closed_at", "closed_by", "note"])
        plain = {"alarm": row.kind, "number": row.pk, "count": row.count}
        draft = records.draft(CLOSED, now, plain, {"by": row.closed_by, "note": said})
        records.append_one(draft)
    return row


def standing() -> QuerySet[GatewayAlarm]:
    """Return the alarms that are open, the newest first."""
    return GatewayAlarm.objects.filter(closed_at=None).order_by("-last_at", "-pk")


def label(row: GatewayAlarm) -> str:
    """Return how people name an alarm: `A-12`."""
    return f"A-{row.pk}"
