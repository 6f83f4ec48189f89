# SPDX-License-Identifier: Apache-2.0
"""An explanation shows every clause with its answer and what it read."""

from __future__ import annotations

import msgspec

from tests.unit.screening.policy.examples import policy_of
from vigie.core.decision import Reason
from vigie.screening.policy import Facts, explain

POLICY = policy_of(
    "score: score.hate >= limit.hate",
    "calm: \"!('quotation' in marks)\"",
    "share: item.links / item.media >= 1",
)


def test_every_clause_is_shown_whether_or_not_it_holds():
    told = explain(POLICY, Facts(scores={"hate": 0.9}, marks=["quotation"], links=2, media=1))
    assert [(clause.name, clause.holds) for clause in told.clauses] == [
        ("score", True),
        ("calm", False),
        ("share", True),
    ]
    assert told.clauses[0].read == {"score.hate": 0.9}
    assert told.clauses[0].met == (Reason(clause="score", signal="hate", value=0.9, limit=0.85),)
    assert told.clauses[1].read == {"marks": ["quotation"]}
    assert told.limits == {"hate": 0.85}
    assert (told.fired, told.failed, told.looks_here, told.reasons) == (False, False, True, ())


def test_a_clause_without_an_answer_says_so():
    told = explain(POLICY, Facts(scores={"hate": 0.9}))
    assert told.clauses[2].holds is None
    assert told.clauses[2].problem == "division by zero"
    assert told.failed
    assert not told.fired


def test_what_fired_gives_the_reasons_of_the_decision():
    told = explain(POLICY, Facts(scores={"hate": 0.9}, links=1, media=1))
    assert told.fired
    assert [reason.clause for reason in told.reasons] == ["score", "calm", "share"]


def test_a_policy_that_does_not_look_here_says_so():
    policy = policy_of("a: 'true'", more="surfaces: [ad]\n")
    assert not explain(policy, Facts(surface="post")).looks_here
    assert explain(policy, Facts(surface="ad")).fired


def test_a_value_that_cannot_be_read_does_not_stop_the_explanation():
    told = explain(policy_of("a: item.language == 'fr'"), Facts(language="\ud800"))
    assert told.failed
    assert told.clauses[0].holds is False
    msgspec.json.encode(told)
