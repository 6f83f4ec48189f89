# SPDX-License-Identifier: Apache-2.0
"""Identical texts have one key, whatever their spacing and case; short ones have none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vigie.core import same_text

SAID = "These words were posted again and again."


def test_spacing_case_and_width_do_not_matter() -> None:
    spread = f"  {SAID.upper().replace(' ', chr(0x2003))}\n"
    assert same_text.key(spread) == same_text.key(SAID) != ""


def test_another_word_is_another_text() -> None:
    assert same_text.key(SAID) != same_text.key(SAID.replace("again", "never"))


def test_short_texts_say_the_same_by_chance_and_have_no_key() -> None:
    assert same_text.key("ok") == same_text.key("") == same_text.key(" " * 50) == ""


@given(st.text())
def test_any_text_has_a_key_that_fits_its_column(text: str) -> None:
    assert len(same_text.key(text)) in (0, 64)
    assert same_text.key(text) == same_text.key(f" {text}\t")
