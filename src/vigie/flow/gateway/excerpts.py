# SPDX-License-Identifier: Apache-2.0
"""What is kept of something the gateway stopped: opened from its case, and for nothing else.

A case, a reason and the permission; in the log before the first byte; capped per
person and day. The vault process looks all of that up again. There is no search
by person: a case names a pseudonym that only the application can resolve.
"""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, NotFoundError
from vigie.evidence import keys
from vigie.flow import desk_settings, records
from vigie.flow.gateway.actor import check_may, check_text, named
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.flow.vault import client, leaves
from vigie.flow.vault.leaves import Asking
from vigie.store.models import (
    CustodyKind,
    Evidence,
    GatewayCase,
    GatewayCaseState,
    GatewayStop,
    User,
)
from vigie.store.permissions import Permission

CASE_CLOSED: Final = "gateway.case_closed"
COUNTED_ONLY: Final = "minor_sexual"
"""Category of what is counted and never shown to anybody."""
MAX_NOTE: Final = 2_000


def open_excerpt(house: House, user: User, case: int, decision_id: str, reason: str) -> str:
    """Return the words that decided a stop, with a little around them.

    Args:
        house: settings and time.
        user: who reads; needs `GATEWAY_EXCERPT`.
        case: number of the case that the stop belongs to.
        decision_id: of the stop.
        reason: why; it stands in the log.

    The access is in the log before the vault is asked. Raises RefusedError
    without the permission and at the day's cap, InvalidInputError without a
    reason, NotFoundError where nothing (more) is kept, ConflictError where the
    case is closed, UnavailableError where the vault does not answer.
    """
    check_may(user, Permission.GATEWAY_EXCERPT)
    row = find(case)
    if row.state != GatewayCaseState.OPEN:
        raise ConflictError(_("This case is closed."), code="case_closed")
    evidence = _kept(row, decision_id)
    asking = Asking(user=user, reason=reason, ticket=label(row), purpose=leaves.EXCERPT)
    leaves.check(house, evidence, asking)
    with writing():
        leaves.check(house, evidence, asking)
        leave = leaves.grant(house, evidence, asking)
        leaves.log_all(house, [leave], CustodyKind.OPENED)
    return client.open_record(house.settings, leave.pk).decode("utf-8", "replace")


def _kept(case: GatewayCase, decision_id: str) -> Evidence:
    mine = stops_of(case).select_related("evidence__epoch")
    found = mine.filter(decision__decision_id=decision_id).first()
    if found is None:
        raise NotFoundError(_("There is no such stop in this case."), code="no_stop")
    if found.evidence is None or found.evidence.shredded_at is not None:
        raise NotFoundError(_("Nothing is kept of it."), code="no_excerpt")
    return found.evidence


def close_case(house: House, user: User, case: int, note: str) -> GatewayCase:
    """Close a case with a note; what is kept of its stops opens no more.

    Raises RefusedError without the permission, InvalidInputError for the note,
    NotFoundError, ConflictError where it is closed.
    """
    check_may(user, Permission.GATEWAY_STOP)
    said, now = check_text(note, MAX_NOTE, "note"), house.now()
    with writing():
        row = find(case)
        if row.state != GatewayCaseState.OPEN:
            raise ConflictError(_("This case is closed."), code="case_closed")
        row.state, row.closed_at = GatewayCaseState.CLOSED, now
        row.closed_by, row.note = named(user), said
        row.save(update_fields=["state", "closed_at", "closed_by", "note"])
        plain = {"case": row.number, "stops": row.stops}
        draft = records.draft(CASE_CLOSED, now, plain, {"by": row.closed_by, "note": said})
        records.append_one(draft)
    return row


def find(case: int) -> GatewayCase:
    """Return a case by its number. Raises NotFoundError."""
    row = GatewayCase.objects.select_related("key").filter(number=case).first()
    if row is None:
        raise NotFoundError(_("There is no such case."), code="no_case")
    return row


def stops_of(case: GatewayCase) -> QuerySet[GatewayStop]:
    """Return the stops of a case, the newest first, without those that are only counted."""
    rows = GatewayStop.objects.filter(case=case).exclude(category=COUNTED_ONLY)
    rows = rows.exclude(decision__cls=keys.CHILD).select_related("decision", "evidence")
    return rows.order_by("-at", "-pk")


def cases() -> QuerySet[GatewayCase]:
    """Return all cases, those that are open first, then the newest."""
    return GatewayCase.objects.select_related("key").order_by("-state", "-last_at", "-number")


def waiting() -> QuerySet[GatewayCase]:
    """Return the cases that somebody still has to look at."""
    return GatewayCase.objects.filter(state=GatewayCaseState.OPEN)


def used(house: House, user: User) -> tuple[int, int]:
    """Return how many excerpts a person has opened today, and how many they may."""
    return leaves.excerpts(house, user), desk_settings.number(leaves.EXCERPT_CAP)


def label(row: GatewayCase) -> str:
    """Return how people name a case: `G-4`."""
    return f"G-{row.number}"
