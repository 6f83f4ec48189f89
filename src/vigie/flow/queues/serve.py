# SPDX-License-Identifier: Apache-2.0
"""The next case for a person, held for them before anybody else can have it.

In a queue: trusted flaggers first, then priority, then what is due first. Of
several queues the heads are compared, and what is past its clock comes first.
Each question is answered by an index, however many cases wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef, Q

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
    CaseKind,
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
CONTESTED: Final = frozenset({Queue.APPEALS, Queue.CHILD})
"""Queues in which appeals wait."""
ORDER: Final = ("-trusted", "-priority", "due_at", "pk")
TRIES: Final = 20
MOST_SKIPPED: Final = 200


class Head(NamedTuple):
    """What of a case decides whether it comes next."""

    pk: int
    trusted: bool
    priority: int
    due: int | None
    opened: int
    language: str
    category: str
    queue: str


_COLUMNS: Final = (
    "pk", "trusted", "priority", "due_at", "opened_at", "language", "category", "queue",
)  # fmt: skip


class _Part(NamedTuple):
    """A stretch of a queue whose foremost cases are asked for."""

    slug: str
    most: int
    given: bool = False
    """What is assigned to the person, instead of what is free."""
    category: str | None = None


_HEADS: Final = """
    SELECT * FROM (
        SELECT id, trusted, priority, due_at, opened_at, language, category, queue, {given}
        FROM store_case
        WHERE state = 'open' AND queue = %s AND routed_at IS NOT NULL
            AND (claimed_until <= %s OR claimed_by_id = %s) AND {whose} {more}
        ORDER BY trusted DESC, priority DESC, due_at, id LIMIT %s
    ) AS heads
"""
"""The head of one part. As SQL: made anew for each it would cost ten times its answer."""


def next_case(house: House, user: User, queue: str | None = None) -> Case | None:
    """Return the next case for a person, claimed for them; None where nothing is left.

    `queue` asks for one queue alone, even one that the person has left for a
    while. Hard queues rest after hard cases in a row (`flow.shifts`).
    """
    queues = _open_to(house, user, queue)
    asked = False
    for _ in range(TRIES):
        head = _first(house, user, queues)
        if head is None:
            return None
        if not asked and _is_hard(head, queues):
            # Asked only where it matters: it reads the whole shift.
            asked = True
            if not shifts.hard_allowed(house, user):
                queues = [row for row in queues if row.hardness < shifts.HARD]
                continue
        case = Case.objects.select_related("decision").get(pk=head.pk)
        if claims.take(house, case, user):
            return case
    return None


def served(house: House, user: User, queue: str | None = None) -> list[ReviewQueue]:
    """Return the queues from which a person is served now, in order.

    `child` is served where it is asked for alone, never among others.
    """
    rows = _open_to(house, user, queue)
    if all(row.hardness < shifts.HARD for row in rows) or shifts.hard_allowed(house, user):
        return rows
    return [row for row in rows if row.hardness < shifts.HARD]


def _open_to(house: House, user: User, queue: str | None) -> list[ReviewQueue]:
    if not user.has_perm(Permission.CASE_DECIDE):
        return []
    seen = access.queues_of(user)
    if queue is not None:
        return [row for row in seen if row.slug == queue]
    left = paused(house, user)
    return [row for row in seen if row.slug not in left and row.slug != Queue.CHILD]


def paused(house: House, user: User) -> dict[str, int]:
    """Return the queues that a person has left for a while, and until when."""
    rows = QueuePause.objects.filter(user=user, until__gt=house.now())
    return dict(rows.values_list("queue__slug", "until"))


def _is_hard(head: Head, queues: list[ReviewQueue]) -> bool:
    return any(row.slug == head.queue and row.hardness >= shifts.HARD for row in queues)


def _first(house: House, user: User, queues: list[ReviewQueue]) -> Head | None:
    """Return the first of what is assigned, then of the heads of the queues."""
    now = house.now()
    places = {row.slug: row.position for row in queues}
    skipped = _skipped(user, now)
    given, found = _heads(user, list(places), now, skipped)
    if given:
        return min(given, key=lambda one: (*rank(one, now), one.pk))
    first = [_head_of(user, slug, found[slug], now, skipped) for slug in places]
    return min(
        (one for one in first if one is not None),
        key=lambda one: (*rank(one, now), places[one.queue]),
        default=None,
    )


def rank(head: Head, now: int) -> tuple[bool, bool, int, int]:
    """Return the order of cases of different queues: late ones first, then as in a queue."""
    due = head.due if head.due is not None else head.opened
    return (due > now, not head.trusted, -head.priority, due)


def _heads(
    user: User, slugs: list[str], now: int, skipped: list[int]
) -> tuple[list[Head], dict[str, list[Head]]]:
    """Return what is assigned to a person, and the foremost of each queue, in one question."""
    parts = []
    for slug in slugs:
        most = LOOKED_AT if user.languages or user.barred or slug in CONTESTED else 1
        parts += [_Part(slug, most), _Part(slug, most, given=True)]
    found: dict[str, list[Head]] = {slug: [] for slug in slugs}
    given: list[Head] = []
    for mine, head in _ask(user, parts, now, skipped):
        if not mine:
            found[head.queue].append(head)
        elif head.category not in user.barred:
            given.append(head)
    return _heard_by(given, user), found


def _ask(
    user: User, parts: list[_Part], now: int, skipped: list[int]
) -> Iterator[tuple[bool, Head]]:
    """Yield the foremost cases of some parts, each part in the one order."""
    if not parts:
        return
    texts: list[str] = []
    values: list[str | int] = []
    left = f"AND id NOT IN ({', '.join(['%s'] * len(skipped))})" if skipped else ""
    for part in parts:
        whose = "assigned_to_id = %s" if part.given else "(assigned_to_id IS NULL OR due_at <= %s)"
        of = "AND category = %s " if part.category is not None else ""
        texts.append(_HEADS.format(given=int(part.given), whose=whose, more=of + left))
        values += [part.slug, now, user.pk, user.pk if part.given else now]
        values += [*([part.category] if part.category is not None else []), *skipped, part.most]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(texts), values)
        rows = cursor.fetchall()
    heads = [(bool(mine), Head(pk, bool(first), *rest)) for pk, first, *rest, mine in rows]
    # A union keeps no order of its own.
    yield from sorted(heads, key=lambda one: in_queue(one[1]))


def in_queue(head: Head) -> tuple[bool, int, int, int]:
    """Return the order of cases within a queue."""
    return (not head.trusted, -head.priority, head.due or 0, head.pk)


def _skipped(user: User, now: int) -> list[int]:
    """Return the cases that a person has passed on lately."""
    found = CaseEvent.objects.filter(
        user=user, kind=CaseEventKind.SKIPPED, at__gt=now - SKIP_MS, case__state=CaseState.OPEN
    )
    return list(found.order_by("-at").values_list("case", flat=True)[:MOST_SKIPPED])


def _head_of(
    user: User, slug: str, foremost: list[Head], now: int, skipped: list[int]
) -> Head | None:
    """Return the head of a queue for a person."""
    fitting = [one for one in foremost if one.category not in user.barred]
    if slug in CONTESTED:
        fitting = _heard_by(fitting, user)
    if fitting or len(foremost) < LOOKED_AT:
        return _preferred(fitting, user)
    if slug in CONTESTED:
        return _heard(user, slug, now, skipped)
    # The head is full of what this person is not given: each other category is
    # looked up by its own index instead of reading on.
    others = [_Part(slug, 1, category=code) for code in ("", *SEVERITY) if code not in user.barred]
    return next((head for _, head in _ask(user, others, now, skipped)), None)


def _heard(user: User, slug: str, now: int, skipped: list[int]) -> Head | None:
    """Return the head of a queue of appeals whose foremost ones this person may not hear."""
    free = Q(assigned_to=None) | Q(due_at__lte=now)
    held = Q(claimed_until__lte=now) | Q(claimed_by=user)
    rows = Case.objects.filter(free, held, state=CaseState.OPEN, queue=slug)
    rows = rows.filter(routed_at__isnull=False).exclude(pk__in=skipped)
    mine = Appeal.objects.filter(case=OuterRef("pk")).filter(persons.barring(user))
    rows = rows.filter(~Q(kind=CaseKind.APPEAL) | ~Exists(mine))
    found = rows.exclude(category__in=user.barred).order_by(*ORDER).values_list(*_COLUMNS).first()
    return Head(*found) if found else None


def _heard_by(heads: list[Head], user: User) -> list[Head]:
    """Leave out appeals against what this person took part in (Art. 20(6) DSA)."""
    asked = [one.pk for one in heads if one.queue in CONTESTED]
    if not asked:
        return heads
    barred = Appeal.objects.filter(case__in=asked).filter(persons.barring(user))
    mine = set(barred.values_list("case", flat=True))
    return [one for one in heads if one.pk not in mine]


def _preferred(foremost: list[Head], user: User) -> Head | None:
    """Return the first case, among equals at the head the first that the person can read."""
    if not foremost:
        return None
    first = foremost[0]
    equal = [one for one in foremost if one[1:3] == first[1:3]]
    read = [one for one in equal if not one.language or one.language in user.languages]
    return read[0] if user.languages and read else first
