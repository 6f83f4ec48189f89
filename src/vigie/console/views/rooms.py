# SPDX-License-Identifier: Apache-2.0
"""The other rooms: overview, policies in force, the log, and child safety."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Count
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vigie.console import clocks, queries
from vigie.console.desk import needs, person, show
from vigie.console.late import late_first
from vigie.core.actions import Outcome
from vigie.core.clock import SystemClock
from vigie.flow import house as houses
from vigie.flow.queues import figures
from vigie.flow.queues.serve import ORDER
from vigie.store.models import (
    Case,
    CaseState,
    DecisionRecord,
    Effect,
    EffectState,
    LogEntry,
    OutgoingTask,
    PublishedCheckpoint,
    Queue,
    Segment,
    Statement,
    TaskState,
)
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

DAYS: Final = 28
DAY_MS: Final = 24 * 3600 * 1000
clock: Final = SystemClock()


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that links to its records, with what it is of."""

    label: str
    number: int
    link: str
    of: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What became of one kind of message."""

    words: str
    delivered: int
    waits: int
    given_up: int


@needs(Permission.DECISION_READ)
@require_safe
def start(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Lead to what waits."""
    return HttpResponseRedirect(reverse("console:decisions") + "?waiting=1")


@needs(Permission.DECISION_READ)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show what the responsible person must know; every number links."""
    since = clock.now_ms() - DAYS * DAY_MS
    context: dict[str, object] = {
        "room": "overview",
        "days": DAYS,
        "figures": _figures(since),
        "outgoing": _outgoing(since),
        **late_first(houses.current(), person(request)),
        "overdue": Effect.objects.filter(overdue=True, state=EffectState.SENT).count(),
    }
    return show(request, "overview.html", context)


def _figures(since: int) -> list[Figure]:
    listed = reverse("console:decisions")
    recent = DecisionRecord.objects.filter(at__gte=since).exclude(cls=queries.CHILD)
    by_outcome = dict(recent.values_list("outcome").annotate(count=Count("number")))
    recorded = sum(by_outcome.values())
    by_person = recent.filter(kind="person").count()
    screened = sum(Segment.objects.filter(sealed_at__gte=since).values_list("count", flat=True))
    waiting = queries.open_cases().count()
    restricted = sum(
        by_outcome.get(one, 0) for one in (Outcome.WITHHOLD, Outcome.REMOVE, Outcome.LIMIT)
    )
    return [
        Figure(_("Waiting for a person"), waiting, f"{listed}?waiting=1", _oldest()),
        Figure(
            _("Decisions recorded"),
            recorded,
            listed,
            _("%(count)s of them by a person") % {"count": by_person},
        ),
        Figure(
            _("Access disabled"),
            by_outcome.get(Outcome.WITHHOLD, 0),
            f"{listed}?outcome=withhold",
            _("of %(count)s decisions that restrict") % {"count": restricted},
        ),
        Figure(
            _("Removed everywhere"),
            by_outcome.get(Outcome.REMOVE, 0),
            f"{listed}?outcome=remove",
            _("of %(count)s decisions that restrict") % {"count": restricted},
        ),
        Figure(
            _("Verdicts in the archive"),
            screened,
            reverse("console:log") + "#segments",
            _("harmless ones too, in sealed segments"),
        ),
        Figure(
            _("Entries of the log"),
            LogEntry.objects.count(),
            reverse("console:log"),
            _("since the log began"),
        ),
    ]


def _oldest() -> str:
    """Say how long the oldest case waits."""
    first = queries.open_cases().first()
    if first is None:
        return _("none")
    return _("the oldest for %(time)s") % {"time": age(clock.now_ms() - first.opened_at)}


def age(ms: int) -> str:
    """Write a stretch of time in words: minutes, hours, then days; never seconds."""
    minutes = max(0, ms // 60_000)
    if minutes < 60:
        return _("%(count)s min") % {"count": minutes}
    hours = minutes // 60
    if hours < 48:
        return _("%(hours)s h %(minutes)02d") % {"hours": hours, "minutes": minutes % 60}
    return _("%(days)s d %(hours)s h") % {"days": hours // 24, "hours": hours % 24}


def _outgoing(since: int) -> list[Outgoing]:
    counts: Callable[[list[TaskState]], int] = lambda states: OutgoingTask.objects.filter(  # noqa: E731
        created_at__gte=since, state__in=states, kind="webhook"
    ).count()
    statements = Statement.objects.filter(prepared_at__gte=since)
    return [
        Outgoing(
            _("Webhooks to the platform"),
            counts([TaskState.DELIVERED]),
            counts([TaskState.WAITING, TaskState.SENT, TaskState.FAILED]),
            counts([TaskState.DEAD]),
        ),
        Outgoing(
            _("Statements of reasons"),
            statements.filter(issued_at__isnull=False).count(),
            statements.filter(state="prepared").count(),
            0,
        ),
    ]


@needs(Permission.PROOF_READ)
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Show the log itself: checkpoints and sealed segments."""
    context: dict[str, object] = {
        "room": "log",
        "entries": LogEntry.objects.count(),
        "checkpoints": PublishedCheckpoint.objects.order_by("-size")[:20],
        "segments": Segment.objects.order_by("-sealed_at")[:20],
    }
    return show(request, "log.html", context)


@dataclass(frozen=True, slots=True)
class ChildRow:
    """One case of class child, with its clock while it waits."""

    case: Case
    clock: clocks.Clock | None


@needs(Permission.CHILD_READ)
@require_safe
def child(request: HttpRequest) -> HttpResponse:
    """Show cases of class child: hashes and references only, never content."""
    found = Case.objects.filter(queue=Queue.CHILD).select_related("decision", "claimed_by")
    open_ = list(found.filter(state=CaseState.OPEN).order_by(*ORDER)[: queries.PAGE])
    closed = found.exclude(state=CaseState.OPEN).order_by("-id")[: queries.PAGE - len(open_)]
    now = houses.current().now()
    context: dict[str, object] = {
        "room": "child",
        "cases": [ChildRow(one, clocks.clock(one, now)) for one in (*open_, *closed)],
        "late": figures.count(figures.late_child(now)).number,
        "may_take": person(request).has_perm(Permission.CASE_DECIDE),
        "name": person(request).username,
    }
    return show(request, "child.html", context)
