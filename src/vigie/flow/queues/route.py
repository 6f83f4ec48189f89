# SPDX-License-Identifier: Apache-2.0
"""New cases go to their queue: by what they are, then by the operator's rules.

A case is in exactly one queue. Class `child` is in `child` and nothing else
ever is; the victim's path is in `intimate`, what is contested in `appeals`;
for all others the first rule that matches decides, `general` without one.
Routing again (another notice came) never lowers a priority, gives more time or
takes a case from where a person put it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

import structlog
from django.db import connection
from django.db.models import QuerySet

from vigie.core.errors import VigieError
from vigie.flow.house import House
from vigie.flow.insert import insert
from vigie.flow.queues import clocks
from vigie.flow.queues.facts import facts_of
from vigie.flow.queues.first import all_queues
from vigie.flow.queues.severity import CHILD, category_of_ground, is_child, severity
from vigie.flow.search import Node, matches, parse
from vigie.flow.search.index import name_categories
from vigie.flow.transaction import writing
from vigie.store.models import (
    Case,
    CaseEvent,
    CaseEventKind,
    CaseKind,
    CaseState,
    NoticeItem,
    Queue,
    ReviewQueue,
    RoutingRule,
)

FIXED: Final = frozenset({Queue.CHILD, Queue.APPEALS})
"""Queues to which no rule sends anything."""
_EVENT: Final = ("case", "kind", "user", "note", "at")
_PLACE: Final = """
    UPDATE store_case SET queue = %s, category = %s, language = %s, priority = %s,
        trusted = %s, due_at = %s, clock = %s, hard = %s, routed_at = %s
    WHERE id = %s AND state = 'open'
"""
log = structlog.get_logger(__name__)


class Rule(NamedTuple):
    """A routing rule that can be asked."""

    node: Node
    queue: ReviewQueue
    priority: int
    row: RoutingRule


@dataclass(slots=True)
class Told:
    """What the notices that joined a case say."""

    categories: set[str] = field(default_factory=set)
    trusted: bool = False
    at: int | None = None
    """Receipt of the first that is not answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a case goes and what it weighs."""

    queue: str
    category: str
    language: str
    priority: int
    trusted: bool
    due: clocks.Due
    rule: RoutingRule | None = None


def route(house: House, limit: int = 200) -> int:
    """Route cases that nobody has looked at, the oldest first; returns how many."""
    waiting = Case.objects.filter(state=CaseState.OPEN, routed_at__isnull=True)
    cases = list(waiting.select_related("decision").order_by("pk")[:limit])
    if not cases:
        return 0
    _write(house, places(house, cases), waiting)
    return len(cases)


def reroute(house: House, case: Case) -> Case:
    """Place one case anew after a notice joined it; returns it as it is now.

    Inside the caller's transaction, or in one of its own.
    """
    _write(house, places(house, [case]), Case.objects.filter(state=CaseState.OPEN))
    case.refresh_from_db()
    return case


def places(house: House, cases: Sequence[Case]) -> dict[int, Placement]:
    """Return where each case goes; writes nothing."""
    queues = all_queues()
    asked = rules(queues)
    told = _told(cases)
    return {case.pk: place(house, case, told[case.pk], queues, asked) for case in cases}


def place(
    house: House,
    case: Case,
    told: Told,
    queues: Mapping[str, ReviewQueue],
    asked: Sequence[Rule],
) -> Placement:
    """Return where one case goes."""
    category = _category(house, case, told)
    trusted = case.trusted or told.trusted
    home = _home(case, category)
    rule = _first_match(house, case, category, asked, trusted=trusted)
    # Only what rests in `general` follows a rule; the others keep its priority.
    queue = rule.queue.slug if rule is not None and home == Queue.GENERAL else home
    if case.escalated_at is not None and home != Queue.CHILD:
        queue = case.queue
    due = clocks.due(case.kind, case.opened_at, queues[queue], noticed_at=told.at, trusted=trusted)
    return Placement(
        queue=queue,
        category=category,
        language=case.language or case.decision.language,
        priority=max(case.priority, severity(category), rule.priority if rule else 0),
        trusted=trusted,
        due=clocks.earlier(case, due),
        rule=rule.row if rule else None,
    )


def _category(house: House, case: Case, told: Told) -> str:
    """Return the gravest of what the case, its ground and its notices say."""
    if is_child(case.decision.cls, case.category):
        return CHILD
    own = {case.category, category_of_ground(case.ground, house.law)}
    # In a fixed order, so that equals always come out the same.
    return max(sorted(own | told.categories), key=severity)


def _home(case: Case, category: str) -> str:
    """Return the queue that a case has without rules."""
    if is_child(case.decision.cls, category):
        return Queue.CHILD.value
    if case.kind == CaseKind.APPEAL:
        return Queue.APPEALS.value
    if case.kind == CaseKind.INTIMATE or category == "intimate":
        return Queue.INTIMATE.value
    return Queue.GENERAL.value


def rules(queues: Mapping[str, ReviewQueue]) -> list[Rule]:
    """Return the rules that hold, in order; one that cannot be read is left out and logged."""
    by_id = {row.pk: row for row in queues.values() if row.active}
    found = []
    for row in RoutingRule.objects.filter(active=True):
        queue = by_id.get(row.queue_id)
        if queue is None or queue.slug in FIXED:
            continue
        try:
            found.append(Rule(_parsed(row.expression), queue, row.priority, row))
        except VigieError as problem:
            log.warning("routing_rule_unreadable", rule=row.pk, code=problem.code)
    return found


@lru_cache(maxsize=500)
def _parsed(expression: str) -> Node:
    return parse(expression)


def _first_match(
    house: House, case: Case, category: str, asked: Sequence[Rule], *, trusted: bool
) -> Rule | None:
    if not asked:
        return None
    facts = facts_of(case, now=house.now(), category=category, trusted=trusted)
    return next((rule for rule in asked if matches(rule.node, facts)), None)


def _told(cases: Sequence[Case]) -> dict[int, Told]:
    """Return what the notices of some cases say; answered ones start no clock."""
    found = {case.pk: Told() for case in cases}
    rows = NoticeItem.objects.filter(case__in=list(found)).select_related("notice")
    for row in rows:
        told, notice = found[row.case_id or 0], row.notice
        under_age = notice.under_age and notice.category == "intimate"
        told.categories.add(CHILD if under_age else notice.category)
        if row.outcome:
            continue
        told.trusted = told.trusted or notice.flagger_id is not None
        told.at = notice.received_at if told.at is None else min(told.at, notice.received_at)
    return found


def _write(house: House, placed: Mapping[int, Placement], waiting: QuerySet[Case]) -> None:
    now = house.now()
    with writing():
        # Decided, cancelled or put elsewhere meanwhile: nothing is to be routed.
        found = waiting.filter(pk__in=list(placed))
        decided = {
            pk: number
            for pk, number, cls in found.values_list("pk", "decision_id", "decision__cls")
            if cls != CHILD or placed[pk].queue == Queue.CHILD
        }
        rows = [_row(pk, placed[pk], now) for pk in decided]
        with connection.cursor() as cursor:
            cursor.executemany(_PLACE, rows)
        insert(CaseEvent, _EVENT, list(_events(placed, set(decided), now)))
        name_categories(_categories(placed, decided))


def _categories(placed: Mapping[int, Placement], decided: Mapping[int, int]) -> dict[int, str]:
    """Return what each decision is about, for the search; never class child."""
    return {
        number: placed[pk].category
        for pk, number in decided.items()
        if placed[pk].queue != Queue.CHILD
    }


def _row(pk: int, one: Placement, now: int) -> tuple[str | int, ...]:
    return (
        one.queue, one.category, one.language, one.priority, one.trusted, one.due.at,
        one.due.clock, one.due.hard, now, pk,
    )  # fmt: skip


def _events(
    placed: Mapping[int, Placement], ids: set[int], now: int
) -> Iterable[tuple[object, ...]]:
    for pk, one in placed.items():
        if pk in ids:
            words = f"{one.queue}, rule {one.rule.pk}" if one.rule else one.queue
            yield pk, CaseEventKind.ROUTED.value, None, words, now
