# SPDX-License-Identifier: Apache-2.0
"""How many cases wait and for how long, at the same cost for ten and for a million.

Numbers are counted up to a thousand and then say `more`: the index is read no
further. A case past its clock is late, is never closed by time and counts as
not reviewed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from vigie.flow import house as houses
from vigie.store.models import Case, CaseState, Queue, ReviewQueue

MOST: Final = 1_000
HOUR_MS: Final = 3_600_000
EDGES: Final = (4, 24, 48)
"""Hours at which a case becomes older."""
SOON_MS: Final = 2 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Count:
    """A number; `more` says that it was counted no further."""

    number: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Bucket:
    """Cases that wait for less than so many hours; None: for longer than the last edge."""

    hours: int | None
    count: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Ageing:
    """How long the cases of a queue wait."""

    waiting: Count
    buckets: tuple[Bucket, ...]
    oldest: int | None
    """When the oldest was opened; None: nothing waits."""
    late: Count
    soon: Count
    """Due within two hours, not late."""
    next_due: int | None


def ageing(queue: ReviewQueue, now: int | None = None) -> Ageing:
    """Return how long the cases of a queue wait."""
    at = houses.current().now() if now is None else now
    rows = waiting(queue.slug)
    edges = [at - hours * HOUR_MS for hours in EDGES]
    young = [*edges, None]
    old = [None, *edges]
    buckets = tuple(
        Bucket(hours, count(_between(rows, after, until)))
        for hours, after, until in zip((*EDGES, None), young, old, strict=True)
    )
    due = rows.filter(due_at__isnull=False)
    return Ageing(
        waiting=count(rows),
        buckets=buckets,
        oldest=oldest(queue.slug),
        late=count(due.filter(due_at__lt=at)),
        soon=count(due.filter(due_at__gte=at, due_at__lt=at + SOON_MS)),
        next_due=due.order_by("due_at").values_list("due_at", flat=True).first(),
    )


def _between(rows: QuerySet[Case], after: int | None, until: int | None) -> QuerySet[Case]:
    """Return the cases opened after one moment and at or before another."""
    if after is not None:
        rows = rows.filter(opened_at__gt=after)
    return rows if until is None else rows.filter(opened_at__lte=until)


def waiting(slug: str) -> QuerySet[Case]:
    """Return the open cases of a queue."""
    return Case.objects.filter(state=CaseState.OPEN, queue=slug)


def oldest(slug: str) -> int | None:
    """Return when the oldest case of a queue was opened."""
    return waiting(slug).order_by("opened_at").values_list("opened_at", flat=True).first()


def late(now: int | None = None) -> QuerySet[Case]:
    """Return the cases past their clock, the longest first; never class child."""
    at = houses.current().now() if now is None else now
    found = Case.objects.filter(state=CaseState.OPEN, due_at__lt=at)
    return found.exclude(queue=Queue.CHILD).order_by("due_at")


def late_child(now: int | None = None) -> QuerySet[Case]:
    """Return the late cases of class child, for their own room."""
    at = houses.current().now() if now is None else now
    found = Case.objects.filter(state=CaseState.OPEN, queue=Queue.CHILD, due_at__lt=at)
    return found.order_by("due_at")


def count(rows: QuerySet[Case], most: int = MOST) -> Count:
    """Count rows up to a limit, and say whether there are more."""
    found = rows.order_by()[: most + 1].count()
    return Count(min(found, most), found > most)


def total(slugs: list[str]) -> Count:
    """Count what waits in some queues together."""
    return count(Case.objects.filter(state=CaseState.OPEN, queue__in=slugs))
