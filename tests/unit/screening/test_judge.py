# SPDX-License-Identifier: Apache-2.0
"""`judge`: the same decisions every time; detectors that fail say so and alone."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.door import live, policy, shadow, shipped
from tests.support.screening import NOW, Says, judged, names, planted, signal, snapshot, subject
from vigie.core.actions import Outcome
from vigie.core.decision import Signal
from vigie.core.item import Item, MediaFacts
from vigie.screening.judge import judge

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


def test_nothing_is_decided_about_nothing() -> None:
    assert judge([], snapshot([], planted()), NOW, iter([])) == []


@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_the_same_items_always_give_the_same_decisions(texts: list[str]) -> None:
    say = Says("says", ["planted"], lambda item: [signal(value=len(item.text or "") / 60)])
    under = snapshot(live(policy("planted_clause")), say)
    subjects = [subject(n, text=text) for n, text in enumerate(texts)]
    assert judged(under, *subjects) == judged(under, *subjects)
    # An item's decision does not depend on who is judged beside it.
    alone = [
        judge([one], under, NOW, iter([name]))[0]
        for one, name in zip(subjects, names(len(texts)), strict=True)
    ]
    assert alone == judged(under, *subjects)


def test_a_decision_says_what_it_was_made_of() -> None:
    under = snapshot(live(policy("planted_clause")), planted(signal(span=(0, 5))))
    [made] = judged(under, subject(3, version=4))
    assert (made.item_id, made.version, made.snapshot) == ("p-3", 4, 7)
    assert made.at == "2026-11-22T21:00:00.000Z"
    assert made.language == "en"
    assert made.signals == (signal(span=(0, 5)),)
    assert [verdict.policy for verdict in made.verdicts] == ["planted_clause"]
    assert made.outcome is Outcome.REVIEW


@pytest.mark.parametrize(
    ("given", "found"), [("fr-FR", "fr"), ("pt_BR", "pt"), ("DE", "de"), ("nl", "nl")]
)
def test_a_named_language_is_taken_by_its_first_part(given: str, found: str) -> None:
    [made] = judged(snapshot([], planted()), subject(language=given))
    assert made.language == found


def test_a_language_that_nobody_named_is_found() -> None:
    text = "Le petit marché du village ouvre demain matin, et nous irons ensemble à vélo."
    [made] = judged(snapshot([], planted()), subject(text=text, language=None))
    assert made.language == "fr"


def test_an_item_without_text_has_no_language_and_no_text_features() -> None:
    media = (MediaFacts(status="pending"), MediaFacts(status="ok", sha256="a" * 64))
    [made] = judged(snapshot([], planted()), subject(media=media, text=None, language=None))
    assert made.language is None
    assert made.pending == ("media/0",)


def _fails_on(bad: str) -> Says:
    def say(item: Item) -> list[Signal]:
        if item.text == bad:
            raise RuntimeError(bad)
        return [signal()]

    return Says("says", ["planted"], say)


def test_one_bad_item_of_a_batch_fails_alone() -> None:
    detector = _fails_on("poison")
    under = snapshot(live(policy("planted_clause")), detector)
    made = judged(under, *(subject(n, text="poison" if n == 3 else "fine") for n in range(6)))
    statuses = [one.signals[0].status for one in made]
    assert statuses == ["ok", "ok", "ok", "failed", "ok", "ok"]
    assert made[3].signals[0].problem == "detector_failed"
    assert detector.calls[0] == 6


def test_a_failed_detector_is_never_silence_and_takes_the_fail_mode() -> None:
    modes = (
        live(policy("asks", fail="review"), policy("looks_away", fail="ignore")),
        _fails_on("poison"),
    )
    [made] = judged(snapshot(*modes), subject(text="poison"))
    assert [(one.policy, one.failed) for one in made.verdicts] == [("asks", True)]
    assert made.outcome is Outcome.REVIEW
    assert all(action.state == "proposed" for action in made.actions)


def test_a_failed_detector_leaves_the_others_alone() -> None:
    other = Says("other", ["calm"], lambda _item: [signal("calm", 0.2)])
    under = snapshot(live(policy("planted_clause")), _fails_on("poison"), other)
    [made] = judged(under, subject(text="poison"))
    assert [(one.label, one.status) for one in made.signals] == [
        ("planted", "failed"),
        ("calm", "ok"),
    ]


@pytest.mark.parametrize("wrong", [[], [[]], [[]] * 5])
def test_a_detector_that_answers_for_another_number_of_items_has_failed(wrong) -> None:
    detector: Any = planted()
    detector.detect = lambda _batch: wrong
    made = judged(snapshot([], detector), subject(1), subject(2))
    if wrong == [[]]:  # Right for one item alone.
        assert [one.signals for one in made] == [(), ()]
    else:
        assert all(one.signals[0].status == "failed" for one in made)


def test_a_shadow_policy_is_recorded_and_does_nothing() -> None:
    under = snapshot(shadow(policy("planted_clause")), planted(signal()))
    [made] = judged(under)
    assert [(one.policy, one.state) for one in made.verdicts] == [("planted_clause", "shadow")]
    assert (made.actions, made.outcome) == ((), Outcome.ALLOW)


def test_a_stale_version_is_recorded_and_changes_nothing() -> None:
    under = snapshot(live(policy("planted_clause")), planted(signal()))
    [made] = judged(under, subject(stale=True))
    assert made.stale
    assert made.verdicts
    assert (made.actions, made.outcome) == ((), Outcome.ALLOW)


def test_verdicts_stand_in_an_order_of_their_own_and_decisions_encode() -> None:
    policies = live(policy("zulu"), policy("alpha"), shipped("known_child_material"))
    [made] = judged(snapshot(policies, planted(signal())))
    assert [one.policy for one in made.verdicts] == ["alpha", "zulu"]
    assert msgspec.json.decode(msgspec.json.encode(made), type=type(made)) == made
