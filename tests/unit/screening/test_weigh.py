# SPDX-License-Identifier: Apache-2.0
"""What fired policies ask for: territories of the law, class child, rules (b), (d) and (f)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.door import CLAUSE, decided, live, policy, shadow, shipped
from tests.support.screening import (
    SERVED,
    found,
    judged,
    law,
    planted,
    signal,
    snapshot,
    subject,
)
from vigie.core.actions import ActionKind, Outcome
from vigie.core.decision import Basis, Decision, Ground
from vigie.core.ids import decision_id
from vigie.core.item import MediaFacts
from vigie.core.territory import everywhere
from vigie.law import Cls
from vigie.screening.judge import judge
from vigie.screening.snapshot import Evaluation, Operator, Snapshot
from vigie.screening.weigh import COUNSEL
from vigie.screening.weigh_media import SAME_BYTES

SHA = "a" * 64
OK = MediaFacts(status="ok", sha256=SHA)


def _child(*signals: Any, **fields: Any) -> Decision:
    policies = live(shipped("known_child_material"), shipped("near_child_material"))
    return judged(snapshot(policies, planted(*signals)), subject(media=(OK,), **fields))[0]


@pytest.mark.parametrize("countries", [None, ["FR"], ["JP"], ["DE", "AT"]])
@pytest.mark.parametrize(
    "one", [found(), found(basis=Basis.AGREED, owners=("a", "b"))], ids=["exact", "agreed"]
)
def test_a_sure_match_of_class_child_is_removed_everywhere(one, countries) -> None:
    made = _child(one, countries=countries)
    assert made.outcome is Outcome.REMOVE
    [action] = made.actions
    assert action.action is ActionKind.REMOVED
    assert action.territories == everywhere(SERVED)
    assert (action.by, action.state, action.until) == ("rule a", "sent", None)


@pytest.mark.parametrize(
    "one",
    [found(basis=Basis.NEAR), found(basis=Basis.AGREED, owners=("a", "a"))],
    ids=["near", "one owner twice"],
)
def test_an_unsure_match_of_class_child_goes_to_a_person(one) -> None:
    made = _child(one)
    assert made.outcome is Outcome.REVIEW
    assert {action.state for action in made.actions} == {"proposed"}


def test_a_policy_in_shadow_stops_not_even_class_child() -> None:
    under = snapshot(shadow(shipped("known_child_material")), planted(found()))
    [made] = judged(under, subject(media=(OK,)))
    assert (made.actions, made.outcome) == ((), Outcome.ALLOW)
    assert made.verdicts


def test_a_sure_match_acts_although_another_picture_could_not_be_read() -> None:
    made = _child(found(), signal("child", 0.0, status="failed", problem="truncated"))
    assert made.outcome is Outcome.REMOVE


def _speech(*countries: str, **more: Any) -> Decision:
    offences = ["fr_denial", "de_130_denial", "at_3h"]
    under = snapshot(live(policy("speech", offences=offences, **more)), planted(signal()))
    return judged(under, subject(countries=list(countries) or None))[0]


@pytest.mark.parametrize(
    ("seen", "asked"),
    [(("FR",), {"FR"}), (("FR", "DE"), {"FR", "DE"}), (("JP",), set()), ((), {"FR", "DE", "AT"})],
)
def test_a_speech_offence_asks_only_where_it_is_one_and_the_item_is_seen(seen, asked) -> None:
    made = _speech(*seen)
    assert {place for action in made.actions for place in action.territories} == asked
    assert {action.by for action in made.actions} <= {"proposal"}
    grounds = {verdict.ground.offence for verdict in made.verdicts}
    assert len(grounds) == len(asked)


def test_no_score_restricts_on_any_legal_ground() -> None:
    for entry in law().entries.values():
        if not entry.is_ground or entry.cls is Cls.CHILD:
            continue
        one = policy("any_offence", offences=[entry.id])
        operator = Operator(
            served=SERVED,
            evaluations=(Evaluation(policy="any_offence", language="en", low=0.999),),
        )
        [made] = judged(snapshot(live(one), planted(signal()), operator=operator))
        assert {action.state for action in made.actions} <= {"proposed"}, entry.id


def test_an_entry_that_needs_counsel_is_proposed_without_territories() -> None:
    unsure = [e for e in law().entries.values() if e.is_ground and e.needs_counsel]
    entry = next(e for e in unsure if e.territories)
    one = policy("needs_counsel", offences=[entry.id])
    operator = Operator(served=entry.territories)
    [made] = judged(snapshot(live(one), planted(signal()), operator=operator))
    [action] = made.actions
    assert (action.territories, action.note, action.by) == ((), COUNSEL, "proposal")
    assert made.outcome is Outcome.REVIEW


def test_media_of_the_same_bytes_meet_a_persons_action_where_it_was_taken() -> None:
    under = snapshot([], planted(), decided=[decided(SHA)])
    [made] = judged(under, subject(media=(OK,), countries=["FR", "AT"]))
    [action] = made.actions
    assert (action.by, action.territories) == ("rule b", ("FR",))
    [verdict] = made.verdicts
    assert (verdict.reasons[0].clause, verdict.reasons[0].signal) == (SAME_BYTES, "media/0")
    assert verdict.reasons[0].expression == "s-1-0000000000"


def test_other_bytes_and_other_places_meet_nothing() -> None:
    under = snapshot([], planted(), decided=[decided(SHA)])
    other = MediaFacts(status="ok", sha256="b" * 64)
    made = judged(
        under, subject(1, media=(other,)), subject(2, media=(OK,), countries=["AT"]), subject(3)
    )
    assert [one.outcome for one in made] == [Outcome.ALLOW] * 3


def _measured(low: float | None = 0.99, **more: Any) -> Snapshot:
    one = policy("house_rule", **more)
    evaluations = () if low is None else (
        Evaluation(policy="house_rule", language="en", low=low),
    )  # fmt: skip
    operator = Operator(served=SERVED, evaluations=evaluations)
    return snapshot(live(one), planted(signal()), operator=operator)


def _terms(low: float | None, **more: Any) -> Decision:
    return judge([subject()], _measured(low, **more), 0, iter(["w0-1-ffffffffff"]))[0]


@pytest.mark.parametrize(
    ("low", "by"), [(None, "proposal"), (0.9799, "proposal"), (0.98, "rule d"), (1.0, "rule d")]
)
def test_a_clause_of_the_terms_acts_alone_only_where_it_was_measured(low, by: str) -> None:
    [action] = _terms(low).actions
    assert action.by == by
    assert action.grounds == (Ground(terms=CLAUSE),)


def test_one_measured_decision_in_a_hundred_goes_to_a_person_all_the_same() -> None:
    under = _measured()
    made = judge([subject()] * 400, under, 0, (decision_id("w0", 1, n) for n in range(400)))
    drawn = [n for n, one in enumerate(made) if one.actions[0].by == "proposal"]
    assert drawn == [0, 100, 200, 300]


def test_a_measured_clause_never_removes_for_good() -> None:
    [action] = _terms(0.99, action="remove").actions
    assert (action.by, action.state) == ("proposal", "proposed")


def test_a_pause_is_named_by_the_policy_and_ends_by_itself() -> None:
    made = _terms(None, pause_recommendation=24, action="limit")
    action = made.actions[0]
    assert (action.by, action.action) == ("rule f", ActionKind.DEMOTED)
    assert action.until == "1970-01-02T00:00:00.000Z"
    assert made.outcome is Outcome.LIMIT


def test_an_entry_that_reaches_nowhere_is_still_shown_where_its_country_sees_the_item() -> None:
    unsure = [e for e in law().entries.values() if e.is_ground and not e.territories]
    entry = next(e for e in unsure if e.needs_counsel)
    one = policy("reaches_nowhere", offences=[entry.id])
    operator = Operator(served=(entry.jurisdiction, "FR"))
    under = snapshot(live(one), planted(signal()), operator=operator)
    [made] = judged(under)
    assert [verdict.ground.offence for verdict in made.verdicts] == [entry.id]
    assert [(a.territories, a.note) for a in made.actions] == [((), COUNSEL)]
    [elsewhere] = judged(under, subject(countries=["FR"]))
    assert (elsewhere.verdicts, elsewhere.actions) == ((), ())


def test_counsel_is_asked_alone_only_where_nothing_else_is_proposed() -> None:
    unsure = next(e for e in law().entries.values() if e.is_ground and not e.territories)
    one = policy("sure_and_unsure", offences=["fr_denial", unsure.id])
    operator = Operator(served=(unsure.jurisdiction, "FR"))
    [made] = judged(snapshot(live(one), planted(signal()), operator=operator))
    assert {verdict.ground.offence for verdict in made.verdicts} == {"fr_denial", unsure.id}
    assert [(a.territories, a.note) for a in made.actions] == [(("FR",), None)]
