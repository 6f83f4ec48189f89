# SPDX-License-Identifier: Apache-2.0
"""The case before or after one in its queue, found when somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from vigie.console import cases
from vigie.console.desk import needs, person
from vigie.flow.queues import access
from vigie.store.models import Case, CaseState
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from vigie.store.models import User


@needs(Permission.CASE_READ)
@require_safe
def beside(request: HttpRequest, number: int) -> HttpResponse:
    """Lead to the neighbour of a case among those of its weight; else to the queue."""
    user = person(request)
    case = access.find(user, number)
    found = _neighbour(case, user, forwards=request.GET.get("to") != "previous")
    if found is not None:
        return HttpResponseRedirect(cases.review_link(found))
    query = urlencode({"queue": case.queue})
    return HttpResponseRedirect(f"{reverse('console:queues')}?{query}")


def _neighbour(case: Case, user: User, *, forwards: bool) -> Case | None:
    """Return the case beside this one, in the order in which a queue is served."""
    if case.due_at is None:
        return None
    # A list for the flag: an index is used for it, and not for its denial.
    rows = Case.objects.filter(
        state=CaseState.OPEN,
        queue=case.queue,
        trusted__in=[case.trusted],
        priority=case.priority,
    ).exclude(category__in=user.barred)
    found = _after(rows, case, case.due_at) if forwards else _before(rows, case, case.due_at)
    return found.select_related("decision").first()


def _after(rows: QuerySet[Case], case: Case, due: int) -> QuerySet[Case]:
    same = rows.filter(due_at=due, pk__gt=case.pk).order_by("pk")
    return same if same.exists() else rows.filter(due_at__gt=due).order_by("due_at", "pk")


def _before(rows: QuerySet[Case], case: Case, due: int) -> QuerySet[Case]:
    same = rows.filter(due_at=due, pk__lt=case.pk).order_by("-pk")
    return same if same.exists() else rows.filter(due_at__lt=due).order_by("-due_at", "-pk")
