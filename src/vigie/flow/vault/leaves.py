# SPDX-License-Identifier: Apache-2.0
"""Leaves to open one record: who may have one, and the access in the log that goes before.

A day has a number of openings for each person; at the cap there is an alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_noop as _

from vigie.core.errors import InvalidInputError, NotFoundError, RefusedError
from vigie.evidence import keys
from vigie.flow import desk_settings, records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.store.models import (
    CustodyEvent,
    CustodyKind,
    Evidence,
    EvidenceKind,
    Order,
    User,
    VaultGrant,
)
from vigie.store.permissions import Permission

OPENED: Final = "evidence.opened"
COPIED: Final = "evidence.copied"
EXCERPTED: Final = "excerpt.opened"
LOOK, PACKAGE, REPORT, EXCERPT = "look", "package", "report", "excerpt"
ALONE: Final = frozenset({PACKAGE, EXCERPT})
"""Purposes of which marked classes ask for no second person: an order, or a case, was before."""
TERM_MS: Final = 3_600_000
STEP_MS: Final = 900_000
"""How fresh the proof of who somebody is must be."""
DAY_MS: Final = 86_400_000
MARKED: Final = frozenset({"child", "intimate", "minors_exposure", "terrorist"})
MAX_REASON: Final = 2_000
MAX_TICKET: Final = 100
CAP: Final = "evidence_per_day"
EXCERPT_CAP: Final = "excerpts_per_day"
NEEDS: Final = {
    LOOK: Permission.EVIDENCE_OPEN,
    PACKAGE: Permission.EVIDENCE_PACKAGE,
    REPORT: Permission.REPORT_SEND,
    EXCERPT: Permission.GATEWAY_EXCERPT,
}


def needs_two(evidence: Evidence) -> bool:
    """Say whether two people open it together: marked classes, and data of an account."""
    return evidence.cls in MARKED or evidence.kind == EvidenceKind.ACCOUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who wants what opened, and why."""

    user: User
    reason: str
    ticket: str = ""
    purpose: str = LOOK
    order: Order | None = None
    second: User | None = None
    stepped_at: int | None = None
    second_stepped_at: int | None = None


def grant(house: House, evidence: Evidence, asking: Asking) -> VaultGrant:
    """Write a leave; it opens nothing before the access is logged. Callers have checked."""
    now = house.now()
    return VaultGrant.objects.create(
        evidence=evidence,
        user=asking.user,
        second=asking.second,
        reason=asking.reason.strip(),
        ticket=asking.ticket.strip(),
        purpose=asking.purpose,
        order=asking.order,
        stepped_at=asking.stepped_at,
        second_stepped_at=asking.second_stepped_at,
        granted_at=now,
        expires_at=now + TERM_MS,
    )


def check(house: House, evidence: Evidence, asking: Asking) -> None:
    """Raise where this person may not ask for this record, before anything is written.

    RefusedError `no_permission`, `report_only` (lane `child`), `case_only` (what the
    gateway stopped), `day_spent`;
    InvalidInputError without a reason; NotFoundError `shredded`.
    """
    if not asking.user.has_perm(NEEDS[asking.purpose]):
        raise RefusedError(_("Your role may not open evidence."), code="no_permission")
    if evidence.lane == keys.CHILD and asking.purpose != REPORT:
        raise RefusedError(_("This is opened for its report alone."), code="report_only")
    if not fits(evidence, asking.purpose):
        raise RefusedError(_("This is opened from its case alone."), code="case_only")
    if evidence.shredded_at is not None or not evidence.wrapped:
        raise NotFoundError(_("This was shredded."), code="shredded")
    _check_words(asking)
    if is_spent(house, asking.user, asking.purpose):
        raise RefusedError(
            _("The openings of this day are used up."),
            code="day_spent",
            fix=_("Ask another officer, or go on tomorrow."),
        )


def fits(evidence: Evidence, purpose: str) -> bool:
    """Say whether a record is opened for a purpose: excerpts from their case, no others."""
    is_excerpt = evidence.kind == EvidenceKind.EXCERPT
    return purpose not in (LOOK, EXCERPT) or is_excerpt == (purpose == EXCERPT)


def is_spent(house: House, user: User, purpose: str, *, own: int = 0) -> bool:
    """Say whether a person's openings of the day are used up; `own` of them is the one asked."""
    if purpose == LOOK:
        return spent(house, user) - own >= cap()
    if purpose == EXCERPT:
        return excerpts(house, user) - own >= desk_settings.number(EXCERPT_CAP)
    return False


def excerpts(house: House, user: User) -> int:
    """Return how many excerpts of the gateway a person has opened since midnight UTC."""
    now = house.now()
    rows = VaultGrant.objects.filter(user=user, purpose=EXCERPT, record__isnull=False)
    return rows.filter(granted_at__gte=now - now % DAY_MS).count()


def cap() -> int:
    """Return how many records one person may open in a day."""
    return desk_settings.number(CAP)


def spent(house: House, user: User) -> int:
    """Return how many records a person has opened since midnight UTC."""
    now = house.now()
    return CustodyEvent.objects.filter(
        user=user, kind=CustodyKind.OPENED, at__gte=now - now % DAY_MS
    ).count()


def _check_words(asking: Asking) -> None:
    if not asking.reason.strip() or len(asking.reason) > MAX_REASON:
        raise InvalidInputError(
            _("Opening evidence needs a reason."),
            code="no_reason",
            field="reason",
            fix=_("Say in a few words why it is needed."),
        )
    if len(asking.ticket) > MAX_TICKET:
        raise InvalidInputError(_("The reference is too long."), field="ticket")


def check_fresh(house: House, stepped_at: object) -> None:
    """Raise RefusedError `step_up` where the proof of who somebody is is missing or too old."""
    now = house.now()
    if not isinstance(stepped_at, int) or not now - STEP_MS <= stepped_at <= now:
        raise RefusedError(
            _("Prove anew who you are first."),
            code="step_up",
            fix=_("Open this from the page of the evidence."),
        )


def log_all(house: House, leaves: Sequence[VaultGrant], kind: CustodyKind) -> None:
    """Write the accesses of leaves: record, custody event, and the leave names its record."""
    now = house.now()
    drafts = [_draft(leave, kind, now) for leave in leaves]
    records.append(drafts)
    for leave, draft in zip(leaves, drafts, strict=True):
        CustodyEvent.objects.create(
            evidence_id=leave.evidence_id,
            kind=kind,
            user=leave.user,
            second=leave.second,
            by=_by(leave),
            reason=leave.reason,
            ticket=leave.ticket,
            at=now,
            record_id=draft.record_id,
        )
        leave.record_id = draft.record_id
        leave.save(update_fields=["record"])


def _by(leave: VaultGrant) -> str:
    both = [leave.user] if leave.second is None else [leave.user, leave.second]
    return ", ".join(by_number(one) for one in both)[:64]


def _draft(leave: VaultGrant, kind: CustodyKind, now: int) -> records.Draft:
    plain = {"evidence": leave.evidence_id, "grant": leave.pk, "purpose": leave.purpose}
    personal = {"by": _by(leave), "reason": leave.reason, "ticket": leave.ticket}
    name = OPENED if kind is CustodyKind.OPENED else COPIED
    if leave.purpose == EXCERPT:
        name = EXCERPTED
    return records.draft(name, now, plain, personal)
