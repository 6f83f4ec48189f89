# SPDX-License-Identifier: Apache-2.0
"""Policy documents: what is read, what is refused, and where the refusal points."""

from __future__ import annotations

import msgspec
import pytest

from tests.unit.screening.policy.examples import policy_of, text_of
from vigie.core.actions import ActionKind, Outcome
from vigie.core.decision import Ground
from vigie.core.errors import InvalidInputError
from vigie.core.item import Surface
from vigie.law import load
from vigie.screening.policy import (
    ActivePolicy,
    FailMode,
    Policy,
    PolicyError,
    PolicySet,
    PolicyState,
    check_grounds,
    from_document,
    load_policy,
    to_document,
)

SCORE = "score: score.hate >= limit.hate"
TERMS = 'terms: {clause: "4.2", title: {en: Hatred, fr: Haine, de: Hass}}'


def refused(text: str) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        load_policy(text, "bad.yaml")
    return caught.value


def place(text: str, words: str) -> tuple[int, int]:
    """Return line and column of words in a text, from 1."""
    before = text[: text.index(words)]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def test_a_policy_has_what_its_document_says():
    policy = policy_of(SCORE, "calm: \"!('quotation' in marks)\"")
    assert policy.id == "example"
    assert policy.version == 1
    assert policy.title.in_language("fr") == "Un exemple"
    assert policy.title.in_language("xx") == "An example"
    assert policy.grounds == (Ground(offence="fr_hate"),)
    assert policy.limits == {"hate": 0.85}
    assert [clause.name for clause in policy.when] == ["score", "calm"]
    assert policy.action is Outcome.WITHHOLD
    assert policy.action_kind is ActionKind.DISABLED
    assert policy.fail is FailMode.REVIEW
    assert policy.state is PolicyState.LIVE
    assert policy.file == "example.yaml"
    assert policy.pause_recommendation == 0
    assert all(policy.looks_at(str(surface)) for surface in Surface)


def test_what_is_left_out_is_the_careful_choice():
    text = text_of(SCORE).replace("fail: review\nstate: live\n", "")
    policy = load_policy(text, "x.yaml")
    assert policy.fail is FailMode.REVIEW
    assert policy.state is PolicyState.SHADOW


def test_surfaces_narrow_where_a_policy_looks():
    policy = policy_of(SCORE, more="surfaces: [post, ai_prompt]\n")
    assert policy.looks_at("ai_prompt")
    assert not policy.looks_at("reply")


def test_terms_are_a_ground_and_may_pause_recommendation():
    policy = policy_of(SCORE, ground=TERMS, more="pause_recommendation: 12\n")
    assert policy.grounds == (Ground(terms="4.2"),)
    assert policy.pause_recommendation == 12


def test_a_policy_survives_the_snapshot():
    policy = policy_of(
        SCORE, more="tests: [{name: a, given: {score.hate: 1, marks: [x]}, expect: fires}]\n"
    )
    assert from_document(to_document(policy)) == policy
    assert msgspec.json.decode(msgspec.json.encode(policy), type=Policy) == policy
    wired = msgspec.json.encode(to_document(policy))
    assert from_document(msgspec.json.decode(wired)) == policy


@pytest.mark.parametrize("document", [{}, [], 3, None, {"id": "x"}])
def test_a_damaged_snapshot_part_is_refused_as_input(document):
    with pytest.raises(InvalidInputError):
        from_document(document)


def test_a_damaged_field_of_a_snapshot_part_is_refused():
    damaged = to_document(policy_of(SCORE)) | {"action": "burn"}
    with pytest.raises(InvalidInputError, match="action"):
        from_document(damaged)


BAD = [
    ("version: 1", "version: 0", "0", "version"),
    ("version: 1", "version: one", "one", "version"),
    ("version: 1", "version: true", "true", "version"),
    ("id: example", "id: Example", "Example", "id"),
    ("id: example", "id: 7", "7", "id"),
    ("fail: review", "fail: panic", "panic", "fail"),
    ("state: live", "state: on", "on", "state"),
    ("action: withhold", "action: allow", "allow", "action"),
    ("action: withhold", "action: [withhold]", "[withhold]", "action"),
    ("limits: {hate: 0.85}", "limits: {hate: high}", "high", "limits.hate"),
    ("limits: {hate: 0.85}", "limits: {hate: .inf}", ".inf", "limits.hate"),
    ("limits: {hate: 0.85}", "limits: [0.85]", "[0.85]", "limits"),
    ("description: An example.", "description: ''", "''", "description"),
    ("offences: [fr_hate]", "offences: []", "[]", "offences"),
    ("offences: [fr_hate]", "offences: [fr_hate, fr_hate]", "[fr_hate, fr", "offences"),
    ("offences: [fr_hate]", "offences: fr_hate", "fr_hate", "offences"),
    ("de: Ein Beispiel", "es: Un ejemplo", "es: Un", "title"),
    ("state: live", "state: live\nsurfaces: []", "[]", "surfaces"),
    ("state: live", "state: live\nsurfaces: [post, wall]", "wall", "surfaces[1]"),
    ("state: live", "state: live\npause_recommendation: 12", "12", "pause_recommendation"),
    ("state: live", "state: live\ntests: [{name: a, given: {}}]", "{name: a", "tests[0]"),
    (
        "state: live",
        "state: live\ntests: [{name: a, given: {item.wall: 1}, expect: fires}]",
        "1}",
        "tests[0].given.item.wall",
    ),
    (
        "state: live",
        "state: live\ntests: [{name: a, given: {item.author_country: no}, expect: fires}]",
        "no}",
        "tests[0].given.item.author_country",
    ),
]


@pytest.mark.parametrize(("old", "new", "at", "field"), BAD, ids=[case[1] for case in BAD])
def test_a_wrong_field_is_refused_at_its_place(old, new, at, field):
    text = text_of(SCORE).replace(old, new)
    assert text != text_of(SCORE)
    error = refused(text)
    line, column = place(text, new)
    inside, offset = place(new, at)
    expected = (line + inside - 1, column + offset - 1 if inside == 1 else offset)
    assert (error.line, error.column) == expected
    assert (error.field or "").startswith(field)
    assert error.message.startswith(f"bad.yaml:{error.line}:{error.column}: ")
    assert error.code == "policy_invalid"


@pytest.mark.parametrize("name", ["id", "version", "title", "description", "when", "action"])
def test_a_missing_field_is_named(name):
    text = text_of(SCORE)
    kept = "\n".join(
        line
        for line in text.split("\n")
        if not line.startswith(f"{name}:") and not (name == "when" and line.startswith("  "))
    )
    error = refused(kept)
    assert f"`{name}` is missing" in error.message
    assert error.fix == f"add `{name}:`"


def test_an_unknown_field_is_refused_with_the_nearest_known_one():
    error = refused(text_of(SCORE, more="surface: [post]\n"))
    assert "unknown field `surface`" in error.message
    assert error.fix is not None
    assert error.fix.startswith("did you mean surfaces?")


def test_a_field_that_stands_twice_is_refused():
    error = refused(text_of(SCORE, "score: 'true'"))
    assert "`when.score` stands twice" in error.message
    assert error.line == 9


def test_offences_and_terms_together_are_refused():
    assert "either" in refused(text_of(SCORE, more=TERMS + "\n")).message
    assert "either" in refused(text_of(SCORE, ground="")).message


def test_a_policy_without_clauses_is_refused():
    assert "1 to 32 clauses" in refused(text_of(SCORE).replace(f"  {SCORE}", "  {}")).message


def test_a_pause_beyond_a_day_is_refused():
    text = text_of(SCORE, ground=TERMS, more="pause_recommendation: 25\n")
    assert "from 1 to 24" in refused(text).message


def test_endless_conditions_are_refused():
    long = " || ".join(["score.hate > 0.5"] * 200)
    assert "1 to 2000 characters" in refused(text_of(f"a: {long}")).message
    many = [f"c{number}: {' || '.join(['score.hate > 0.5'] * 60)}" for number in range(20)]
    assert "together" in refused(text_of(*many)).message


def test_a_ground_must_exist_and_be_an_offence():
    law = load()
    check_grounds(policy_of(SCORE), law)
    for offence, words in (("fr_hat", "no law entry"), ("eu_tco", "kind background")):
        text = text_of(SCORE, ground=f"offences: [fr_denial, {offence}]")
        policy = load_policy(text, "bad.yaml")
        with pytest.raises(PolicyError, match=words) as caught:
            check_grounds(policy, law)
        assert (caught.value.line, caught.value.column) == place(text, offence)
        assert caught.value.field == "offences[1]"
        with pytest.raises(PolicyError, match=words):
            PolicySet([ActivePolicy(policy, PolicyState.SHADOW)], ("hate",), law)
