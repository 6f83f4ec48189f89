# SPDX-License-Identifier: Apache-2.0
"""One page of a queue, of what is late, or of what a person holds: read by index only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from vigie.flow.house import House
from vigie.flow.queues import figures
from vigie.flow.queues.serve import ORDER
from vigie.flow.search import Node
from vigie.flow.search.compile import Asked, of_node
from vigie.store.models import Case, CaseState, ReviewQueue, User

PAGE: Final = 25
LAST_PAGE: Final = 40
"""Deeper pages are not read: a filter finds more than paging does."""


_HEAVY: Final = ("facts", "proposals", "decision__body", "decision__media", "decision__reason")
"""Columns that no list shows."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some cases, and whether more follow."""

    cases: list[Case]
    number: int
    more: bool


def of_queue(
    house: House, user: User, queue: ReviewQueue, number: int = 1, node: Node | None = None
) -> Page:
    """Return a page of a queue in the order in which it is served.

    Categories that the person is not given are left out. Raises SearchError
    for a filter that cannot be asked of the store.
    """
    found = Case.objects.all()
    if node is not None:
        found = found.filter(of_node(node, Asked(now=house.now(), cases=True)))
    found = found.filter(state=CaseState.OPEN, queue=queue.slug)
    return _page(_given(found, user).order_by(*ORDER), number)


def late(house: House, user: User, queues: list[ReviewQueue], number: int = 1) -> Page:
    """Return a page of what is past its clock, the longest first."""
    found = figures.late(house.now()).filter(queue__in=[row.slug for row in queues])
    return _page(_given(found, user), number)


def mine(house: House, user: User, queues: list[ReviewQueue], number: int = 1) -> Page:
    """Return a page of what a person holds or was given."""
    found = Case.objects.filter(pk__in=held_by(user, house.now()))
    found = found.filter(queue__in=[row.slug for row in queues])
    return _page(_given(found, user).order_by("due_at", "pk"), number)


def held_by(user: User, now: int) -> list[int]:
    """Return the keys of the open cases that a person holds or was given.

    Two questions, each answered by its index; asked as one, with the state, the
    database walks through all open cases.
    """
    claimed = Case.objects.filter(claimed_by=user, claimed_until__gt=now)
    given = Case.objects.filter(assigned_to=user)
    rows = [*claimed.values_list("pk", "state"), *given.values_list("pk", "state")]
    return sorted({key for key, state in rows if state == CaseState.OPEN})


def _given(found: QuerySet[Case], user: User) -> QuerySet[Case]:
    return found.exclude(category__in=user.barred) if user.barred else found


def _page(found: QuerySet[Case], number: int) -> Page:
    at = min(max(1, number), LAST_PAGE)
    first = (at - 1) * PAGE
    found = found.select_related("decision", "claimed_by", "assigned_to").defer(*_HEAVY)
    rows = list(found[first : first + PAGE + 1])
    return Page(rows[:PAGE], at, len(rows) > PAGE and at < LAST_PAGE)
