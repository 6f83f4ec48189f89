# SPDX-License-Identifier: Apache-2.0
"""Two people never hold one case: a claim is one conditional update.

A claim ends by itself after the minutes of the setting `claim_minutes`; a
watcher is somebody whose page gave a sign of life within the last minute.
"""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, RefusedError
from vigie.flow import desk_settings, search_day, shifts
from vigie.flow.house import House
from vigie.flow.queues import access
from vigie.store.models import Case, CaseEvent, CaseEventKind, CaseState, CaseWatch, User
from vigie.store.permissions import Permission

WATCH_MS: Final = 60_000


def claim(house: House, case: Case, user: User) -> Case:
    """Take a case, or hold it longer. Raises ConflictError where somebody else has it.

    RefusedError where the person may not take it.
    """
    access.check_work(user, case)
    if not take(house, case, user):
        case.refresh_from_db()
        raise _taken(case)
    return case


def take(house: House, case: Case, user: User) -> bool:
    """Claim a case if it is free; the caller has checked the rights. False: it is not."""
    # Before the case is locked: a shift waits for the one writer.
    shifts.begin(house, user)
    now = house.now()
    until = now + desk_settings.number("claim_minutes") * 60_000
    with transaction.atomic():
        waits = Case.objects.filter(pk=case.pk, state=CaseState.OPEN)
        free = waits.filter(claimed_until__lte=now)
        if free.update(claimed_by=user, claimed_until=until):
            note(case, CaseEventKind.CLAIMED, user, now)
        elif not waits.filter(claimed_by=user).update(claimed_until=until):
            return False
    case.claimed_by, case.claimed_until = user, until
    return True


def release(house: House, case: Case, user: User) -> None:
    """Give a case back. Somebody else's only with the permission to assign."""
    now = house.now()
    holder = case.claimed_by_id if case.claimed_until > now else None
    if holder not in {None, user.pk} and not user.has_perm(Permission.CASE_ASSIGN):
        raise RefusedError(_("Somebody else has this case."), code="claimed")
    with transaction.atomic():
        if free(case, now):
            note(case, CaseEventKind.RELEASED, user, now)


def free(case: Case, now: int) -> bool:
    """End the claim on a case, whoever has it; False where there was none."""
    held = Case.objects.filter(pk=case.pk, claimed_until__gt=now)
    ended = held.update(claimed_by=None, claimed_until=0) > 0
    case.claimed_by, case.claimed_until = None, 0
    return ended


def holder(case: Case, now: int) -> User | None:
    """Return who has the case now."""
    return case.claimed_by if case.claimed_until > now else None


def check_free(case: Case, user: User, now: int) -> None:
    """Raise ConflictError where somebody else works on the case; who assigns may take it away."""
    if holder(case, now) not in {None, user} and not user.has_perm(Permission.CASE_ASSIGN):
        raise _taken(case)


def watch(house: House, case: Case, user: User) -> list[User]:
    """Say that a person looks at a case; return who else does."""
    now = house.now()
    CaseWatch.objects.update_or_create(case=case, user=user, defaults={"seen_at": now})
    others = CaseWatch.objects.filter(case=case, seen_at__gt=now - WATCH_MS).exclude(user=user)
    return [row.user for row in others.select_related("user").order_by("user__username")]


def stop_watching(case: Case, user: User) -> None:
    """Forget that a person looks at a case."""
    CaseWatch.objects.filter(case=case, user=user).delete()


def forget_watches(house: House) -> int:
    """Delete signs of life that are over; returns how many: none while a search stands."""
    if search_day.stops_deletion():
        return 0
    over = Q(seen_at__lte=house.now() - WATCH_MS)
    return CaseWatch.objects.filter(over).delete()[0]


def note(case: Case, kind: CaseEventKind, user: User | None, now: int, words: str = "") -> None:
    """Write down what happened to a case."""
    CaseEvent.objects.create(case=case, kind=kind, user=user, at=now, note=words)


def _taken(case: Case) -> ConflictError:
    if case.state != CaseState.OPEN:
        return ConflictError(_("This case no longer waits."), code="case_closed")
    who = case.claimed_by.username if case.claimed_by else _("Somebody")
    return ConflictError(
        _("%(holder)s has this case.") % {"holder": who},
        code="claimed",
        fix=_("Take another one, or wait until it is free."),
    )
