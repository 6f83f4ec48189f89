# SPDX-License-Identifier: Apache-2.0
"""The next case for a person, held for them before anybody else can have it.

In a queue: trusted flaggers first, then priority, then what is due first. Of
several queues the heads are compared, and what is past its clock comes first.
Each question is answered by an index, however many cases wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from vigie.flow import shifts
from vigie.flow.appeals import persons
from vigie.flow.house import House
from vigie.flow.queues import access, claims
from vigie.flow.queues.severity import SEVERITY
from vigie.store.models import (
    Appeal,
    Case,
    CaseEvent,
    CaseEventKind,
    CaseState,
    Queue,
    QueuePause,
    ReviewQueue,
    User,
)
from vigie.store.permissions import Permission

SKIP_MS: Final = 12 * 3_600_000
"""A case that somebody skipped is not offered to them again for so long."""
LOOKED_AT: Final = 40
"""Cases at the head of a queue among which a language is preferred."""
ORDER: Final = ("-trusted", "-priority", "due_at", "pk")
TRIES: Final = 20


def next_case(house: House, user: User, queue: str | None = None) -> Case | None:
    """Return the next case for a person, claimed for them; None where nothing is left.

    `queue` asks for one queue alone, even one that the person has left for a
    while. Hard queues rest after hard cases in a row (`flow.shifts`).
    """
    queues = served(house, user, queue)
    for _ in range(TRIES):
        case = _first(house, user, queues)
        if case is None or claims.take(house, case, user):
            return case
    return None


def served(house: House, user: User, queue: str | None = None) -> list[ReviewQueue]:
    """Return the queues from which a person is served now, in order.

    `child` is served where it is asked for alone, never among others.
    """
    if not user.has_perm(Permission.CASE_DECIDE):
        return []
    seen = access.queues_of(user)
    hard = shifts.hard_allowed(house, user)
    rows = [row for row in seen if hard or row.hardness < shifts.HARD]
    if queue is not None:
        return [row for row in rows if row.slug == queue]
    left = paused(house, user)
    return [row for row in rows if row.slug not in left and row.slug != Queue.CHILD]


def paused(house: House, user: User) -> dict[str, int]:
    """Return the queues that a person has left for a while, and until when."""
    rows = QueuePause.objects.filter(user=user, until__gt=house.now())
    return dict(rows.values_list("queue__slug", "until"))


def _first(house: House, user: User, queues: list[ReviewQueue]) -> Case | None:
    """Return the first of what is assigned, then of the heads of the queues."""
    now = house.now()
    given = _given(user, queues, now)
    if given is not None:
        return given
    heads = [(row.position, case) for row in queues for case in _heads(user, row.slug, now)]
    if not heads:
        return None
    return min(heads, key=lambda one: (*rank(one[1], now), one[0]))[1]


def rank(case: Case, now: int) -> tuple[bool, bool, int, int]:
    """Return the order of cases of different queues: late ones first, then as in a queue."""
    due = case.due_at if case.due_at is not None else case.opened_at
    return (due > now, not case.trusted, -case.priority, due)


def _given(user: User, queues: list[ReviewQueue], now: int) -> Case | None:
    """Return the first case that somebody assigned to this person."""
    rows = Case.objects.filter(
        assigned_to=user, state=CaseState.OPEN, queue__in=[row.slug for row in queues]
    )
    return _fitting(rows, user, now).exclude(category__in=user.barred).order_by(*ORDER).first()


def _heads(user: User, slug: str, now: int) -> Iterator[Case]:
    """Yield the head of a queue; one a category for somebody who is not given some."""
    for part in _parts(user, slug):
        rows = _fitting(part, user, now)
        rows = rows.filter(Q(assigned_to=None) | Q(assigned_to=user) | Q(due_at__lte=now))
        case = _preferred(rows.order_by(*ORDER), user)
        if case is not None:
            yield case


def _parts(user: User, slug: str) -> Iterator[QuerySet[Case]]:
    rows = Case.objects.filter(state=CaseState.OPEN, queue=slug)
    if not user.barred:
        yield rows
        return
    # Each category is looked up by its own index: a queue full of what somebody
    # is not given would be read to its end otherwise.
    for category in ("", *SEVERITY):
        if category not in user.barred:
            yield rows.filter(category=category)


def _fitting(rows: QuerySet[Case], user: User, now: int) -> QuerySet[Case]:
    """Leave out what others hold, what was skipped, and appeals against the person's own word."""
    skipped = CaseEvent.objects.filter(
        case=OuterRef("pk"), user=user, kind=CaseEventKind.SKIPPED, at__gt=now - SKIP_MS
    )
    mine = Appeal.objects.filter(case=OuterRef("pk")).filter(persons.barring(user))
    return (
        rows.filter(routed_at__isnull=False)
        .filter(Q(claimed_until__lte=now) | Q(claimed_by=user))
        .filter(~Exists(skipped), ~Exists(mine))
        .select_related("decision")
    )


def _preferred(rows: QuerySet[Case], user: User) -> Case | None:
    """Return the first case, among the foremost the first that the person can read.

    A case of a trusted flagger or past its priority is not passed over.
    """
    if not user.languages:
        return rows.first()
    foremost = list(rows[:LOOKED_AT])
    if not foremost:
        return None
    head = foremost[0]
    equal = [case for case in foremost if _weight(case) == _weight(head)]
    read = [case for case in equal if not case.language or case.language in user.languages]
    return read[0] if read else head


def _weight(case: Case) -> tuple[bool, int]:
    return case.trusted, case.priority
