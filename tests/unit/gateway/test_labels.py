# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from vigie.core.actions import Outcome
from vigie.core.decision import Decision, Ground, Reason, Signal, Verdict
from vigie.gateway.inline import Inline
from vigie.gateway.labels import (
    OPENAI,
    TABLE,
    Findings,
    Scheme,
    categories_of,
    findings,
    known,
)
from vigie.law import load
from vigie.screening.policy import load_policy, shipped_policies

LAW = load()
LOOKED = ("hate", "denial", "minor_reference", "sexual")


def signal(label: str, value: float, **more: Any) -> Signal:
    return Signal(detector="d", version="1", label=label, value=value, **more)


def verdict(
    *labels: str, offence: str = "", clause: str = "7", state: str = "live", failed: bool = False
) -> Verdict:
    return Verdict(
        policy="house_rule",
        version=1,
        state=state,
        ground=Ground(offence=offence) if offence else Ground(terms=clause),
        reasons=tuple(Reason(clause="score", signal=f"d/{label}") for label in labels),
        failed=failed,
    )


def decision(*verdicts: Verdict, signals: tuple[Signal, ...] = ()) -> Decision:
    return Decision(
        decision_id="s-1-x",
        item_id="i",
        version=1,
        outcome=Outcome.ALLOW,
        verdicts=verdicts,
        signals=signals,
    )


def found(*verdicts: Verdict, signals: tuple[Signal, ...] = (), trusted: bool = True) -> Findings:
    return findings(decision(*verdicts, signals=signals), LAW, LOOKED, trusted=trusted)


def test_the_law_entry_names_the_category_before_the_scores_do():
    assert categories_of([verdict("hate", offence="fr_denial")], LAW) == ("denial",)
    assert categories_of([verdict("hate")], LAW) == ("hate",)


def test_both_halves_of_a_conjunction_are_one_category():
    assert categories_of([verdict("minor_reference", "sexual")], LAW) == ("minor_sexual",)


def test_a_clause_of_the_starter_set_names_what_it_is_about():
    one = verdict("image_nudity", "conversation_image_person", clause="no-undressing")
    assert categories_of([one], LAW) == ("ncii_synthetic",)


def test_each_clause_of_the_gateways_policies_leads_to_a_category():
    shipped = [load_policy(text, name) for name, text in shipped_policies().items()]
    clauses = {
        one.terms.clause: one.id for one in shipped if one.id.startswith("ai_") and one.terms
    }
    assert clauses
    for clause, policy in clauses.items():
        [name] = categories_of([verdict(clause=clause)], LAW)
        assert name != "house_rule", policy


def test_what_earlier_turns_said_counts_for_its_category():
    assert categories_of([verdict("conversation_nudify")], LAW) == ("ncii_synthetic",)


def test_a_verdict_that_nothing_explains_names_its_policy():
    assert categories_of([verdict()], LAW) == ("house_rule",)


@pytest.mark.parametrize("one", [verdict("hate", state="shadow"), verdict("hate", failed=True)])
def test_what_is_not_in_force_or_failed_flags_nothing(one):
    assert found(one).flagged == ()


def test_every_name_that_a_client_expects_is_written():
    written = found()
    assert set(OPENAI) <= set(written.categories)
    assert written.categories["illicit"] is None
    assert written.categories["harassment"] is False
    assert written.inputs["harassment"] == ()
    assert written.inputs["hate"] == ("text",)


def test_an_equal_name_is_written_back_and_a_partial_one_is_not():
    written = found(verdict("hate"), signals=(signal("hate", 0.9),))
    assert written.categories["hate"] is True
    assert written.categories["hate/threatening"] is False
    assert written.scores["hate/threatening"] == 0.0


def test_denial_is_never_written_as_hate():
    written = found(verdict(offence="fr_denial"), signals=(signal("denial", 0.9),))
    assert written.categories["denial"] is True
    assert written.categories["hate"] is False
    assert written.scores["hate"] == 0.0


def test_half_of_the_conjunction_scores_nothing():
    assert found(signals=(signal("minor_reference", 0.9),)).scores["sexual/minors"] == 0.0
    both = (signal("minor_reference", 0.9), signal("sexual", 0.7))
    assert found(signals=both).scores["sexual/minors"] == 0.7


def test_a_public_key_learns_flags_and_no_score():
    signals = (signal("hate", 0.91), signal("denial", 0.4))
    written = found(verdict("hate"), signals=signals, trusted=False)
    assert set(written.scores.values()) == {1.0, 0.0, None}


def test_no_name_elsewhere_is_equal_to_two_of_our_categories():
    names = [name for one in TABLE for name in one.equal]
    assert len(names) == len(set(names))


def test_each_category_of_openai_that_we_write_is_one_of_theirs():
    for one in TABLE:
        assert set(one.names(Scheme.OPENAI, partial=True)) <= set(OPENAI)


def test_a_name_elsewhere_leads_to_ours_equal_ones_first():
    assert [one.category for one in known(Scheme.OPENAI, "hate")] == ["hate", "denial"]
    assert [one.is_equal for one in known(Scheme.OPENAI, "hate")] == [True, False]
    assert known(Scheme.AZURE, "nothing") == ()


def snapshot() -> Any:
    return SimpleNamespace(number=7, law=LAW, detectors=[SimpleNamespace(labels=LOOKED)])


def test_the_inline_object_of_a_chat_lists_results_and_that_of_a_response_does_not():
    inline = Inline(snapshot(), trusted=True)
    inline.prompt.append(decision(signals=(signal("hate", 0.2),)))
    inline.answer.append(decision(signals=(signal("hate", 0.1),)))
    inline.answer.append(decision(verdict("hate"), signals=(signal("hate", 0.8),)))
    of_chat = inline.of_chat()
    assert of_chat["input"]["results"][0]["flagged"] is False
    result = of_chat["output"]["results"][0]
    assert (result["flagged"], result["category_scores"]["hate"]) == (True, 0.8)
    assert None not in result["categories"].values()
    assert inline.of_response()["output"] == result
    assert result["model"] == "vigie-7"


def test_what_could_not_be_judged_is_an_error_in_the_object():
    inline = Inline(snapshot(), trusted=True)
    inline.prompt.append(decision(signals=(signal("hate", 0.0, status="failed"),)))
    told = inline.of_chat()
    assert told["input"]["type"] == "error"
    assert told["output"]["type"] == "error"
