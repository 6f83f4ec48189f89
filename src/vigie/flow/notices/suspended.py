# SPDX-License-Identifier: Apache-2.0
"""Somebody whose notices are not processed for a while (Art. 23(2) DSA).

Told at once, never silently dropped. What can cost a life or harm a child is
taken from everybody.
"""

from __future__ import annotations

from typing import Final

from vigie.core.clock import iso
from vigie.core.errors import RefusedError
from vigie.flow.strikes.measures import suspension_of
from vigie.store.models import SubjectKind

ALWAYS: Final = frozenset({"child", "terrorist", "threat", "self_harm", "intimate", "minors"})


def check_processed(notifier: str, service: str, category: str, now: int) -> None:
    """Raise RefusedError `suspended` where this notifier's notices are not processed now."""
    if category in ALWAYS:
        return
    measure = suspension_of(SubjectKind.NOTIFIER, notifier, service, now)
    if measure is None:
        return
    raise RefusedError(
        "After a warning, your notices are not processed until the day below.",
        code="suspended",
        fix=f"Until {iso(measure.until or now)[:10]}. The letter about it says how to contest it.",
    )
