# SPDX-License-Identifier: Apache-2.0
"""A person calls a notice manifestly unfounded, or takes that back (Art. 23(2) DSA).

Never a program, and never only because it was not followed: a mistake in good
faith is no misuse.
"""

from __future__ import annotations

from typing import Final

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.strikes.count import count_notice, uncount_notice
from vigie.flow.transaction import writing
from vigie.store.models import Notice, NoticeState, User
from vigie.store.permissions import Permission

MAX_REASON: Final = 2_000
CALLED: Final = "notice.unfounded"
ALWAYS_HEARD: Final = frozenset({"child"})
"""Nobody is held back from telling of these."""


def call_unfounded(house: House, user: User, number: int, reason: str) -> Notice:
    """Call a decided notice manifestly unfounded; it counts for whoever sent it.

    Raises ConflictError where something of it was followed or it waits,
    RefusedError for a category in which everybody is always heard.
    """
    _check(user, reason)
    with writing():
        notice = find(number)
        if notice.category in ALWAYS_HEARD:
            raise RefusedError("Notices of this category never count against anybody.")
        if notice.state != NoticeState.DECIDED or notice.unfounded:
            raise ConflictError("This notice is not decided.", code="not_decided")
        if notice.items.filter(outcome="restricted").exists():
            raise ConflictError("Something of this notice was followed.", code="was_followed")
        notice.unfounded = True
        notice.save(update_fields=["unfounded"])
        item = notice.items.exclude(decision=None).order_by("-decided_at").first()
        count_notice(house, notice, item.decision if item is not None else None)
        _record(house, user, notice, reason)
    return notice


def take_back(house: House, user: User, number: int, reason: str) -> Notice:
    """Take it back that a notice was called unfounded, and the strike with it."""
    _check(user, reason)
    with writing():
        notice = find(number)
        if not notice.unfounded:
            raise ConflictError("This notice was not called unfounded.", code="not_unfounded")
        notice.unfounded = False
        notice.save(update_fields=["unfounded"])
        uncount_notice(house, notice)
        _record(house, user, notice, reason)
    return notice


def find(number: int) -> Notice:
    """Return a notice. Raises NotFoundError."""
    notice = Notice.objects.filter(number=number).first()
    if notice is None:
        raise NotFoundError("There is no such notice.", code="no_notice", field="notice")
    return notice


def _check(user: User, reason: str) -> None:
    if not user.has_perm(Permission.MEASURE_DECIDE):
        raise RefusedError("Your role may not decide on this.")
    if not reason.strip() or len(reason) > MAX_REASON:
        raise InvalidInputError(
            f"Give a reason of at most {MAX_REASON} characters.", code="no_reason", field="reason"
        )


def _record(house: House, user: User, notice: Notice, reason: str) -> None:
    plain = {"notice": notice.number, "unfounded": notice.unfounded}
    personal = {"reason": reason.strip(), "by": by_number(user)}
    records.append_one(records.draft(CALLED, house.now(), plain, personal))
