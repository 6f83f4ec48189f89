# SPDX-License-Identifier: Apache-2.0
"""A notifier's complaint: the item is looked at again by the person who hears it.

The closed case opens once more, in that person's hands. What they decide there
is their own decision with its own statement; the complaint is then answered. If
they restrict nothing, refusing the complaint closes the case as it was.
"""

from __future__ import annotations

from vigie.core.errors import ConflictError, RefusedError
from vigie.flow.appeals.persons import is_barred
from vigie.flow.house import House
from vigie.flow.queues import claims
from vigie.flow.transaction import writing
from vigie.store.models import (
    Appeal,
    AppealBy,
    AppealState,
    Case,
    CaseEventKind,
    CaseState,
    User,
)
from vigie.store.permissions import Permission


def reopen_item(house: House, user: User, appeal: Appeal) -> Case:
    """Open the item's case for the person who hears a notifier's complaint.

    Raises RefusedError for who may not, ConflictError where there is no case or
    the complaint was answered.
    """
    if not user.has_perm(Permission.APPEAL_DECIDE) or is_barred(user, appeal):
        raise RefusedError("Somebody else hears this complaint.", code="own_decision")
    with writing():
        row = Appeal.objects.get(pk=appeal.pk)
        case = item_case(row)
        if row.state != AppealState.LODGED or row.by != AppealBy.NOTIFIER or case is None:
            raise ConflictError("There is nothing to decide again.", code="nothing_to_reopen")
        if case.state == CaseState.DECIDED:
            case.state = CaseState.OPEN
            case.save(update_fields=["state"])
            claims.note(case, CaseEventKind.NOTE, user, house.now(), row.label)
        claims.claim(house, case, user)
    return case


def item_case(appeal: Appeal) -> Case | None:
    """Return the case of the item on which the notice was decided."""
    return appeal.notice_item.case if appeal.notice_item is not None else None


def close_again(appeal: Appeal) -> None:
    """Close a case that was opened again and decided nothing; inside `writing`."""
    case = item_case(appeal)
    if case is not None and case.state == CaseState.OPEN and case.closed_at is not None:
        case.state = CaseState.DECIDED
        case.claimed_by, case.claimed_until = None, 0
        case.save(update_fields=["state", "claimed_by", "claimed_until"])
