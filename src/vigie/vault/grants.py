# SPDX-License-Identifier: Apache-2.0
"""Checks a leave against the database and the log, in the vault process, and uses it up.

Whatever asks is not believed: people, permissions, times, the second person, the day's
cap and the access in the log are looked up here again. Anything that does not fit is
a refusal, which is recorded once.
"""

from __future__ import annotations

import json
from typing import Final

from django.db.models import Q

from vigie.evidence import keys
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.flow.vault import leaves
from vigie.ledger.entry import make_entry, record_salt
from vigie.store.models import (
    CustodyEvent,
    CustodyKind,
    Evidence,
    GatewayCase,
    GatewayCaseState,
    LogEntry,
    Proof,
    RecordKey,
    SearchDay,
    User,
    VaultGrant,
)

REFUSED: Final = "evidence.refused"
_KINDS: Final = {
    leaves.LOOK: leaves.OPENED,
    leaves.PACKAGE: leaves.COPIED,
    leaves.REPORT: leaves.COPIED,
    leaves.EXCERPT: leaves.EXCERPTED,
}


class DeniedError(Exception):
    """A leave does not open; the code says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def take(house: House, number: int, *, use: bool = True) -> VaultGrant:
    """Return a leave that holds, used up in the same transaction (unless for `Prepare`).

    Raises DeniedError; the refusal of a leave that was not used is on record.
    """
    with writing():
        leave = (
            VaultGrant.objects.select_related("evidence", "user", "second", "order", "record")
            .filter(pk=number)
            .first()
        )
        if leave is None:
            raise DeniedError("no_grant")
        if leave.used_at is not None:
            raise DeniedError("used")
        problem = problem_of(house, leave)
        if problem:
            _refuse(house, leave, problem)
        if use or problem:
            leave.used_at = house.now()
            leave.save(update_fields=["used_at"])
    if problem:
        raise DeniedError(problem)
    return leave


def problem_of(house: House, leave: VaultGrant) -> str:
    """Return why a leave does not hold; empty where it does."""
    checks = (
        _time(house, leave),
        _people(leave),
        _evidence(leave.evidence),
        _purpose(leave),
        _fresh(house, leave),
        _cap(house, leave),
        _logged(leave),
    )
    return next((one for one in checks if one), "")


def _time(house: House, leave: VaultGrant) -> str:
    if leave.expires_at - leave.granted_at > leaves.TERM_MS:
        return "too_long"
    return "" if leave.granted_at <= house.now() < leave.expires_at else "expired"


def _people(leave: VaultGrant) -> str:
    needs = leaves.NEEDS.get(leave.purpose)
    both = [leave.user] if leave.second is None else [leave.user, leave.second]
    if needs is None or not all(_may(one, needs) for one in both):
        return "no_permission"
    if leaves.needs_two(leave.evidence) and leave.purpose not in leaves.ALONE:
        return "" if leave.second_id not in {None, leave.user_id} else "second_person"
    return "second_person" if leave.second_id == leave.user_id else ""


def _may(user: User, needs: str) -> bool:
    return bool(user.is_active and user.has_perm(needs))


def _evidence(row: Evidence) -> str:
    return "shredded" if row.shredded_at is not None or not row.wrapped else ""


def _purpose(leave: VaultGrant) -> str:
    """Refuse what is not opened for this purpose.

    Lane `child` for anything but its report, a package without a proven order, an
    excerpt of the gateway without an open case.
    """
    if (leave.evidence.lane == keys.CHILD) != (leave.purpose == leaves.REPORT):
        return "report_only"
    if not leaves.fits(leave.evidence, leave.purpose):
        return "case_only"
    if leave.purpose == leaves.EXCERPT:
        case = GatewayCase.objects.filter(
            stopped__evidence=leave.evidence, state=GatewayCaseState.OPEN
        )
        return "" if case.exists() else "no_case"
    if leave.purpose != leaves.PACKAGE:
        return ""
    if leave.order is not None:
        return "not_proven" if leave.order.proof == Proof.NONE else ""
    return "" if _of_search(leave.ticket) else "not_proven"


def _of_search(ticket: str) -> bool:
    """Say whether a package without an order is that of a search on record."""
    number = ticket.removeprefix("S-")
    if number == ticket or not (number.isascii() and number.isdigit() and len(number) < 19):
        return False
    return SearchDay.objects.filter(pk=int(number)).exists()


def _fresh(house: House, leave: VaultGrant) -> str:
    """Ask both of a marked class for a fresh proof of who they are."""
    if not leaves.needs_two(leave.evidence) or leave.purpose in leaves.ALONE:
        return ""
    first, second = leave.stepped_at or 0, leave.second_stepped_at or 0
    end = house.now() if leave.purpose == leaves.LOOK else leave.granted_at
    stale = not end - leaves.STEP_MS <= first <= house.now()
    stale |= not leave.granted_at - leaves.STEP_MS <= second <= house.now()
    return "step_up" if stale else ""


def _cap(house: House, leave: VaultGrant) -> str:
    """The access of this leave is counted already: it is in the log."""
    own = int(leave.record_id is not None)
    return "day_spent" if leaves.is_spent(house, leave.user, leave.purpose, own=own) else ""


def _logged(leave: VaultGrant) -> str:
    """Refuse unless the log commits to exactly this access: entry, record and custody event."""
    record = leave.record
    if record is None:
        return "not_logged"
    said = json.loads(record.canonical)
    named = (said.get("k"), said.get("evidence"), said.get("grant"))
    entry = LogEntry.objects.filter(record=record).first()
    key = RecordKey.objects.filter(record=record).first()
    event = CustodyEvent.objects.filter(
        Q(record=record, evidence=leave.evidence, user=leave.user, second=leave.second)
    )
    if (
        named != (_KINDS[leave.purpose], leave.evidence_id, leave.pk)
        or entry is None
        or key is None
    ):
        return "not_logged"
    committed = make_entry(record.canonical, record_salt(bytes(key.key)))
    if committed != bytes(entry.entry) or not event.exists():
        return "not_logged"
    return ""


def _refuse(house: House, leave: VaultGrant, problem: str) -> None:
    """Record that the vault said no. Inside `writing`."""
    now = house.now()
    plain = {"evidence": leave.evidence_id, "grant": leave.pk, "why": problem}
    draft = records.draft(REFUSED, now, plain, {"by": by_number(leave.user)})
    records.append_one(draft)
    CustodyEvent.objects.create(
        evidence=leave.evidence,
        kind=CustodyKind.REFUSED,
        user=leave.user,
        second=leave.second,
        by=by_number(leave.user),
        reason=problem,
        ticket=leave.ticket,
        at=now,
        record_id=draft.record_id,
    )
