# SPDX-License-Identifier: Apache-2.0
"""How a shift stands, in words: for the top bar and the page of the shift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from vigie.console.clocks import span
from vigie.flow import house, shifts
from vigie.flow.shifts import Due
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from vigie.flow.shifts import ShiftView
    from vigie.store.models import User

_WORKS: Final = Permission.CASE_DECIDE


@dataclass(frozen=True, slots=True)
class Line:
    """What the top bar says of a shift."""

    words: str
    due: str
    """Why a break is proposed; empty: none is."""
    near: bool


def line(user: User) -> Line | None:
    """Return what the bar says; None for who decides no cases."""
    if not user.has_perm(_WORKS):
        return None
    standing = shifts.standing(house.current(), user)
    return Line(_line(standing), due_words(standing), standing.near_limit)


def _line(standing: ShiftView) -> str:
    if standing.shift is None:
        return _("No shift yet")
    if standing.paused:
        return _("On a break")
    return _("Shift %(time)s · %(used)s of %(limit)s looks") % {
        "time": span(standing.worked_ms),
        "used": standing.used,
        "limit": standing.limit,
    }


def due_words(standing: ShiftView) -> str:
    """Say why a break is proposed; empty where none is."""
    if standing.break_due is Due.HARD:
        return _("Time for a break: several hard cases came one after the other.")
    if standing.break_due is Due.TIME:
        return _("Time for a break: a while has passed since the last one.")
    return ""
