# SPDX-License-Identifier: Apache-2.0
"""A person decides: withhold, confirm, leave or lift, and undo.

Record, ledger entry, effect, statement and webhook commit together. The person
names the decision they saw: if another stands in its place meanwhile, the
first one has won and the other is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from vigie.core.actions import ACTIONS, STRICTNESS, Outcome
from vigie.core.decision import Action
from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import consequences
from vigie.flow.decided import Choice, commit, head_of, kept_actions, root_of, standing
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.law.restriction import Exemption
from vigie.store.models import Case, CaseKind, CaseState, DecisionKind, DecisionRecord, Queue, User
from vigie.store.permissions import Permission

MAX_REASON: Final = 2_000


class Verb(StrEnum):
    """What a person can do with a decision."""

    WITHHOLD = "withhold"
    """Carry out the proposal in territories of its ground."""
    CONFIRM = "confirm"
    """What the machine did stands; a person answers for it."""
    LEAVE = "leave"
    """The proposal is not followed; nothing is restricted."""
    LIFT = "lift"
    """What was restricted is restored."""
    UNDO = "undo"
    """The last decision of a person is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDecision:
    """What a person asks for."""

    on: int
    """Number of the decision that the person saw as the last word."""
    verb: Verb
    reason: str
    """For the record; erasable, never shown to the author."""
    user: User
    territories: tuple[str, ...] = ()
    """Where to withhold; none: everywhere that was proposed."""
    told: str | None = None
    """Facts in the person's own words, for the author's statement."""
    imminent: bool = False
    """Danger to life: nothing waits for a possible undo."""
    exemption: Exemption | None = None
    """Why no statement is owed to the author (Art. 17(2), (5) DSA); none: one is owed."""


def decide(house: House, asked: PersonDecision) -> DecisionRecord:
    """Commit a person's decision; returns its record.

    Raises ConflictError where somebody was first, RefusedError where the
    person may not, InvalidInputError where the verb does not fit.
    """
    check_request(asked)
    with writing():
        head, root = check_target(asked)
        case = Case.objects.filter(decision=root).exclude(kind=CaseKind.APPEAL).first()
        check_permission(asked.user, case, root)
        choice = _choose(asked, head, root, case, house)
        row = commit(house, choice, head, root, case)
        consequences.follow(house, row, head, choice, case)
        return row


def check_request(asked: PersonDecision) -> None:
    """Raise where the request is not whole in itself."""
    if not asked.reason.strip():
        raise InvalidInputError("A decision has a reason.", code="no_reason", field="reason")
    if len(asked.reason) > MAX_REASON or len(asked.told or "") > MAX_REASON:
        raise InvalidInputError(
            f"At most {MAX_REASON} characters.", code="text_too_long", field="reason"
        )
    if asked.exemption is not None and asked.verb is not Verb.WITHHOLD:
        raise InvalidInputError(
            "No statement is owed here.",
            code="no_statement_owed",
            field="exemption",
            fix="Name an exception only where something is restricted.",
        )


def check_target(asked: PersonDecision) -> tuple[DecisionRecord, DecisionRecord]:
    """Return the decision that was seen and the machine's that began it.

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
            f"{head.decided_by or 'Somebody'} has decided meanwhile ({head.label}).",
            code="decided_meanwhile",
            fix="Look at the new decision first.",
        )
    return head, root_of(head)


def check_permission(user: User, case: Case | None, root: DecisionRecord) -> None:
    """Raise RefusedError where the person may not decide here."""
    if not user.has_perm(Permission.CASE_DECIDE):
        raise RefusedError("Your role may not decide.")
    child = root.cls == "child" or (case is not None and case.queue == Queue.CHILD)
    if child and not user.has_perm(Permission.CHILD_READ):
        raise RefusedError("Your role may not decide on this class.")


def _choose(
    asked: PersonDecision,
    head: DecisionRecord,
    root: DecisionRecord,
    case: Case | None,
    house: House,
) -> Choice:
    """Return what the verb means for this decision."""
    if asked.verb is Verb.WITHHOLD:
        actions, closes = _withhold(asked, head, case, house), True
    elif asked.verb is Verb.CONFIRM:
        actions, closes = _confirm(head), True
    elif asked.verb is Verb.LEAVE:
        actions, closes = _leave(head, case), True
    elif asked.verb is Verb.LIFT:
        actions, closes = _lift(head), True
    else:
        actions, closes = _undo(head)
    return Choice(
        verb=asked.verb.value,
        actions=actions,
        outcome=outcome(actions, waiting=not closes),
        reason=asked.reason.strip(),
        told=asked.told,
        user=asked.user,
        closes_case=closes,
        at_once=asked.imminent or root.cls == "child",
        exemption=asked.exemption,
    )


def outcome(actions: tuple[Action, ...], *, waiting: bool) -> Outcome:
    """Return the strictest of what is done; `review` where a proposal waits again."""
    found = Outcome.REVIEW if waiting else Outcome.ALLOW
    for action in actions:
        if action.state == "proposed":
            continue
        one = ACTIONS[action.action].outcome
        if STRICTNESS[one] > STRICTNESS[found]:
            found = one
    return found


def _withhold(
    asked: PersonDecision, head: DecisionRecord, case: Case | None, house: House
) -> tuple[Action, ...]:
    if case is None or case.state != CaseState.OPEN:
        raise ConflictError("No proposal waits here.", code="no_proposal")
    proposals = kept_actions(case.proposals)
    allowed = [place for action in proposals for place in action.territories]
    wanted = list(asked.territories) or allowed
    outside = sorted(set(wanted) - set(allowed))
    if not wanted or outside:
        raise InvalidInputError(
            f"The ground does not act in {', '.join(outside) or 'any territory'}.",
            code="outside_ground",
            field="territories",
            fix=f"Choose from: {', '.join(sorted(set(allowed))) or 'none'}.",
        )
    chosen = [_carried_out(action, set(wanted), house) for action in proposals]
    new = tuple(action for action in chosen if action is not None)
    covered = {place for action in new for place in action.territories}
    # What already acts elsewhere stands.
    rest = [_without(action, covered) for action in standing(head)]
    return (*new, *(action for action in rest if action is not None))


def _carried_out(action: Action, wanted: set[str], house: House) -> Action | None:
    """Return a proposal as a person carries it out in some of its places."""
    places = tuple(p for p in action.territories if p in wanted)
    if not places:
        return None
    if not ACTIONS[action.action].territorial:
        places = house.everywhere
    return Action(
        action=action.action, territories=places, by="person", state="sent", grounds=action.grounds
    )


def _without(action: Action, covered: set[str]) -> Action | None:
    places = tuple(p for p in action.territories if p not in covered)
    if not places:
        return None
    return Action(
        action=action.action,
        territories=places,
        by=action.by,
        state=action.state,
        grounds=action.grounds,
        until=action.until,
        note=action.note,
    )


def _confirm(head: DecisionRecord) -> tuple[Action, ...]:
    acting = standing(head)
    if not acting or head.kind != DecisionKind.MACHINE:
        raise ConflictError("Nothing that a machine did waits here.", code="nothing_to_confirm")
    return tuple(
        Action(
            action=action.action,
            territories=action.territories,
            by="person",
            state=action.state,
            grounds=action.grounds,
            until=action.until,
        )
        for action in acting
    )


def _leave(head: DecisionRecord, case: Case | None) -> tuple[Action, ...]:
    if case is None or case.state != CaseState.OPEN:
        raise ConflictError("No proposal waits here.", code="no_proposal")
    return standing(head)


def _lift(head: DecisionRecord) -> tuple[Action, ...]:
    if not standing(head):
        raise ConflictError("Nothing is restricted here.", code="nothing_to_lift")
    return ()


def _undo(head: DecisionRecord) -> tuple[tuple[Action, ...], bool]:
    """Return what stood before a person's decision, and whether its case stays closed."""
    before = head.supersedes
    if head.kind != DecisionKind.PERSON or before is None:
        raise ConflictError("There is no person's decision to undo.", code="nothing_to_undo")
    actions = kept_actions(before.body.get("actions", ()))
    waited = any(action.state == "proposed" for action in actions)
    return actions, not waited
