# SPDX-License-Identifier: Apache-2.0
"""What each verb of a person comes to, given what stands: nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vigie.core.actions import ACTIONS, STRICTNESS, ActionKind, Outcome
from vigie.core.decision import Action
from vigie.core.errors import ConflictError, InvalidInputError
from vigie.flow.asked import PersonDecision, Verb
from vigie.flow.decided import kept_actions, standing
from vigie.flow.grounds import Settled, Wish, settle
from vigie.flow.house import House
from vigie.flow.statement_text import clause_titles
from vigie.law import Element
from vigie.store.models import Appeal, Case, CaseState, DecisionKind, DecisionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What is done, on which confirmed elements, and whether the case closes with it."""

    actions: tuple[Action, ...]
    confirmed: tuple[Element, ...] = ()
    closes_case: bool = True


def choose(
    house: House,
    asked: PersonDecision,
    head: DecisionRecord,
    case: Case | None,
    clauses: Iterable[str] | None = None,
) -> Chosen:
    """Return what the verb means for this decision.

    `clauses` of the terms in force, where the caller knows them already.
    Raises ConflictError where nothing of the kind waits or stands,
    InvalidInputError where the ground does not carry it.
    """
    if asked.verb is Verb.WITHHOLD:
        return _withhold(house, asked, head, case, clauses)
    if asked.verb is Verb.CONFIRM:
        return Chosen(actions=_confirm(head))
    if asked.verb is Verb.LEAVE:
        return Chosen(actions=_leave(head, case))
    if asked.verb is Verb.LIFT:
        return Chosen(actions=_lift(head))
    return _undo(head, case)


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


def proposals_of(case: Case | None, head: DecisionRecord) -> tuple[Action, ...]:
    """Return what waits to be followed: as the case keeps it, or as it was decided."""
    if case is None or case.state != CaseState.OPEN:
        return ()
    if case.proposals:
        return kept_actions(case.proposals)
    found = kept_actions(head.body.get("actions", ()))
    return tuple(action for action in found if action.state == "proposed")


def _withhold(
    house: House,
    asked: PersonDecision,
    head: DecisionRecord,
    case: Case | None,
    clauses: Iterable[str] | None,
) -> Chosen:
    if asked.action is None:
        settled = _followed(house, asked, head, case)
    else:
        proposed = proposals_of(case, head)
        known = clause_titles() if clauses is None else clauses
        settled = [_composed(house, asked, asked.action, proposed, known)]
    new = tuple(one.action for one in settled)
    covered = {place for action in new for place in action.territories}
    # What already acts elsewhere stands, and everywhere what an order asks for.
    rest = [one if one.ordered else without(one, covered) for one in standing(head)]
    return Chosen(
        actions=(*new, *(action for action in rest if action is not None)),
        confirmed=tuple(dict.fromkeys(one for each in settled for one in each.confirmed)),
    )


def _composed(
    house: House,
    asked: PersonDecision,
    action: ActionKind,
    proposed: tuple[Action, ...],
    clauses: Iterable[str],
) -> Settled:
    """Return the action as the person put it together."""
    grounds = tuple(dict.fromkeys(g for one in proposed for g in one.grounds))
    wish = Wish(
        action=action,
        territories=asked.territories,
        grounds=asked.grounds or grounds,
        confirmed=asked.confirmed,
        clauses=frozenset(clauses) | {g.terms for g in grounds if g.terms},
    )
    return settle(house, wish)


def _followed(
    house: House, asked: PersonDecision, head: DecisionRecord, case: Case | None
) -> list[Settled]:
    """Return the proposals as a person carries them out in some of their places."""
    proposals = proposals_of(case, head)
    if not proposals:
        raise ConflictError("No proposal waits here.", code="no_proposal")
    allowed = [place for action in proposals for place in action.territories]
    wanted = asked.territories or tuple(allowed)
    outside = sorted(set(wanted) - set(allowed))
    if outside:
        raise InvalidInputError(
            f"The ground does not act in {', '.join(outside)}.",
            code="outside_ground",
            field="territories",
            fix=f"Choose from: {', '.join(sorted(set(allowed))) or 'none'}.",
        )
    return [
        settle(house, _wish(action, places, asked))
        for action in proposals
        if (places := tuple(p for p in action.territories if p in wanted))
    ]


def _wish(action: Action, places: tuple[str, ...], asked: PersonDecision) -> Wish:
    return Wish(
        action=action.action,
        territories=places,
        grounds=action.grounds,
        confirmed=asked.confirmed,
        clauses=frozenset(ground.terms for ground in action.grounds if ground.terms),
    )


def without(action: Action, covered: set[str]) -> Action | None:
    """Return an action in the places that a new one does not cover; None if none is left."""
    places = tuple(p for p in action.territories if p not in covered)
    return changed(action, territories=places) if places else None


def changed(action: Action, *, territories: tuple[str, ...], by: str | None = None) -> Action:
    """Return the same action in other places, or by somebody else."""
    return Action(
        action=action.action,
        territories=territories,
        by=by or action.by,
        state=action.state,
        grounds=action.grounds,
        until=action.until,
        note=action.note,
    )


def _confirm(head: DecisionRecord) -> tuple[Action, ...]:
    acting = standing(head)
    if not acting or head.kind in (DecisionKind.PERSON, DecisionKind.ORDER):
        raise ConflictError("Nothing that a machine did waits here.", code="nothing_to_confirm")
    return tuple(changed(one, territories=one.territories, by="person") for one in acting)


def _leave(head: DecisionRecord, case: Case | None) -> tuple[Action, ...]:
    if case is None or case.state != CaseState.OPEN:
        raise ConflictError("No proposal waits here.", code="no_proposal")
    return standing(head)


def _lift(head: DecisionRecord) -> tuple[Action, ...]:
    acting = standing(head)
    if not acting:
        raise ConflictError("Nothing is restricted here.", code="nothing_to_lift")
    ordered = tuple(one for one in acting if one.ordered)
    if ordered == acting:
        raise ConflictError(
            "It stands on an order of an authority.",
            code="ordered",
            fix="Take it back on the page of the order.",
        )
    return ordered


def _undo(head: DecisionRecord, case: Case | None) -> Chosen:
    """Return what stood before a person's decision; the case that it closed opens again."""
    before = head.supersedes
    if head.kind != DecisionKind.PERSON or before is None:
        raise ConflictError("There is no person's decision to undo.", code="nothing_to_undo")
    if Appeal.objects.filter(outcome_decision=head).exists():
        raise ConflictError(
            "It answers a complaint, and the person was told.", code="answers_complaint"
        )
    closed_it = case is not None and case.outcome_decision_id == head.number
    return Chosen(
        actions=kept_actions(before.body.get("actions", ())),
        closes_case=not closed_it,
    )
