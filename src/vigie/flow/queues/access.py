# SPDX-License-Identifier: Apache-2.0
"""Who may see and work on which case: permission, membership, category, child.

Every page that shows a case asks here; deny by default.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _

from vigie.core.errors import NotFoundError, RefusedError
from vigie.flow.appeals import persons
from vigie.flow.queues.first import BUILT_IN, all_queues
from vigie.flow.queues.severity import is_child
from vigie.store.models import (
    Appeal,
    Case,
    CaseKind,
    Queue,
    QueueMember,
    ReviewQueue,
    User,
)
from vigie.store.permissions import Permission

NO_CASE: Final = "no_case"


def queues_of(user: User) -> list[ReviewQueue]:
    """Return the active queues that a person sees, in order; `child` for its role only.

    A restricted queue is its members'. As long as a built-in one has none, all
    who hold its permission work in it, so that nothing waits unseen.
    """
    if not user.has_perm(Permission.CASE_READ):
        return []
    rows = [row for row in all_queues().values() if row.active and _permits(user, row)]
    closed = [row for row in rows if row.restricted]
    if not closed or user.has_perm(Permission.QUEUE_MANAGE):
        return rows
    members = set(QueueMember.objects.filter(queue__in=closed).values_list("queue", "user"))
    peopled = {queue for queue, _ in members}
    return [
        row
        for row in rows
        if not row.restricted
        or (row.pk, user.pk) in members
        or (row.slug in BUILT_IN and row.pk not in peopled)
    ]


def _permits(user: User, queue: ReviewQueue) -> bool:
    """Say whether the role holds what a built-in queue asks for."""
    known = BUILT_IN.get(queue.slug)
    return known is None or known.needs is None or user.has_perm(known.needs)


def may_see(user: User, case: Case, seen: Iterable[ReviewQueue] | None = None) -> bool:
    """Say whether a person may see a case at all.

    `seen` are the person's queues, where the caller has asked for them already.
    """
    if case.category and case.category in user.barred:
        return False
    child = case.queue == Queue.CHILD or is_child(case.decision.cls, case.category)
    if child and not user.has_perm(Permission.CHILD_READ):
        return False
    queues = queues_of(user) if seen is None else seen
    return any(row.slug == case.queue for row in queues)


def may_work(user: User, case: Case) -> bool:
    """Say whether a person may take a case: not the appeal against their own decision."""
    needed = Permission.CASE_DECIDE
    # Of class `child`, its own room hears: nobody else may see what is contested.
    if case.kind == CaseKind.APPEAL and case.queue != Queue.CHILD:
        needed = Permission.APPEAL_DECIDE
    return user.has_perm(needed) and may_see(user, case) and not decided_first(user, case)


def decided_first(user: User, case: Case) -> bool:
    """Say whether the case contests what this person decided (Art. 20(6) DSA)."""
    if case.kind != CaseKind.APPEAL:
        return False
    found = Appeal.objects.select_related("decision", "measure").filter(case=case).first()
    return found is not None and persons.is_barred(user, found)


def find(user: User, number: int) -> Case:
    """Return a case by its id; NotFoundError where there is none that they may see."""
    case = Case.objects.select_related("decision", "claimed_by").filter(pk=number).first()
    if case is None or not may_see(user, case):
        raise NotFoundError(_("There is no such case."), code=NO_CASE)
    return case


def check_work(user: User, case: Case) -> None:
    """Raise RefusedError where a person may not take a case."""
    if decided_first(user, case):
        raise RefusedError(
            _("You decided this first: somebody else hears the appeal."), code="own_decision"
        )
    if not may_work(user, case):
        raise RefusedError(_("Your role may not take this case."), code="not_yours")
