# SPDX-License-Identifier: Apache-2.0
"""Figures of single persons: load and exposure, off by default.

Only the person and the quality lead see them, sorted by role number. No time
per case, no number of decided cases beside hours, no breaks and no skips: what
is not gathered here cannot become a ranking.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q
from django.utils.translation import gettext_noop as _

from vigie.core.errors import RefusedError
from vigie.flow import desk_settings, shifts
from vigie.flow.house import House
from vigie.flow.queues.listing import held_by
from vigie.flow.shifts import COUNTED, ShiftView
from vigie.store.models import ContentLook, Shift, User
from vigie.store.permissions import Permission

DAYS: Final = 28
DAY_MS: Final = 24 * shifts.HOUR_MS


@dataclass(frozen=True, slots=True)
class Figures:
    """What is shown of one person."""

    user: User
    shift: ShiftView
    days: int
    """Days with a shift, of the last 28."""
    worked_ms: int
    """At work in the last 28 days, in whole hours, breaks left out."""
    held: int
    """Cases that they hold or were assigned now."""
    looks: int
    """Clear looks of the last 28 days."""
    hard_looks: int


def of_everyone(house: House, reader: User) -> list[Figures]:
    """Return the figures of all who decide, by role number.

    Raises RefusedError for everybody but the quality lead, and for them too
    while the setting is off.
    """
    if not reader.has_perm(Permission.QUALITY_READ):
        raise RefusedError(_("Only the quality lead sees figures of others."), code="no_permission")
    _check_on()
    people = User.objects.filter(is_active=True).order_by("number", "pk")
    return [of(house, one) for one in people if one.has_perm(Permission.CASE_DECIDE)]


def own(house: House, user: User) -> Figures:
    """Return a person's own figures. Raises RefusedError where they did not ask for them."""
    _check_on()
    if not user.own_figures:
        raise RefusedError(_("You have not asked for figures of your own."), code="not_asked")
    return of(house, user)


def _check_on() -> None:
    if not desk_settings.switch("personal_figures"):
        raise RefusedError(_("Figures of single persons are switched off."), code="figures_off")


def of(house: House, user: User) -> Figures:
    """Gather the figures of one person; the callers above say who may see them."""
    now = house.now()
    since = now - DAYS * DAY_MS
    recent = list(Shift.objects.filter(user=user, started_at__gte=since))
    seen = ContentLook.objects.filter(
        user=user, kind__in=COUNTED, shown_at__isnull=False, at__gte=since
    ).aggregate(all=Count("pk"), hard=Count("pk", filter=Q(hard=True)))
    held = held_by(user, now)
    worked = sum(_worked(one, now) for one in recent)
    return Figures(
        user=user,
        shift=shifts.standing(house, user),
        days=len({one.started_at // DAY_MS for one in recent}),
        worked_ms=worked // shifts.HOUR_MS * shifts.HOUR_MS,
        held=len(held),
        looks=seen["all"],
        hard_looks=seen["hard"],
    )


def _worked(shift: Shift, now: int) -> int:
    """Return the time at work; what nobody ended is over with its last sign of life."""
    if shift.ended_at is None and shift.paused_at is None:
        return shifts.worked(shift, min(now, max(shift.seen_at, shift.started_at)))
    return shifts.worked(shift, now)
