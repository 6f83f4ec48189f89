# SPDX-License-Identifier: Apache-2.0
"""Laws of precedence: the strictest acts, proposals stand only where they are stricter."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from vigie.core.actions import ACTIONS, STRICTNESS, ActionKind, Outcome
from vigie.core.decision import Action, Ground
from vigie.core.territory import everywhere
from vigie.screening.precedence import PROPOSAL, PROPOSED, SENT, Claim, outcome_of, settle, spread

SERVED = ("AT", "DE", "FR")
PLACES = everywhere(SERVED)
GROUNDS = [Ground(offence="fr_denial"), Ground(offence="de_130_denial"), Ground(terms="rule 7")]


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    kind = draw(st.sampled_from(ActionKind))
    places = tuple(draw(st.lists(st.sampled_from(PLACES), min_size=1, unique=True)))
    by = draw(st.sampled_from([PROPOSAL, "rule a", "rule b", "rule d"]))
    return Claim(kind, spread(kind, places, SERVED), by, draw(st.sampled_from(GROUNDS)))


MANY = st.lists(claims(), max_size=6)


def in_force(actions: tuple[Action, ...], state: str) -> dict[str, ActionKind]:
    """Return what holds per place in one state; no place may be named twice."""
    found: dict[str, ActionKind] = {}
    for action in actions:
        if action.state == state:
            for place in action.territories:
                assert place not in found, "two actions in one place"
                found[place] = action.action
    return found


def strict(kind: ActionKind) -> int:
    return ACTIONS[kind].strictness


@given(MANY)
def test_in_each_place_the_strictest_acting_claim_wins(given_claims: list[Claim]) -> None:
    acting = in_force(settle(given_claims, SERVED), SENT)
    for place in PLACES:
        asked = [c.kind for c in given_claims if c.acts and place in c.territories]
        assert acting.get(place) == max(asked, key=strict, default=None)


@given(MANY)
def test_a_proposal_stands_only_where_it_is_stricter_than_what_acts(
    given_claims: list[Claim],
) -> None:
    actions = settle(given_claims, SERVED)
    acting, proposed = in_force(actions, SENT), in_force(actions, PROPOSED)
    for place in PLACES:
        asked = [c.kind for c in given_claims if not c.acts and place in c.territories]
        best = max(asked, key=strict, default=None)
        if best is not None and (place not in acting or strict(best) > strict(acting[place])):
            assert proposed[place] == best
        else:
            assert place not in proposed


@given(MANY, st.randoms())
def test_the_order_of_claims_changes_nothing_that_happens(
    given_claims: list[Claim], dice: random.Random
) -> None:
    other = list(given_claims)
    dice.shuffle(other)
    one, two = settle(given_claims, SERVED), settle(other, SERVED)
    assert in_force(one, SENT) == in_force(two, SENT)
    assert in_force(one, PROPOSED) == in_force(two, PROPOSED)
    assert outcome_of(one) == outcome_of(two)


@given(MANY, claims())
def test_one_more_claim_never_makes_the_outcome_milder(
    given_claims: list[Claim], more: Claim
) -> None:
    before = outcome_of(settle(given_claims, SERVED))
    after = outcome_of(settle([*given_claims, more], SERVED))
    assert STRICTNESS[after] >= STRICTNESS[before] or (
        # What a person was to look at is done already.
        before is Outcome.REVIEW and more.acts
    )


@given(MANY)
def test_nothing_happens_that_nobody_asked_for(given_claims: list[Claim]) -> None:
    asked = {(claim.kind, claim.by, place) for claim in given_claims for place in claim.territories}
    for action in settle(given_claims, SERVED):
        assert action.grounds
        for place in action.territories:
            assert (action.action, action.by, place) in asked


@given(MANY)
def test_a_removal_reaches_everywhere(given_claims: list[Claim]) -> None:
    for action in settle(given_claims, SERVED):
        if action.action is ActionKind.REMOVED and action.state == SENT:
            assert action.territories == PLACES


@given(MANY)
def test_places_stand_in_the_order_of_the_served_countries(given_claims: list[Claim]) -> None:
    for action in settle(given_claims, SERVED):
        assert list(action.territories) == sorted(action.territories, key=PLACES.index)


def test_no_claim_is_no_action() -> None:
    assert settle([], SERVED) == ()
    assert outcome_of(()) is Outcome.ALLOW


def test_places_with_the_same_action_are_one_action_with_all_their_grounds() -> None:
    one = Claim(ActionKind.DISABLED, ("FR",), PROPOSAL, GROUNDS[0])
    other = Claim(ActionKind.DISABLED, ("DE",), PROPOSAL, GROUNDS[1])
    [action] = settle([one, other], SERVED)
    assert action.territories == ("DE", "FR")
    assert set(action.grounds) == {GROUNDS[0], GROUNDS[1]}


def test_a_proposal_without_territories_waits_for_a_person() -> None:
    claim = Claim(ActionKind.DISABLED, (), PROPOSAL, GROUNDS[0], note="counsel_first")
    [action] = settle([claim], SERVED)
    assert (action.state, action.note) == (PROPOSED, "counsel_first")
    assert outcome_of([action]) is Outcome.REVIEW


def test_a_place_outside_the_served_countries_is_kept() -> None:
    claim = Claim(ActionKind.DISABLED, ("JP", "FR"), "rule d", GROUNDS[2])
    [action] = settle([claim], SERVED)
    assert action.territories == ("FR", "JP")


def test_a_stale_item_has_no_outcome_of_its_own() -> None:
    actions = settle([Claim(ActionKind.REMOVED, PLACES, "rule a", GROUNDS[0])], SERVED)
    assert outcome_of(actions) is Outcome.REMOVE
    assert outcome_of(actions, stale=True) is Outcome.ALLOW
