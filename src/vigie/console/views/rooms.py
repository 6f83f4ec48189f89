# SPDX-License-Identifier: Apache-2.0
"""The other rooms: where one begins, the log, and child safety."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from vigie.console import clocks, queries
from vigie.console.desk import needs, person, show
from vigie.flow import house as houses
from vigie.flow.overview.sums import log_state
from vigie.flow.queues import figures
from vigie.flow.queues.serve import ORDER
from vigie.store.models import Case, CaseState, PublishedCheckpoint, Queue, Segment
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@needs(Permission.DECISION_READ)
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Lead to what waits for this person; who decides nothing sees the overview."""
    decides = person(request).has_perm(Permission.CASE_DECIDE)
    return HttpResponseRedirect(reverse("console:queues" if decides else "console:overview"))


@needs(Permission.PROOF_READ)
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Show the log itself: checkpoints and sealed segments."""
    context: dict[str, object] = {
        "room": "log",
        "entries": log_state().entries,
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
