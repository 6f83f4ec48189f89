# SPDX-License-Identifier: Apache-2.0
"""The clock of a case as people read it: words, source, a meter in quarters.

Never seconds. Red is for what is late and for the last hour of a clock of law.
A clock of low confidence says that it is unconfirmed; it never sorts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from vigie.flow.queues.clocks import running
from vigie.law.deadlines import load

if TYPE_CHECKING:
    from vigie.law.deadlines import Deadline
    from vigie.store.models import Case

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAYS_FROM: Final = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What `_clock.html` draws."""

    words: str
    """Time left or over."""
    source: str
    """Who says so: the law's article, or the own aim."""
    kind: str
    """`hard`: fixed by law; `soft`: own aim."""
    state: str
    """Empty, `soon`, `last` or `over`."""
    quarters: int
    """Quarters of the time that are spent, 0 to 4."""
    due: int | None
    others: tuple[str, ...] = ()
    """Other clocks that run for it, each in a line."""


def span(ms: int) -> str:
    """Write a length of time: minutes, hours with minutes, from 48 h days with hours."""
    minutes = max(0, ms) // MINUTE
    hours = minutes // 60
    if hours == 0:
        return _("%(minutes)s min") % {"minutes": minutes}
    if hours < DAYS_FROM:
        rest = minutes % 60
        if rest == 0:
            return _("%(hours)s h") % {"hours": hours}
        return _("%(hours)s h %(minutes)02d min") % {"hours": hours, "minutes": rest}
    days, rest = divmod(hours, 24)
    if rest == 0:
        return _("%(days)s d") % {"days": days}
    return _("%(days)s d %(hours)s h") % {"days": days, "hours": rest}


def clock(case: Case, now: int) -> Clock | None:
    """Return the clock of a case; None where it is not in a queue yet."""
    if case.due_at is None:
        return None
    return Clock(
        words=_words(case.due_at - now),
        source=_source(case, case.due_at),
        kind="hard" if case.hard else "soft",
        state=_state(case, case.due_at, now),
        quarters=_quarters(case, case.due_at, now),
        due=case.due_at,
        others=tuple(_others(case, now)),
    )


def _words(left: int) -> str:
    if left < 0:
        return _("%(time)s over") % {"time": span(-left)}
    if left < MINUTE:
        return _("less than a minute left")
    return _("%(time)s left") % {"time": span(left)}


def _state(case: Case, due: int, now: int) -> str:
    left = due - now
    if left < 0:
        return "over"
    if case.hard and left <= HOUR:
        return "last"
    last_quarter = left * 4 <= due - case.opened_at
    return "soon" if last_quarter or (case.trusted and left < HOUR) else ""


def _quarters(case: Case, due: int, now: int) -> int:
    """Return the quarters that are full; a clock without length is spent."""
    whole = due - case.opened_at
    spent = 4 if whole <= 0 else 4 * (now - case.opened_at) // whole
    return min(4, max(0, spent))


def _source(case: Case, due: int) -> str:
    """Name what sets the time."""
    known = load().get(case.clock)
    if known is not None:
        return of_law(known)
    aim = span(due - case.opened_at)
    if case.trusted:
        return _("trusted flagger, own aim %(time)s") % {"time": aim}
    return _("own aim %(time)s") % {"time": aim}


def of_law(known: Deadline) -> str:
    """Name a clock of the law: its figure, or that the figure is our own, and its article."""
    figure = known.duration_ms if known.duration_ms is not None else known.suggested_ms
    if figure is None:
        return known.law
    words = {"time": span(figure), "law": known.law}
    if known.duration_ms is not None:
        return _("%(time)s, %(law)s") % words
    return _("own aim %(time)s, %(law)s") % words


def _others(case: Case, now: int) -> list[str]:
    """Say what else runs: the law behind an earlier aim, and what is unconfirmed."""
    found = []
    for one in running(case.kind):
        if one.id == case.clock:
            continue
        if not one.sorts:
            found.append(_("unconfirmed: %(clock)s") % {"clock": of_law(one)})
            continue
        at = one.due_after(case.opened_at)
        if at is not None and one.hard:
            found.append(f"{of_law(one)}: {_words(at - now)}")
    return found
