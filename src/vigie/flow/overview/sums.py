# SPDX-License-Identifier: Apache-2.0
"""Sums over a period: messages by receipt, appeals by policy, clocks, notices, people."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, F, Max, Q, Sum

from vigie.flow import desk_settings
from vigie.flow.notices.flaggers import Precision, interval
from vigie.flow.shifts import COUNTED, HOUR_MS
from vigie.store.models import (
    Appeal,
    AppealState,
    Case,
    CaseState,
    ContentLook,
    DecisionRecord,
    LogEntry,
    Notice,
    OutgoingTask,
    PublishedCheckpoint,
    Queue,
    Segment,
    Shift,
    Statement,
    StatementState,
    TaskKind,
    TaskState,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from vigie.flow.house import House

MOST_NOTICES: Final = 1_000
"""The last ones give the median: it says how things are now."""
TRUE: Final = (AppealState.GRANTED, AppealState.PARTLY)
RESOLVED: Final = (*TRUE, AppealState.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """Messages of one kind, by what is known of them."""

    kind: str
    delivered: int
    """A receipt says so; for mails: a server took it."""
    waiting: int
    failed: int
    """Tried in vain, tried again."""
    dead: int
    oldest: int | None
    """When the oldest that waits was due."""


def messages(since: int, now: int) -> list[Messages]:
    """Return webhooks, mails and statements: what left since a moment, what waits now."""
    return [*(_tasks(kind, since, now) for kind in TaskKind), _statements(since)]


def _tasks(kind: TaskKind, since: int, now: int) -> Messages:
    rows = OutgoingTask.objects.filter(kind=kind)
    done = (TaskState.DELIVERED, TaskState.ACCEPTED)
    due = rows.filter(state__in=(TaskState.WAITING, TaskState.FAILED), next_try__lte=now)
    return Messages(
        kind=kind.value,
        delivered=_count(rows.filter(state__in=done, done_at__gte=since)),
        waiting=_count(rows.filter(state__in=(TaskState.WAITING, TaskState.SENT))),
        failed=_count(rows.filter(state=TaskState.FAILED)),
        dead=_count(rows.filter(state=TaskState.DEAD, done_at__gte=since)),
        oldest=due.order_by("next_try").values_list("not_before", flat=True).first(),
    )


def _statements(since: int) -> Messages:
    issued = (StatementState.ISSUED, StatementState.LIFTED)
    waiting = Statement.objects.filter(state=StatementState.PREPARED)
    return Messages(
        kind="statement",
        delivered=_count(Statement.objects.filter(state__in=issued, issued_at__gte=since)),
        waiting=_count(waiting),
        failed=0,
        dead=0,
        oldest=waiting.order_by("prepared_at").values_list("prepared_at", flat=True).first(),
    )


def _count(rows: QuerySet[Any]) -> int:
    """Count rows by their index alone, then take off the few about class child."""
    child = DecisionRecord.objects.filter(cls="child").values("number")
    return rows.count() - rows.filter(decision__in=child).count()


@dataclass(frozen=True, slots=True)
class Overturned:
    """Of the appeals about decisions of one policy, how many won; empty: no policy."""

    policy: str
    share: Precision


def overturned(since: int) -> tuple[Overturned, list[Overturned]]:
    """Return all appeals resolved since then, and by policy, the most contested first."""
    rows = Appeal.objects.filter(state__in=RESOLVED, resolved_at__gte=since)
    rows = rows.exclude(case__queue=Queue.CHILD).exclude(decision__cls="child")
    won: Counter[str] = Counter()
    heard: Counter[str] = Counter()
    total = [0, 0]
    for state, policies in rows.values_list("state", "decision__policies").iterator():
        total[1] += 1
        total[0] += state in TRUE
        for policy in policies or [""]:
            heard[policy] += 1
            won[policy] += state in TRUE
    by_policy = [
        Overturned(policy, interval(won[policy], number)) for policy, number in heard.most_common()
    ]
    return Overturned("*", interval(total[0], total[1])), by_policy


@dataclass(frozen=True, slots=True)
class Clocks:
    """Of the cases with a clock that were closed, how many were in time."""

    closed: int
    late: int
    late_by_law: int
    """Among the late: the time was fixed by law."""


def clocks(since: int) -> Clocks:
    """Return how clocks were kept; a case that still waits past its clock is an alarm."""
    rows = Case.objects.filter(
        state=CaseState.DECIDED, closed_at__gte=since, due_at__isnull=False
    ).exclude(queue=Queue.CHILD)
    late = Q(closed_at__gt=F("due_at"))
    found = rows.aggregate(
        closed=Count("pk"),
        late=Count("pk", filter=late),
        law=Count("pk", filter=late & Q(hard=True)),
    )
    return Clocks(found["closed"], found["late"], found["law"])


@dataclass(frozen=True, slots=True)
class Answers:
    """How long notices waited for their decision."""

    count: int
    median_ms: int
    p95_ms: int


def answers(since: int) -> Answers | None:
    """Return the times of the last notices decided since then; None: there was none."""
    rows = Notice.objects.filter(state="decided", received_at__gte=since, decided_at__isnull=False)
    rows = rows.exclude(category="child").order_by("-received_at")
    times = sorted(
        end - begin
        for begin, end in rows.values_list("received_at", "decided_at")[:MOST_NOTICES]
        if end is not None
    )
    if not times:
        return None
    return Answers(len(times), round(statistics.median(times)), times[(len(times) - 1) * 95 // 100])


@dataclass(frozen=True, slots=True)
class LogState:
    """How far the log is, and its last signed checkpoint."""

    entries: int
    size: int
    at: int | None


def log_state() -> LogState:
    """Return the log's length; indexes have no gaps, so the last one tells it."""
    last = LogEntry.objects.aggregate(last=Max("index"))["last"]
    point = PublishedCheckpoint.objects.order_by("-size").values_list("size", "at").first()
    size, at = point or (0, None)
    return LogState(0 if last is None else last + 1, size, at)


def screened(since: int) -> int:
    """Return how many verdicts the archive sealed since then."""
    rows = Segment.objects.filter(sealed_at__gte=since)
    return rows.aggregate(sum=Sum("count"))["sum"] or 0


@dataclass(frozen=True, slots=True)
class People:
    """Who works now, without a name and without a rank."""

    working: int
    paused: int
    median_looks: float
    most_looks: int
    budget: int


def people(house: House) -> People:
    """Return how many are on shift, and how much of it they have had to look at clearly."""
    now = house.now()
    alive = now - int(desk_settings.number("idle_hours")) * HOUR_MS
    rows = list(Shift.objects.filter(ended_at__isnull=True, seen_at__gte=alive))
    looks = [
        ContentLook.objects.filter(
            user=one.user_id, kind__in=COUNTED, at__gte=one.started_at, shown_at__isnull=False
        ).count()
        for one in rows
    ]
    paused = sum(one.paused_at is not None for one in rows)
    return People(
        working=len(rows) - paused,
        paused=paused,
        median_looks=statistics.median(looks) if looks else 0,
        most_looks=max(looks, default=0),
        budget=int(desk_settings.number("look_budget")),
    )
