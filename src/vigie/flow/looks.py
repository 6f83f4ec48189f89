# SPDX-License-Identifier: Apache-2.0
"""Every look at sensitive content: why, by whom, counted against a budget, in the log.

Clear pictures and sealed files cost one look of the shift; hard categories have
a lower budget of their own inside it. The grey derivative, masked words and
contact data cost nothing and are recorded all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_noop as _

from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow import desk_settings, records, shifts
from vigie.flow.house import House
from vigie.flow.shifts import COUNTED
from vigie.flow.transaction import writing
from vigie.store.models import Case, ContentLook, DecisionRecord, LookKind, User
from vigie.store.permissions import Permission

LOOKED: Final = "content.looked"
GRANTED: Final = "shift.granted"
HARD_CATEGORIES: Final = frozenset({"child", "terrorist", "intimate", "minors", "self_harm"})
MAX_REASON: Final = 300
ASKS_WHY: Final = frozenset({LookKind.CLEAR, LookKind.FILE, LookKind.NOTIFIER})
NEEDS: Final = {
    LookKind.BLURRED: Permission.CONTENT_READ,
    LookKind.WORDS: Permission.CONTENT_READ,
    LookKind.CLEAR: Permission.CONTENT_LOOK,
    LookKind.FILE: Permission.CONTENT_LOOK,
    LookKind.NOTIFIER: Permission.NOTIFIER_READ,
}
_WHAT_NOW: Final = _(
    "Take a break, go on with another queue, or ask the quality lead; "
    "a senior person can add looks once, with a reason."
)


def look(
    house: House,
    user: User,
    *,
    kind: LookKind,
    reason: str,
    case: Case | None = None,
    decision: DecisionRecord | None = None,
    category: str = "",
    about: Mapping[str, int | str] | None = None,
) -> ContentLook:
    """Record a look before anything is shown; one row, one entry of the log.

    Whether the person may see this case at all is for the caller to check
    (`flow.queues.access.may_see`). `about` are further plain values of the
    record: a picture's position, a file's number.

    Raises RefusedError `no_permission` or `budget_spent`, InvalidInputError
    where a reason is missing or too long.
    """
    kind = LookKind(kind)
    given = check_look(user, kind, reason)
    heavy = is_hard(case, category)
    now = house.now()
    with writing():
        shifts.begin(house, user)
        if kind in COUNTED:
            _check_budget(house, user, hard=heavy)
        plain = {"look": kind.value, "account": user.pk, "hard": heavy, **(about or {})}
        plain |= {"case": case.pk} if case else {}
        plain |= {"decision": decision.number} if decision else {}
        plain |= {"category": category} if category else {}
        made = records.draft(LOOKED, now, plain, {"by": user.username, "reason": given})
        records.append_one(made)
        return ContentLook.objects.create(
            user=user,
            kind=kind,
            case=case,
            decision=decision,
            category=category,
            hard=heavy,
            reason=given,
            at=now,
            # A picture is handed out afterwards, once; all else is shown with the answer.
            shown_at=None if kind is LookKind.CLEAR else now,
            record_id=made.record_id,
        )


def hand_out(house: House, user: User, look_id: int) -> bool:
    """Use up a look that was asked for; False where it was used before or is over."""
    now = house.now()
    waiting = ContentLook.objects.filter(
        pk=look_id, user=user, shown_at__isnull=True, at__gt=now - shifts.LOOK_MS
    )
    return waiting.update(shown_at=now) == 1


def check_look(user: User, kind: LookKind, reason: str) -> str:
    """Return the reason as it is kept; raises where this person may not look like this."""
    if not user.has_perm(NEEDS[kind]):
        raise RefusedError(_("Your role may not look at this."), code="no_permission")
    given = reason.strip()
    if kind in ASKS_WHY and not given:
        raise InvalidInputError(
            _("A look needs a reason."),
            code="no_reason",
            field="reason",
            fix=_("Say in a few words why it is needed."),
        )
    if len(given) > MAX_REASON:
        raise InvalidInputError(
            _("The reason is too long."),
            code="too_long",
            field="reason",
            fix=f"Use at most {MAX_REASON} characters.",
        )
    return given


def is_hard(case: Case | None, category: str = "") -> bool:
    """Say whether a look counts against the lower budget: by category or by queue."""
    if category in HARD_CATEGORIES:
        return True
    if case is None:
        return False
    return case.category in HARD_CATEGORIES or case.queue in shifts.hard_queues()


def _check_budget(house: House, user: User, *, hard: bool) -> None:
    if shifts.standing(house, user).spent(hard=hard):
        raise RefusedError(
            _("The looks of this shift are used up."),
            code="budget_spent",
            field="reason",
            fix=_WHAT_NOW,
        )


def seen_blurred(house: House, user: User, decision: DecisionRecord, case: Case | None) -> None:
    """Record that somebody was shown the grey copies of an item: once a shift, without a price."""
    shift = shifts.begin(house, user)
    shown = ContentLook.objects.filter(
        user=user, kind=LookKind.BLURRED, decision=decision, at__gte=shift.started_at
    )
    if not shown.exists():
        look(house, user, kind=LookKind.BLURRED, reason="", case=case, decision=decision)


def grant(house: House, by: User, user: User, reason: str) -> int:
    """Let somebody else look more often, once in a shift; return how many looks more.

    Raises RefusedError for oneself or without the permission of a senior
    person, ConflictError where it was done or no shift goes on.
    """
    if not by.has_perm(Permission.CASE_ASSIGN):
        raise RefusedError(_("Only a senior person can add looks."), code="no_permission")
    if by.pk == user.pk:
        raise RefusedError(_("Nobody adds looks for themselves."), code="own_budget")
    given = check_look(by, LookKind.CLEAR, reason)
    more = desk_settings.number("look_grant")
    now = house.now()
    with writing():
        shift = shifts.current(house, user)
        if shift is None:
            raise ConflictError(_("This person is not in a shift."), code="no_shift")
        if shift.granted:
            raise ConflictError(_("Looks were added in this shift already."), code="granted_before")
        shift.granted, shift.granted_by = more, by
        shift.save(update_fields=["granted", "granted_by"])
        plain = {"account": user.pk, "looks": more}
        personal = {"by": by.username, "reason": given}
        records.append_one(records.draft(GRANTED, now, plain, personal))
    return more
