# SPDX-License-Identifier: Apache-2.0
"""A case goes elsewhere: skipped, escalated, assigned; or a person leaves a queue.

A skip and leaving a queue ask for no reason and count for nobody. No move
gives a case more time.
"""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import child_items
from vigie.flow.house import House
from vigie.flow.queues import access, claims, clocks
from vigie.flow.queues.first import all_queues
from vigie.flow.queues.severity import CHILD, is_child, severity
from vigie.flow.transaction import writing
from vigie.store.models import (
    Case,
    CaseEventKind,
    CaseKind,
    CaseState,
    Queue,
    QueuePause,
    ReviewQueue,
    User,
)
from vigie.store.permissions import Permission

MAX_NOTE: Final = 2_000
MAX_HOURS: Final = 14 * 24
HOUR_MS: Final = 3_600_000


def skip(house: House, case: Case, user: User) -> None:
    """Pass a case on: it is not offered to this person again for some hours."""
    access.check_work(user, case)
    now = house.now()
    with transaction.atomic():
        if claims.holder(case, now) in {None, user}:
            claims.free(case, now)
        Case.objects.filter(pk=case.pk, assigned_to=user).update(assigned_to=None)
        claims.note(case, CaseEventKind.SKIPPED, user, now)


def leave_queue(house: House, queue: ReviewQueue, user: User, hours: int) -> int:
    """Serve a person nothing from a queue for some hours; returns until when.

    Their claims in it end. Nobody is told, nothing counts it.
    """
    if not 1 <= hours <= MAX_HOURS:
        raise InvalidInputError(
            _("Between 1 and %(most)s hours.") % {"most": MAX_HOURS},
            code="bad_hours",
            field="hours",
        )
    until = house.now() + hours * HOUR_MS
    with transaction.atomic():
        QueuePause.objects.update_or_create(queue=queue, user=user, defaults={"until": until})
        mine = Case.objects.filter(claimed_by=user, state=CaseState.OPEN, queue=queue.slug)
        mine.update(claimed_by=None, claimed_until=0)
    return until


def come_back(queue: ReviewQueue, user: User) -> None:
    """Serve a person from a queue again."""
    QueuePause.objects.filter(queue=queue, user=user).delete()


def escalate(house: House, case: Case, user: User, queue: str, note: str) -> Case:
    """Send a case to another queue with a note for those who work there.

    To `child` it takes the whole item with it: from then on no other list,
    search or page shows it. Nothing leaves `child`, and an appeal stays one.
    """
    access.check_work(user, case)
    target = _target(queue)
    check_escalation(case, target, note)
    now = house.now()
    claims.check_free(case, user, now)
    category = CHILD if target.slug == Queue.CHILD else case.category
    aim = clocks.Due(case.opened_at + target.aim_minutes * clocks.MINUTE_MS)
    due = clocks.earlier(case, aim)
    with writing():
        done = Case.objects.filter(pk=case.pk, state=CaseState.OPEN, queue=case.queue).update(
            queue=target.slug,
            category=category,
            priority=max(case.priority, severity(category)),
            due_at=due.at,
            clock=due.clock,
            hard=due.hard,
            escalated_at=now,
            routed_at=case.routed_at or now,
            assigned_to=None,
            claimed_by=None,
            claimed_until=0,
        )
        if not done:
            raise ConflictError(_("This case no longer waits there."), code="case_moved")
        if target.slug == Queue.CHILD:
            child_items.take_along(case.decision, now)
        claims.note(case, CaseEventKind.ESCALATED, user, now, note.strip())
    case.refresh_from_db()
    return case


def check_escalation(case: Case, target: ReviewQueue, note: str) -> None:
    """Raise where a case cannot go to a queue."""
    if len(note.strip()) > MAX_NOTE:
        raise InvalidInputError(
            _("The note is too long: at most 2,000 characters."), code="text_too_long", field="note"
        )
    if not note.strip():
        raise InvalidInputError(
            _("Say what the next person must know."), code="no_note", field="note"
        )
    if target.slug == case.queue:
        raise InvalidInputError(
            _("It waits in that queue already."), code="same_queue", field="queue"
        )
    if is_child(case.decision.cls, case.category):
        raise RefusedError(_("A case of class child stays in its queue."), code="child_stays")
    if target.slug != Queue.CHILD and (target.slug == Queue.APPEALS) != (
        case.kind == CaseKind.APPEAL
    ):
        raise InvalidInputError(
            _("Appeals, and nothing else, wait in the queue of appeals."),
            code="not_there",
            field="queue",
        )


def assign(house: House, case: Case, user: User, to: User | None) -> Case:
    """Give a case to somebody, who is served it first; None takes it from them.

    Once it is late, others are served it too. Raises RefusedError where either
    may not.
    """
    if not user.has_perm(Permission.CASE_ASSIGN) or not access.may_see(user, case):
        raise RefusedError(_("Your role may not assign this case."), code="not_yours")
    if to is not None and not access.may_work(to, case):
        raise RefusedError(
            _("They may not take this case."), code="not_theirs", field="to",
            fix=_("Choose somebody who works in this queue and did not decide it first."),
        )  # fmt: skip
    now = house.now()
    with transaction.atomic():
        open_ = Case.objects.filter(pk=case.pk, state=CaseState.OPEN)
        if not open_.update(assigned_to=to, claimed_by=None, claimed_until=0):
            raise ConflictError(_("This case no longer waits."), code="case_closed")
        words = str(to.pk) if to is not None else ""
        claims.note(case, CaseEventKind.ASSIGNED, user, now, words)
    case.refresh_from_db()
    return case


def _target(slug: str) -> ReviewQueue:
    found = all_queues().get(slug)
    if found is None or not found.active:
        raise NotFoundError(_("There is no such queue."), code="no_queue", field="queue")
    return found
