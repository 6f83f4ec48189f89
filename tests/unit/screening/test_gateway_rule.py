# SPDX-License-Identifier: Apache-2.0
"""Rule (e): the gateway refuses or lets pass, proposes nothing, and counts what it may not keep."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.door import CLAUSE, live, policy, shadow
from tests.support.screening import SERVED, judged, law, planted, signal, snapshot, subject
from tests.unit.screening.test_acting import cases
from vigie.core.actions import ACTIONS, ActionKind, Outcome
from vigie.core.decision import COUNTED, Decision, Ground
from vigie.core.item import Subject
from vigie.law import Cls
from vigie.screening.acting import may_act
from vigie.screening.policy.errors import PolicyError
from vigie.screening.precedence import PROPOSAL, Claim
from vigie.screening.weigh import settled

AI = ["ai_prompt", "ai_output"]
ENTRIES = tuple(law().entries.values())


def asked(surface: str = "ai_prompt", *, gateway: bool = True, **fields: Any) -> Subject:
    one = subject(surface=surface, **{"countries": ["FR"], **fields})
    return msgspec.structs.replace(one, gateway=gateway)


def decide(*policies: Any, value: float = 1.0, **fields: Any) -> Decision:
    under = snapshot(live(*policies), planted(signal(value=value)))
    return judged(under, asked(**fields))[0]


def counted(**more: Any) -> Any:
    return policy("counted", surfaces=AI, counted_only=True, **more)


@given(cases)
def test_rule_e_is_the_gateways_alone_and_on_its_surfaces_alone(case):
    rule = may_act(case).rule
    if rule == "e":
        assert case.gateway
        assert case.surface in AI
        assert case.state == "live"
    elif case.gateway and case.surface in AI and case.terms and case.state == "live":
        others = sum(one is not None for one in (case.entry, case.order))
        assert others or rule == "b"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_on_every_law_entry_the_gateway_refuses_within_its_territory_or_does_nothing(entry):
    if not entry.is_ground or not entry.territories:
        return
    action = "remove" if entry.cls is Cls.CHILD else "withhold"
    places = [place for place in entry.territories if place != "*"] or ["FR"]
    one = policy("law", offences=[entry.id], action=action)
    made = decide(one, countries=places[:1])
    assert all(one.state == "sent" for one in made.actions)
    assert all(one.by == "rule e" for one in made.actions)
    if entry.needs_counsel:
        assert made.actions == ()
        assert made.outcome is Outcome.ALLOW
    else:
        assert made.outcome in (Outcome.WITHHOLD, Outcome.REMOVE)
    elsewhere = decide(one, countries=["JP"])
    if entry.cls is not Cls.CHILD and "*" not in entry.territories:
        assert elsewhere.actions == ()


def test_the_same_without_the_gateway_is_a_proposal():
    one = policy("words")
    assert decide(one).outcome is Outcome.WITHHOLD
    assert decide(one, gateway=False).outcome is Outcome.REVIEW
    assert decide(one, surface="post").outcome is Outcome.ALLOW


@pytest.mark.parametrize("action", ["label", "limit"])
def test_what_is_no_refusal_is_no_action_of_the_gateway(action):
    made = decide(policy("mild", action=action))
    assert (made.actions, made.outcome) == ((), Outcome.ALLOW)
    assert [one.policy for one in made.verdicts] == ["mild"]


def test_a_policy_that_could_not_see_refuses_nothing_and_says_that_it_was_blind():
    under = snapshot(live(policy("words")), planted(signal(value=0.0, status="failed")))
    [made] = judged(under, asked())
    assert (made.actions, made.outcome) == ((), Outcome.ALLOW)
    assert made.blind
    [quiet] = judged(snapshot(shadow(policy("words")), planted(signal(status="failed"))), asked())
    assert not quiet.blind


def test_shadow_stops_nothing_at_the_gateway():
    [made] = judged(snapshot(shadow(policy("words")), planted(signal())), asked())
    assert made.actions == ()
    assert made.verdicts


@given(
    st.lists(
        st.builds(
            Claim,
            st.sampled_from(list(ActionKind)),
            st.just(("FR",)),
            st.sampled_from([PROPOSAL, "rule a", "rule e"]),
            st.just(Ground(terms=CLAUSE)),
            st.none(),
            st.sampled_from([None, COUNTED]),
        ),
        max_size=8,
    )
)
def test_no_proposal_passes_the_gateway_and_counted_claims_stand_alone(claims):
    left = settled(claims, gateway=True)
    stops = (Outcome.WITHHOLD, Outcome.REMOVE)
    assert all(one.acts and ACTIONS[one.kind].outcome in stops for one in left)
    assert len({one.note for one in left}) <= 1
    refused = [one for one in claims if one.refuses]
    assert bool(left) == bool(refused)
    assert any(one.note == COUNTED for one in left) == any(one.note == COUNTED for one in refused)


def test_a_counted_policy_marks_what_it_stops():
    made = decide(counted(), policy("words", action="remove"))
    assert made.counted_only
    assert {one.note for one in made.actions} == {COUNTED}
    assert not decide(policy("words")).counted_only


def test_outside_the_gateway_too_nothing_of_it_may_be_kept():
    made = decide(counted(), gateway=False)
    assert made.outcome is Outcome.REVIEW
    assert made.counted_only


@pytest.mark.parametrize("surfaces", [None, ["post"], [*AI, "post"]])
def test_only_what_ai_applications_exchange_is_counted_without_being_kept(surfaces):
    where = {} if surfaces is None else {"surfaces": surfaces}
    with pytest.raises(PolicyError, match="counted without being kept"):
        policy("counted", counted_only=True, **where)


def test_counted_is_true_or_false():
    with pytest.raises(PolicyError, match="true or false"):
        policy("counted", surfaces=AI, counted_only="yes")
    assert not policy("counted", surfaces=["post"], counted_only=False).counted_only


def test_where_nobody_is_served_it_still_decides():
    made = decide(policy("words"), countries=None)
    assert set(made.actions[0].territories) == {*SERVED, "*"}
