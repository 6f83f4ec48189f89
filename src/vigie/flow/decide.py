# SPDX-License-Identifier: Apache-2.0
"""A person decides: withhold, confirm, leave or lift, and undo.

Record, ledger entry, effect, statement and webhook commit together, and so do
related items decided with the same act: all or none. The person names the
decision they saw: if another stands in its place meanwhile, the first one has
won and the other is told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from django.db.models import Q

from vigie.core.errors import ConflictError, NotFoundError, RefusedError, VigieError
from vigie.flow import consequences
from vigie.flow.asked import MAX_REASON, PersonDecision, Verb, check_request
from vigie.flow.choose import choose, outcome
from vigie.flow.decided import Choice, Target, commit, head_of, root_of
from vigie.flow.house import House
from vigie.flow.queues import access
from vigie.flow.said import check_told
from vigie.flow.transaction import writing
from vigie.store.models import (
    Case,
    CaseKind,
    CaseState,
    DecisionKind,
    DecisionRecord,
    Queue,
    ReviewQueue,
    User,
)
from vigie.store.permissions import Permission

SECOND_PERSON: Final = "second_person"
__all__ = [
    "MAX_REASON",
    "SECOND_PERSON",
    "PersonDecision",
    "RelatedError",
    "Target",
    "Verb",
    "case_of",
    "check_decision",
    "check_target",
    "decide",
    "needs_second",
]


class RelatedError(ConflictError):
    """Something stands in the way of an item that was to be decided with others.

    Nothing was decided; `problems` says what stands in the way of which.
    """

    code = "related"

    def __init__(self, problems: dict[int, VigieError]) -> None:
        named = ", ".join(f"D-{number}" for number in problems)
        super().__init__(
            f"Nothing was decided: {named} cannot be decided with it.",
            field="also",
            fix="Leave them out, or look at each.",
        )
        self.problems = problems


def decide(house: House, asked: PersonDecision) -> DecisionRecord:
    """Commit a person's decision; returns its record.

    Raises ConflictError where somebody was first or has claimed the case,
    RelatedError where an item decided with it stands in the way, RefusedError
    where the person may not or a second person is needed (`second_person`),
    InvalidInputError where the verb, the ground or the words do not fit.
    """
    check_request(asked)
    with writing():
        first, others = _all_ready(house, asked)
        if asked.second is None and any(needs_second(asked, one) for one, _ in (first, *others)):
            raise RefusedError(
                "A restriction from this queue needs a second person.",
                code=SECOND_PERSON,
                fix="Ask another person to confirm it.",
            )
        row = _write(house, *first, together="")
        for one in others:
            _write(house, *one, together=row.decision_id)
        return row


def check_decision(house: House, asked: PersonDecision) -> None:
    """Raise what `decide` would raise, and change nothing; a second person is not asked for."""
    check_request(asked)
    _all_ready(house, asked)


def _all_ready(
    house: House, asked: PersonDecision
) -> tuple[tuple[Target, Choice], list[tuple[Target, Choice]]]:
    first = _ready(house, asked)
    return first, _others(house, asked, first[0])


def _ready(house: House, asked: PersonDecision) -> tuple[Target, Choice]:
    """Check everything about one item and return what is to be written."""
    target = check_target(asked)
    check_permission(house, asked, target)
    check_told(asked, target.case)
    chosen = choose(house, asked, target.head, target.case)
    choice = Choice(
        verb=asked.verb.value,
        actions=chosen.actions,
        outcome=outcome(chosen.actions, waiting=not chosen.closes_case),
        reason=asked.reason.strip(),
        told=asked.told,
        told_in=dict(asked.told_in),
        user=asked.user,
        second=asked.second,
        confirmed=chosen.confirmed,
        closes_case=chosen.closes_case,
        at_once=asked.imminent or target.root.cls == "child",
        exemption=asked.exemption,
    )
    return target, choice


def _others(house: House, asked: PersonDecision, first: Target) -> list[tuple[Target, Choice]]:
    """Return what is to be written of the related items; all of them, or an error of each."""
    found, problems = [], {}
    seen = {first.head.pk}
    for number in dict.fromkeys(asked.also):
        try:
            one = _ready(house, replace(asked, on=number, also=()))
        except VigieError as problem:
            problems[number] = problem
            continue
        if one[0].head.pk not in seen:
            seen.add(one[0].head.pk)
            found.append(one)
    if problems:
        raise RelatedError(problems)
    return found


def _write(house: House, target: Target, choice: Choice, *, together: str) -> DecisionRecord:
    row = commit(house, choice, target, together=together)
    consequences.follow(house, row, target.head, choice, target.case)
    return row


def check_target(asked: PersonDecision) -> Target:
    """Return what the person decides on.

    Raises NotFoundError, or ConflictError where it is no longer the last word.
    """
    seen = DecisionRecord.objects.filter(number=asked.on).first()
    if seen is None or seen.sample:
        raise NotFoundError("There is no such decision.", code="no_decision")
    if seen.duplicate_of_id is not None:
        raise ConflictError(
            f"This is a duplicate of D-{seen.duplicate_of_id}.",
            code="duplicate",
            fix=f"Decide on D-{seen.duplicate_of_id}.",
        )
    head = head_of(seen)
    if head.pk != seen.pk:
        raise ConflictError(
            _meanwhile(head), code="decided_meanwhile", fix="Look at the new decision first."
        )
    return Target(head=head, root=root_of(head), case=case_of(head))


def _meanwhile(head: DecisionRecord) -> str:
    if head.kind == DecisionKind.NOTICE:
        return f"A notice has put it before a person meanwhile ({head.label})."
    return f"{head.decided_by or 'Somebody'} has decided meanwhile ({head.label})."


def case_of(decision: DecisionRecord) -> Case | None:
    """Return the case about an item version that waits, or the last one that did.

    Appeals are cases of their own: they are never decided with the item. Class
    `child` is a world of its own: no case of it is found from outside.
    """
    found = Case.objects.filter(
        decision__service=decision.service,
        decision__item_id=decision.item_id,
        decision__version=decision.version,
    ).exclude(kind=CaseKind.APPEAL)
    child = Q(decision__cls=Queue.CHILD)
    found = found.filter(child if decision.cls == Queue.CHILD else ~child)
    found = found.select_related("decision", "claimed_by")
    return max(found, key=lambda case: (case.state == CaseState.OPEN, case.pk), default=None)


def check_permission(house: House, asked: PersonDecision, target: Target) -> None:
    """Raise RefusedError where the person may not decide here, ConflictError under a claim."""
    user, case = asked.user, target.case
    if not user.has_perm(Permission.CASE_DECIDE):
        raise RefusedError("Your role may not decide.")
    child = target.root.cls == "child" or (case is not None and case.queue == Queue.CHILD)
    if child and not user.has_perm(Permission.CHILD_READ):
        raise RefusedError("Your role may not decide on this class.")
    if case is None:
        return
    if case.state == CaseState.OPEN and not access.may_see(user, case):
        raise RefusedError("This case is not in your queues.", code="not_your_queue")
    if not asked.take_over:
        check_claim(case, user, house.now())


def check_claim(case: Case, user: User, now: int) -> None:
    """Raise ConflictError where somebody else works on the case."""
    holder = case.claimed_by
    live = case.state == CaseState.OPEN and case.claimed_until > now
    if live and holder is not None and holder.pk != user.pk:
        raise ConflictError(
            f"{holder.username} has claimed this case.",
            code="claimed",
            fix="Take it over explicitly, or open the next one.",
        )


def needs_second(asked: PersonDecision, target: Target) -> bool:
    """Say whether a restriction from the case's queue waits for a second person."""
    case = target.case
    if case is None or asked.verb is not Verb.WITHHOLD:
        return False
    return ReviewQueue.objects.filter(slug=case.queue, two_persons=True).exists()
