# SPDX-License-Identifier: Apache-2.0
"""The starter set: real grounds, own tests, and nothing but known hashes acts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vigie.core.actions import Outcome
from vigie.core.decision import Basis, Match
from vigie.law import Cls, Entry, load
from vigie.screening.acting import Case, may_act
from vigie.screening.detectors.conversation import ConversationDetector
from vigie.screening.detectors.hash import HashDetector
from vigie.screening.detectors.image import SeenDetector
from vigie.screening.detectors.lexicon import LexiconDetector
from vigie.screening.detectors.minor_reference import MinorReferenceDetector
from vigie.screening.detectors.sexual import SexualDetector
from vigie.screening.detectors.text_seeded import TextDenialDetector, TextNudifyDetector
from vigie.screening.lexicons import load_shipped, read_lexicon
from vigie.screening.policy import (
    ActivePolicy,
    Expect,
    Facts,
    Policy,
    PolicySet,
    PolicyState,
    load_policy,
    run_tests,
    shipped_policies,
)

LAW = load()
POLICIES = tuple(load_policy(text, name) for name, text in shipped_policies().items())
BY_ID = {policy.id: policy for policy in POLICIES}
KNOWN_HASHES = {"known_child_material", "known_terrorist_material"}
AI_LIVE = {"ai_denial", "ai_undress", "ai_undress_terms", "ai_undressed_pictures", "ai_minors"}
"""Live on AI surfaces alone, where the gateway may refuse to generate (rule e)."""
ON_TERMS = {
    *("intimate_terms", "ai_undress_terms", "ai_minors", "ai_jailbreak"),
    *("ai_nudity", "ai_undressed_pictures"),
}
PROPOSING = {"intimate_images", "intimate_terms"}
"""Live from the start, for the victim's path; no rule lets them act on a list."""
CLASSES = {
    "known_child_material": {Cls.CHILD},
    "near_child_material": {Cls.CHILD},
    "known_terrorist_material": {Cls.TERRORIST},
    "terrorist_content": {Cls.TERRORIST},
    "intimate_images": {Cls.INTIMATE},
    "intimate_terms": {Cls.INTIMATE},
    "sexual_deepfakes": {Cls.INTIMATE},
    "denial": {Cls.DENIAL},
    "incitement": {Cls.HATE},
    "ai_denial": {Cls.DENIAL},
    "ai_undress": {Cls.INTIMATE},
    "ai_undress_terms": {Cls.INTIMATE},
    "ai_minors": {Cls.CHILD},
    "ai_jailbreak": set(),
    "ai_nudity": set(),
    "ai_undressed_pictures": {Cls.INTIMATE},
}
LABELS = tuple(
    {
        "hate",  # the linear text model
        *TextDenialDetector.labels,
        *TextNudifyDetector.labels,
        *SexualDetector.labels,
        *MinorReferenceDetector.labels,
        *ConversationDetector.labels,
        *HashDetector.labels,
        *SeenDetector().labels,
        *LexiconDetector([read_lexicon(one) for one in load_shipped()]).labels,
    }
)


def named(policy: Policy) -> str:
    return policy.id


def test_the_starter_set_is_complete():
    assert set(BY_ID) == set(CLASSES)
    assert [f"{policy.id}.yaml" for policy in POLICIES] == list(shipped_policies())


@pytest.mark.parametrize("policy", POLICIES, ids=named)
def test_its_own_tests_pass_and_show_both_results(policy):
    results = run_tests(policy, LABELS)
    assert [result for result in results if not result.passed] == []
    assert {Expect.FIRES, Expect.QUIET} <= {result.expected for result in results}


@pytest.mark.parametrize("policy", POLICIES, ids=named)
def test_it_names_only_offences_of_its_class_that_the_law_data_holds(policy):
    assert bool(policy.offences) != (policy.id in ON_TERMS)
    for offence in policy.offences:
        entry = LAW.entries[offence]
        assert entry.is_ground
        assert entry.cls in CLASSES[policy.id]
        assert not entry.needs_counsel or entry.cls is Cls.DENIAL


@pytest.mark.parametrize("policy", POLICIES, ids=named)
def test_only_what_reads_hash_lists_starts_live_and_no_recommendation_is_paused(policy):
    assert (policy.state is PolicyState.LIVE) == (policy.id in KNOWN_HASHES | PROPOSING | AI_LIVE)
    assert policy.pause_recommendation == 0


@pytest.mark.parametrize("policy", POLICIES, ids=named)
def test_a_live_policy_beyond_ai_surfaces_reads_no_score_and_no_word(policy):
    text = " ".join(clause.expression for clause in policy.when)
    if policy.state is PolicyState.LIVE and policy.id not in AI_LIVE:
        assert "score" not in text
        assert "marks" not in text
        assert "lexicon" not in text


@pytest.mark.parametrize("name", sorted(AI_LIVE))
def test_what_is_live_on_scores_looks_at_ai_surfaces_alone(name):
    assert {*BY_ID[name].surfaces} <= {"ai_prompt", "ai_output"}
    assert BY_ID[name].surfaces


@pytest.mark.parametrize("name", sorted(AI_LIVE))
def test_the_gateway_may_refuse_on_every_ground_and_nobody_else(name):
    """Rule (e), where no counsel is needed first."""
    policy = BY_ID[name]
    entries = [LAW.entries[one] for one in policy.offences]
    grounds: list[Entry | None] = [one for one in entries if not one.needs_counsel]
    for entry in grounds or [None]:
        case = Case(
            action=policy.action_kind,
            territories=entry.territories if entry else ("FR",),
            entry=entry,
            terms=policy.terms.clause if policy.terms else None,
            surface="ai_prompt",
            gateway=True,
        )
        assert may_act(case).rule == "e"
        assert may_act(replace(case, gateway=False)).rule is None
        assert may_act(replace(case, surface="post")).rule is None


def test_only_sexual_content_about_minors_is_counted_and_kept_nowhere():
    assert [policy.id for policy in POLICIES if policy.counted_only] == ["ai_minors"]


def test_class_child_is_removed():
    for policy in POLICIES:
        removes = policy.action is Outcome.REMOVE
        assert removes == (CLASSES[policy.id] == {Cls.CHILD})


def test_every_label_that_a_policy_reads_is_reported_by_a_shipped_detector():
    policies = PolicySet([ActivePolicy(p, p.state) for p in POLICIES], LABELS, LAW)
    assert len(policies.active) == len(POLICIES)
    assert policies.evaluate(Facts()) == []


def test_the_highest_scores_and_every_word_make_no_live_policy_fire():
    """Control beside it: a known hash does."""
    policies = PolicySet([ActivePolicy(p, p.state) for p in POLICIES], LABELS, LAW)
    loud = Facts(scores=dict.fromkeys(LABELS, 1.0), matched=["lexicon:denial-en"])
    fired = policies.evaluate(loud)
    assert fired
    assert {hit.state for hit in fired} == {PolicyState.SHADOW}
    known = policies.evaluate(Facts(matched=["child", "child:exact"]))
    assert [hit.policy.id for hit in known] == ["known_child_material"]


@pytest.mark.parametrize("policy", POLICIES, ids=named)
def test_without_a_known_match_no_shipped_policy_acts_even_when_made_live(policy):
    for offence in policy.offences:
        entry = LAW.entries[offence]
        case = Case(action=policy.action_kind, territories=entry.territories, entry=entry)
        assert may_act(case).rule is None


@pytest.mark.parametrize("name", sorted(PROPOSING))
@pytest.mark.parametrize("basis", list(Basis))
def test_a_list_match_of_class_intimate_never_acts_however_sure(name, basis):
    policy = BY_ID[name]
    match = Match(
        media=0,
        cls="intimate",
        basis=basis,
        algorithm="pdq",
        distance=0,
        banks=("one", "other"),
        owners=("one", "other"),
    )
    entries = [LAW.entries[one] for one in policy.offences]
    grounds: list[Entry | None] = [*entries] if entries else [None]
    for entry in grounds:
        case = Case(
            action=policy.action_kind,
            territories=entry.territories if entry is not None else ("FR",),
            entry=entry,
            terms=policy.terms.clause if policy.terms else None,
            matches=(match,),
        )
        assert may_act(case).rule is None


@pytest.mark.parametrize("name", sorted(KNOWN_HASHES))
def test_a_known_match_acts_by_rule_a_on_every_ground_that_is_sure(name):
    policy = BY_ID[name]
    (cls,) = CLASSES[name]
    match = Match(
        media=0,
        cls=str(cls),
        basis=Basis.EXACT,
        algorithm="sha256",
        distance=0,
        banks=("bank",),
        owners=("owner",),
    )
    for offence in policy.offences:
        entry = LAW.entries[offence]
        case = Case(
            action=policy.action_kind,
            territories=entry.territories,
            entry=entry,
            matches=(match,),
        )
        assert may_act(case).rule == "a"


@pytest.mark.parametrize("policy", POLICIES, ids=named)
def test_people_can_read_it_in_three_languages(policy):
    titles = {policy.title.en, policy.title.fr, policy.title.de}
    assert len(titles) == 3
    assert policy.description
    assert policy.author == "Vigie"
