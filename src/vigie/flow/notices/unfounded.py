# SPDX-License-Identifier: Apache-2.0
"""A person calls a notice manifestly unfounded, or takes that back (Art. 23(2) DSA).

It counts a strike for the notifier; the ladder proposes, a person decides.
"""

from __future__ import annotations

from typing import Final

from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.notices.form import category_of
from vigie.flow.strikes.count import count_notice, uncount_notice
from vigie.flow.transaction import writing
from vigie.store.models import Notice, NoticeState, User
from vigie.store.permissions import Permission

MAX_REASON: Final = 1_000


def mark_unfounded(
    house: House, user: User, notice: Notice, reason: str, *, unfounded: bool = True
) -> Notice:
    """Mark a decided notice as manifestly unfounded, or take the mark back; with a reason.

    Raises RefusedError without the permission to decide and for notices that
    nobody signed, ConflictError before it is decided or where something was
    restricted, InvalidInputError without a reason.
    """
    given = check_mark(user, notice, reason)
    now = house.now()
    with writing():
        row = Notice.objects.select_for_update().get(pk=notice.pk)
        if row.unfounded == unfounded:
            return row
        if unfounded:
            _check_decided(row)
        row.unfounded = unfounded
        row.save(update_fields=["unfounded"])
        plain = {"notice": row.number, "unfounded": unfounded, "account": user.pk}
        personal = {"by": user.username, "reason": given}
        records.append_one(records.draft("notice.unfounded", now, plain, personal))
        if unfounded:
            count_notice(house, row, None)
        else:
            uncount_notice(house, row)
    return row


def check_mark(user: User, notice: Notice, reason: str) -> str:
    """Return the reason as it is kept; raises where this person may not mark this notice."""
    if not user.has_perm(Permission.CASE_DECIDE):
        raise RefusedError("Your role may not decide.", code="no_permission")
    if category_of(notice.category).anonymous:
        raise RefusedError("Here nobody is named, and nothing is counted.", code="anonymous")
    given = reason.strip()
    if not given or len(given) > MAX_REASON:
        raise InvalidInputError(
            f"Say why, in at most {MAX_REASON:,} characters.", code="no_reason", field="reason"
        )
    return given


def _check_decided(notice: Notice) -> None:
    if notice.state != NoticeState.DECIDED:
        raise ConflictError("It is not decided yet.", code="not_decided")
    if notice.items.filter(outcome="restricted").exists():
        raise ConflictError(
            "Something was restricted because of it: it is not unfounded.", code="founded"
        )
