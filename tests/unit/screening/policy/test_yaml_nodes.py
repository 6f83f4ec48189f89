# SPDX-License-Identifier: Apache-2.0
"""YAML within limits: nothing unfolds, nothing stands twice, nothing leaks an error."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.screening.policy.examples import text_of
from vigie.screening.policy import PolicyError, load_policy
from vigie.screening.policy.yaml_nodes import MAX_CHARACTERS, MAX_DEPTH, read

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
GOOD = text_of("score: score.hate >= limit.hate")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "anchors"),
        ("a: *nobody\n", "anchors"),
        ("a: !!python/object:os.system x\n", "tags"),
        ("a: !mine x\n", "tags"),
        ("a: [1, 2\n", "not readable as YAML"),
        ("a: b: c\n", "not readable as YAML"),
        ("a: \x00\n", "a character is not allowed"),
        ("", "empty"),
        ("--- a\n--- b\n", "not readable as YAML"),
        ("[" * (MAX_DEPTH + 1), "levels deep"),
        ("a" * (MAX_CHARACTERS + 1), "longer than"),
        ("- a\n", "must be a mapping"),
        ("? [a]\n: b\n", "single value"),
    ],
)
def test_what_is_no_plain_document_is_refused(text, words):
    with pytest.raises(PolicyError, match=words) as caught:
        load_policy(text, "bad.yaml")
    assert caught.value.line >= 1
    assert caught.value.column >= 1


def test_the_place_of_an_anchor_is_named():
    with pytest.raises(PolicyError) as caught:
        read("ok: 1\nbad: &a x\n", "bad.yaml")
    assert (caught.value.line, caught.value.column) == (2, 6)


def test_half_a_character_is_refused():
    text = GOOD.replace("An example.", '"\\ud800"')
    with pytest.raises(PolicyError, match="surrogate") as caught:
        load_policy(text, "bad.yaml")
    assert caught.value.field == "description"


@given(st.text(max_size=200))
def test_no_text_raises_anything_else(text):
    with pytest.raises(PolicyError):
        load_policy(text, "any.yaml")


@given(st.integers(0, len(GOOD) - 1), st.characters(codec="utf-8"))
def test_a_changed_character_gives_a_policy_or_a_refusal(at, character):
    with suppress(PolicyError):
        load_policy(GOOD[:at] + character + GOOD[at + 1 :], "any.yaml")
