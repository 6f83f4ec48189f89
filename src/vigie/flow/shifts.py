# SPDX-License-Identifier: Apache-2.0
"""Shifts: how long somebody has been at it, what they saw, when a break is due.

A shift begins by itself with the first case or look and ends by itself after
hours without one. Breaks are proposed, never forced; they and skips count for
nobody and against nobody. No time per case is kept or can be worked out here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final, NamedTuple

from django.db.models import Count, Q

from vigie.flow import desk_settings
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import (
    CaseEvent,
    CaseEventKind,
    ContentLook,
    LookKind,
    ReviewQueue,
    Shift,
    User,
)

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
SEEN_EVERY_MS: Final = MINUTE_MS
"""A sign of life is written at most so often."""
LOOK_MS: Final = 15_000
"""How long a clear look lasts, and how long it can be fetched."""
SHORTEST_BREAK_MS: Final = 3 * MINUTE_MS
"""A shorter pause is no rest: the row of hard cases goes on."""
HARD: Final = 2
"""From this hardness on a queue rotates (`ReviewQueue.hardness`)."""
COUNTED: Final = (LookKind.CLEAR, LookKind.FILE)
"""Looks that cost something of the budget."""
WARN_FIFTHS: Final = 4
_MOST_EVENTS: Final = 200


class Due(StrEnum):
    """Why a break is proposed."""

    TIME = "time"
    HARD = "hard"


class _Run(NamedTuple):
    """Cases of one kind, one after the other."""

    hard: bool
    length: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftView:
    """Where somebody stands in the shift."""

    shift: Shift | None
    """None: no case and no look yet."""
    worked_ms: int = 0
    """Breaks left out."""
    used: int = 0
    limit: int = 0
    hard_used: int = 0
    hard_limit: int = 0
    hard_in_row: int = 0
    """Hard cases opened one after the other since the last break, up to now."""
    break_due: Due | None = None
    rests_until: int | None = None
    """Until when hard queues are not served; None: they are."""

    @property
    def paused(self) -> bool:
        """True on a break."""
        return self.shift is not None and self.shift.paused_at is not None

    @property
    def left(self) -> int:
        """Looks left."""
        return max(0, self.limit - self.used)

    @property
    def hard_left(self) -> int:
        """Looks left at hard material; never more than are left at all."""
        return min(self.left, max(0, self.hard_limit - self.hard_used))

    @property
    def near_limit(self) -> bool:
        """True from 80 % of either budget on."""
        return _near(self.used, self.limit) or _near(self.hard_used, self.hard_limit)

    def spent(self, *, hard: bool) -> bool:
        """Say whether no further look is left."""
        return (self.hard_left if hard else self.left) == 0


def _near(used: int, limit: int) -> bool:
    return used > 0 and used * 5 >= limit * WARN_FIFTHS


def current(house: House, user: User) -> Shift | None:
    """Return the shift that goes on, or None: ended by the person or by idle hours."""
    last = _last(user)
    if last is None or last.ended_at is not None or _idle(house, last):
        return None
    return last


def _idle(house: House, shift: Shift) -> bool:
    return house.now() - shift.seen_at > desk_settings.number("idle_hours") * HOUR_MS


def begin(house: House, user: User) -> Shift:
    """Note a sign of life: begin a shift, go on with it, or come back from a break.

    Whoever ends a shift and begins again within the idle hours goes on with
    the same one: its budget of looks is not filled up by that.
    """
    now = house.now()
    going = current(house, user)
    if going is not None and going.paused_at is None and now - going.seen_at < SEEN_EVERY_MS:
        return going
    with writing():
        last = _last(user)
        if last is None or _idle(house, last):
            _close(last)
            return Shift.objects.create(user=user, started_at=now, resumed_at=now, seen_at=now)
        since = last.paused_at if last.paused_at is not None else last.ended_at
        if since is not None:
            _come_back(last, since, now)
        else:
            last.seen_at = now
            last.save(update_fields=["seen_at"])
    return last


def _last(user: User) -> Shift | None:
    return Shift.objects.filter(user=user).order_by("-started_at", "-pk").first()


def _close(shift: Shift | None) -> None:
    """Write down when a shift that nobody ended was over."""
    if shift is not None and shift.ended_at is None:
        shift.ended_at = shift.seen_at
        shift.save(update_fields=["ended_at"])


def _come_back(shift: Shift, since: int, now: int) -> None:
    away = now - since
    shift.paused_ms += away
    shift.paused_at = shift.ended_at = None
    shift.seen_at = now
    if away >= SHORTEST_BREAK_MS:
        shift.resumed_at = now
    shift.save()


def pause(house: House, user: User) -> None:
    """Begin a break; without a shift, or on a break already, nothing changes."""
    with writing():
        shift = current(house, user)
        if shift is not None and shift.paused_at is None:
            shift.paused_at = shift.seen_at = house.now()
            shift.save(update_fields=["paused_at", "seen_at"])


def resume(house: House, user: User) -> None:
    """Come back from a break; without one nothing changes."""
    with writing():
        shift = current(house, user)
        if shift is not None and shift.paused_at is not None:
            _come_back(shift, shift.paused_at, house.now())


def end(house: House, user: User) -> None:
    """End the shift; a break that goes on is its end."""
    with writing():
        shift = current(house, user)
        if shift is None:
            return
        shift.ended_at = shift.paused_at if shift.paused_at is not None else house.now()
        shift.paused_at = None
        shift.save(update_fields=["ended_at", "paused_at"])


def hard_queues() -> frozenset[str]:
    """Return the queues whose material is heavy."""
    found = ReviewQueue.objects.filter(hardness__gte=HARD)
    return frozenset(found.values_list("slug", flat=True))


def hard_allowed(house: House, user: User) -> bool:
    """Say whether hard queues are served: not after many hard cases in a row.

    For the choice of the next case; a case that somebody opens by themselves
    is never refused.
    """
    return standing(house, user).rests_until is None


def standing(house: House, user: User) -> ShiftView:
    """Return where somebody stands; numbers of the shift that goes on."""
    values = desk_settings.all_values()
    shift = current(house, user)
    if shift is None:
        return ShiftView(
            shift=None,
            limit=int(values["look_budget"]),
            hard_limit=int(values["look_budget_hard"]),
        )
    now = house.now()
    used, hard_used = _used(shift, now)
    runs = _runs(shift)
    rests = _rests_until(runs, values, now)
    return ShiftView(
        shift=shift,
        worked_ms=worked(shift, now),
        used=used,
        limit=int(values["look_budget"]) + shift.granted,
        hard_used=hard_used,
        hard_limit=int(values["look_budget_hard"]) + shift.granted,
        hard_in_row=runs[0].length if runs and runs[0].hard else 0,
        break_due=_due(shift, rests, int(values["break_minutes"]), now),
        rests_until=rests,
    )


def worked(shift: Shift, now: int) -> int:
    """Return the time at work in a shift, breaks left out."""
    until = now if shift.ended_at is None else shift.ended_at
    if shift.paused_at is not None:
        until = shift.paused_at
    return max(0, until - shift.started_at - shift.paused_ms)


def _used(shift: Shift, now: int) -> tuple[int, int]:
    """Return the looks of the shift that count, and how many of them were hard.

    One that was asked for and could not be shown costs nothing in the end.
    """
    shown = Q(shown_at__isnull=False) | Q(at__gt=now - LOOK_MS)
    found = ContentLook.objects.filter(
        shown, user=shift.user_id, kind__in=COUNTED, at__gte=shift.started_at
    )
    counts = found.aggregate(all=Count("pk"), hard=Count("pk", filter=Q(hard=True)))
    return counts["all"], counts["hard"]


def _runs(shift: Shift) -> list[_Run]:
    """Return the cases opened since the last break, in runs of hard and others, latest first."""
    events = CaseEvent.objects.filter(
        user=shift.user_id, kind=CaseEventKind.CLAIMED, at__gte=shift.resumed_at
    ).order_by("-at", "-pk")
    hard = hard_queues()
    opened: dict[int, tuple[bool, int]] = {}
    for case, queue, at in events.values_list("case_id", "case__queue", "at")[:_MOST_EVENTS]:
        opened.setdefault(case, (queue in hard, at))
    return [
        _Run(heavy, len(times), times[0])
        for heavy, group in groupby(opened.values(), key=lambda one: one[0])
        if (times := [at for _, at in group])
    ]


def _rests_until(runs: list[_Run], values: dict[str, desk_settings.Value], now: int) -> int | None:
    """Return until when hard queues rest, or None."""
    rest_ms = int(values["rotation_minutes"]) * MINUTE_MS
    ends = [
        run.until + rest_ms
        for run in runs
        if run.hard and run.length >= int(values["hard_in_row"]) and run.until + rest_ms > now
    ]
    return max(ends, default=None)


def _due(shift: Shift, rests: int | None, minutes: int, now: int) -> Due | None:
    if shift.paused_at is not None:
        return None
    if rests is not None:
        return Due.HARD
    return Due.TIME if now - shift.resumed_at >= minutes * MINUTE_MS else None
