# SPDX-License-Identifier: Apache-2.0
"""Policies on facts: what fires, what fails, and that policies stay out of each other's way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.screening.policy.examples import LABELS, policy_of, set_of
from vigie.core.decision import Reason
from vigie.screening.policy import ActivePolicy, Facts, PolicyError, PolicySet, PolicyState

SCORE = "score: score.hate >= limit.hate"
CALM = "calm: \"!('quotation' in marks)\""
BROKEN = "broken: 1 / item.media > 0"


def ids(hits):
    return [hit.policy.id for hit in hits]


def test_a_policy_fires_when_all_clauses_hold_and_says_why():
    policies = set_of([policy_of(SCORE, CALM)])
    facts = Facts(scores={"hate": 0.93}, detectors={"hate": "text.linear"})
    (hit,) = policies.evaluate(facts)
    assert hit.fired
    assert not hit.failed
    assert hit.state is PolicyState.LIVE
    assert hit.reasons == (
        Reason(clause="score", signal="text.linear/hate", value=0.93, limit=0.85),
        Reason(clause="calm", expression="!('quotation' in marks)"),
    )
    assert policies.evaluate(Facts(scores={"hate": 0.93}, marks=["quotation"])) == []
    assert policies.evaluate(Facts(scores={"hate": 0.84})) == []


def test_of_several_scores_those_that_met_their_limits_are_told():
    policy = policy_of("score: score.hate >= 0.9 || score.terror >= 0.5 || score.hate >= 0.8")
    (hit,) = set_of([policy]).evaluate(Facts(scores={"hate": 0.85, "terror": 0.4}))
    assert hit.reasons == (Reason(clause="score", signal="hate", value=0.85, limit=0.8),)
    (hit,) = set_of([policy]).evaluate(Facts(scores={"hate": 0.95, "terror": 0.6}))
    assert [(r.signal, r.limit) for r in hit.reasons] == [("hate", 0.9), ("terror", 0.5)]


def test_a_whole_number_compares_with_a_score():
    policies = set_of([policy_of("score: score.hate >= 1"), policy_of("score: 0 < score.hate")])
    assert len(policies.evaluate(Facts(scores={"hate": 1.0}))) == 2
    assert len(policies.evaluate(Facts(scores={"hate": 0.5}))) == 1


def test_drafts_are_not_evaluated_and_shadow_is_recorded():
    policy = policy_of(SCORE)
    facts = Facts(scores={"hate": 1.0})
    assert set_of([policy], state=PolicyState.DRAFT).evaluate(facts) == []
    (hit,) = set_of([policy], state=PolicyState.SHADOW).evaluate(facts)
    assert hit.state is PolicyState.SHADOW


def test_a_policy_looks_only_at_its_surfaces():
    policies = set_of([policy_of(SCORE, more="surfaces: [ad]\n")])
    assert policies.evaluate(Facts(scores={"hate": 1.0}, surface="post")) == []
    assert len(policies.evaluate(Facts(scores={"hate": 1.0}, surface="ad"))) == 1
    assert policies.evaluate(Facts(scores={"hate": 1.0}, surface="nowhere")) == []


def twenty(broken: int | None, fail: str = "review"):
    policies = []
    for number in range(20):
        clause = f"score: score.hate >= 0.{number + 10}"
        clauses = (clause, BROKEN) if number == broken else (clause,)
        policies.append(policy_of(*clauses, name=f"p{number}", fail=fail))
    return set_of(policies)


@pytest.mark.parametrize("broken", range(20))
def test_one_failing_policy_of_twenty_changes_no_other_verdict(broken):
    facts = Facts(scores={"hate": 0.195})
    sound = {hit.policy.id: hit for hit in twenty(None).evaluate(facts)}
    assert len(sound) == 10  # half of them fire, half stay quiet
    hits = {hit.policy.id: hit for hit in twenty(broken).evaluate(facts)}
    name = f"p{broken}"
    assert {k: v for k, v in hits.items() if k != name} == {
        k: v for k, v in sound.items() if k != name
    }
    # 0 && error is quiet in CEL; only where the score holds has the policy no answer.
    if name in sound:
        assert hits[name].failed
        assert not hits[name].fired
        assert hits[name].reasons == (
            Reason(clause="broken", expression="error: division by zero"),
        )


def test_a_failed_condition_that_is_ignored_is_quiet():
    hits = twenty(3, fail="ignore").evaluate(Facts(scores={"hate": 0.195}))
    assert len(hits) == 9
    assert "p3" not in ids(hits)


def test_every_policy_failing_at_once_stays_apart():
    policies = set_of([policy_of(BROKEN, name=f"p{number}") for number in range(20)])
    hits = policies.evaluate(Facts())
    assert [hit.failed for hit in hits] == [True] * 20
    assert [hit.fired for hit in hits] == [False] * 20


def test_a_failed_detector_sends_a_quiet_policy_to_a_person():
    policies = set_of([policy_of(SCORE, name="hate"), policy_of("a: score.denial > 0.5", name="d")])
    (hit,) = policies.evaluate(Facts(failed=frozenset({"hate"})))
    assert hit.policy.id == "hate"
    assert hit.failed
    assert not hit.fired
    assert hit.reasons == (
        Reason(clause="score", signal="hate", expression="not seen: the detector failed"),
    )


def test_a_failed_detector_is_ignored_where_the_policy_says_so():
    policies = set_of([policy_of(SCORE, fail="ignore")])
    assert policies.evaluate(Facts(failed=frozenset({"hate"}))) == []


def test_what_was_seen_counts_although_something_failed():
    policies = set_of([policy_of("known: \"'child:exact' in matched\"")])
    facts = Facts(matched=["child", "child:exact"], failed=frozenset({"child", "detector:hash"}))
    (hit,) = policies.evaluate(facts)
    assert hit.fired
    assert hit.failed


@pytest.mark.parametrize(
    ("clause", "failed", "blind"),
    [
        ("a: \"'child:exact' in matched\"", {"child"}, True),
        ("a: \"'child:exact' in matched\"", {"terrorist", "detector:hash"}, False),
        ("a: \"'bank:north' in matched\"", {"terrorist", "detector:hash"}, True),
        ("a: \"'lexicon:terror-en' in matched\"", {"terror", "detector:lexicon"}, True),
        ("a: \"'lexicon:terror-en' in matched\"", {"hate", "detector:text.linear"}, False),
        ("a: size(matched) > 0", {"child", "detector:hash"}, True),
        ("a: \"'quotation' in marks\"", {"denial", "detector:lexicon"}, True),
        ("a: \"'quotation' in marks\"", {"child", "detector:hash"}, False),
        ("a: item.strikes > 5", {"hate", "detector:text.linear"}, False),
    ],
)
def test_a_policy_minds_only_failures_of_what_it_reads(clause, failed, blind):
    hits = set_of([policy_of(clause)]).evaluate(Facts(failed=frozenset(failed)))
    assert [hit.failed for hit in hits] == ([True] if blind else [])


@pytest.mark.parametrize(
    ("known", "clause"),
    [
        ({"language": "\ud800"}, "a: item.language == ''"),
        ({"author_country": "\udfff"}, "a: item.author_country == ''"),
        ({"strikes": 2**63}, "a: item.strikes < 1"),
        ({"account_age_days": -(2**64)}, "a: item.account_age_days < 1"),
        ({"marks": ["x", "\ud800"]}, "a: size(marks) == 0"),
        ({"matched": ["\ud800"]}, "a: size(matched) == 0"),
        ({"countries": ["\ud800"]}, "a: size(item.countries) == 0"),
        ({"scores": {"hate": float("nan")}}, "a: score.hate == 0.0"),
    ],
)
def test_a_value_that_cannot_be_read_fails_only_who_reads_it(known, clause):
    policies = set_of([policy_of(clause, name="reader"), policy_of("a: 'true'", name="other")])
    hits = {hit.policy.id: hit for hit in policies.evaluate(Facts(**known))}
    assert hits["other"].fired
    assert not hits["other"].failed
    assert hits["reader"].failed
    assert not hits["reader"].fired


def test_text_beyond_ascii_is_read():
    policies = set_of([policy_of("a: \"'é😀' in marks && item.service == 'größe'\"")])
    assert policies.evaluate(Facts(marks=["é😀"], service="größe"))[0].fired


def test_a_label_that_no_detector_reports_is_refused():
    with pytest.raises(PolicyError, match=r"unknown variable `score\.hate`") as caught:
        set_of([policy_of(SCORE)], labels=("hates", "denial"))
    assert caught.value.fix == "did you mean hates? known: denial, hates"
    assert (caught.value.line, caught.value.column) == (8, 10)


def test_a_label_that_is_no_name_does_not_harm_the_rest():
    assert set_of([policy_of(SCORE)], labels=("hate", "spam-links")).labels == ("hate",)


def test_no_policies_is_no_hits():
    assert PolicySet([], LABELS).evaluate(Facts(scores={"hate": 1.0})) == []


values = st.floats(0, 1)


@given(
    st.fixed_dictionaries(dict.fromkeys(LABELS, values)),
    st.lists(st.sampled_from(["quotation", "satire", "news"]), unique=True),
    st.integers(-1, 2000),
    st.sampled_from(["", "fr", "de"]),
)
def test_together_and_alone_give_the_same_verdicts(scores, marks, age, language):
    texts = [
        (SCORE, CALM),
        ("a: score.denial > score.hate", "b: item.language == 'fr'"),
        ("a: score.terror > 0.5 || item.account_age_days < 30",),
        ("a: 'size(marks) > 1 ? score.hate > 0.2 : score.hate > 0.7'",),
    ]
    policies = [policy_of(*clauses, name=f"p{n}") for n, clauses in enumerate(texts)]
    facts = Facts(scores=scores, marks=marks, account_age_days=age, language=language)
    expected = [
        scores["hate"] >= 0.85 and "quotation" not in marks,
        scores["denial"] > scores["hate"] and language == "fr",
        scores["terror"] > 0.5 or age < 30,
        scores["hate"] > (0.2 if len(marks) > 1 else 0.7),
    ]
    together = set_of(policies).evaluate(facts)
    assert ids(together) == [f"p{n}" for n, holds in enumerate(expected) if holds]
    alone = [hit for policy in policies for hit in set_of([policy]).evaluate(facts)]
    assert together == alone
    assert all(hit.reasons for hit in together)


def test_active_policies_are_kept_for_the_record():
    policy = policy_of(SCORE)
    assert set_of([policy]).active == (ActivePolicy(policy, PolicyState.LIVE),)
