# SPDX-License-Identifier: Apache-2.0
"""Records are RFC 8785 bytes: held against the reference library on any value."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from vigie.core import canonical

KEYS = st.text(st.characters(min_codepoint=1, max_codepoint=126), max_size=8)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PLAIN = st.none() | st.booleans() | st.integers(-canonical.MAX_INT, canonical.MAX_INT) | TEXTS
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)


@given(VALUES)
def test_any_value_without_floats_is_encoded_as_the_standard_says(value: Any) -> None:
    canonical.check(value)
    assert canonical.encode(value) == rfc8785.dumps(value)


@given(TEXTS)
def test_every_character_is_escaped_as_the_standard_says(text: str) -> None:
    assert canonical.encode(text) == rfc8785.dumps(text)


def test_control_characters_and_the_highest_planes_are_written_as_the_standard_says() -> None:
    text = "".join(map(chr, range(0x80))) + "\u2028\u2029\ufeff\ufffd\U0001f600\U0010ffff"
    assert canonical.encode(text) == rfc8785.dumps(text)


@pytest.mark.parametrize(
    "value",
    [1.0, {"a": 0.5}, [float("nan")], {"é": 1}, {1: 2}, 2**53, -(2**53), b"x", {"a": {1, 2}}],
)
def test_what_must_not_stand_in_a_record_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="record"):
        canonical.check(value)


def test_the_reference_library_takes_floats_silently_so_we_check_ourselves() -> None:
    assert rfc8785.dumps({"a": 0.5})


@given(st.floats(0, 1))
def test_a_score_is_kept_in_millionths(score: float) -> None:
    assert abs(canonical.millionths(score) - score * canonical.MILLION) <= 0.5
    assert isinstance(canonical.millionths(score), int)
