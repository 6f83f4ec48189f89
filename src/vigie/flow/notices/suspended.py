# SPDX-License-Identifier: Apache-2.0
"""Somebody whose notices are not processed for a while (Art. 23(2) DSA).

Told at once, never silently dropped. What can cost a life or harm a child is
taken from everybody.
"""

from __future__ import annotations

from typing import Final

from vigie.core.clock import iso
from vigie.core.errors import RefusedError
from vigie.store.models import Measure, MeasureKind, MeasureState, SubjectKind

ALWAYS: Final = frozenset({"child", "terrorist", "threat", "self_harm", "intimate", "minors"})


def check_processed(notifier: str, category: str, now: int) -> None:
    """Raise RefusedError `suspended` where this notifier's notices are not processed now."""
    if not notifier or category in ALWAYS:
        return
    until = suspended_until(notifier, now)
    if until is None:
        return
    raise RefusedError(
        "After a warning, your notices are not processed until the day below.",
        code="suspended",
        fix=f"Until {iso(until)[:10]}. The letter about it says how to contest it.",
    )


def suspended_until(notifier: str, now: int) -> int | None:
    """Return when the suspension in force ends; None where there is none."""
    found = Measure.objects.filter(
        subject_kind=SubjectKind.NOTIFIER,
        subject=notifier,
        kind=MeasureKind.SUSPENSION,
        state=MeasureState.IN_FORCE,
        until__gt=now,
    )
    return found.order_by("-until").values_list("until", flat=True).first()
