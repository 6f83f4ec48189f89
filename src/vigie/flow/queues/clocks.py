# SPDX-License-Identifier: Apache-2.0
"""When a case is due: the law's clock, the queue's aim, whichever ends first.

A clock of low confidence is shown as unconfirmed and never sets the time by
which cases are ordered. Time alone closes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from vigie.law.deadlines import Deadline, load
from vigie.store.models import Case, CaseKind, ReviewQueue

MINUTE_MS: Final = 60_000
TRUSTED_AIM_MS: Final = 60 * MINUTE_MS
"""Own aim for what a trusted flagger sends; Art. 22(1) DSA says priority, no figure."""
NOTICED: Final = "dsa_notice_decision"
CLOCKS: Final[Mapping[str, tuple[str, ...]]] = {
    CaseKind.MATCH: ("dsa_art18",),
    CaseKind.NOTICE: (NOTICED,),
    CaseKind.INTIMATE: ("us_take_it_down", "uk_intimate_48h"),
}
"""Kind of case to the entries of `law.deadlines` that run for it; the rest have an aim only."""


@dataclass(frozen=True, slots=True)
class Due:
    """When, and what says so."""

    at: int
    clock: str = ""
    """Entry of `law.deadlines`; empty: the queue's own aim."""
    hard: bool = False


def running(kind: str, *, noticed: bool = False) -> list[Deadline]:
    """Return the clocks that run for a kind of case, the unconfirmed ones too."""
    names = list(CLOCKS.get(kind, ()))
    if noticed and NOTICED not in names and kind != CaseKind.INTIMATE:
        names.append(NOTICED)
    return [load()[name] for name in names]


def due(
    kind: str, started: int, queue: ReviewQueue, *, noticed_at: int | None, trusted: bool
) -> Due:
    """Return when a case is due.

    Args:
        kind: why it waits.
        started: when it was opened.
        queue: where it waits, with its own aim.
        noticed_at: receipt of the first notice that is not answered, if one is there.
        trusted: a trusted flagger asked.
    """
    found = [Due(started + queue.aim_minutes * MINUTE_MS)]
    if trusted:
        found.append(Due((noticed_at or started) + TRUSTED_AIM_MS))
    for one in running(kind, noticed=noticed_at is not None):
        begun = noticed_at if noticed_at is not None else started
        at = one.due_after(begun)
        if at is not None and one.sorts and one.applies(_day(begun)):
            found.append(Due(at, one.id, one.hard))
    # At the same moment the law's clock is the one that is named.
    return min(found, key=lambda due: (due.at, not due.hard, not due.clock))


def earlier(case: Case, new: Due) -> Due:
    """Return the earlier of what stood and what is new: no move gives more time."""
    if case.due_at is None or new.at <= case.due_at:
        return new
    return Due(case.due_at, case.clock, case.hard)


def _day(ms: int) -> date:
    return datetime.fromtimestamp(ms / 1000, UTC).date()
