# SPDX-License-Identifier: Apache-2.0
"""Other people's words are cut, never changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vigie.web.text import Mark, excerpt, pieces

marks = st.lists(
    st.builds(
        Mark,
        st.integers(-3, 60),
        st.integers(-3, 60),
        st.integers(1, 9),
        st.booleans(),
    ),
    max_size=6,
)


@given(st.text(max_size=50), marks)
def test_the_pieces_together_are_the_text(text: str, given_marks: list[Mark]) -> None:
    assert "".join(piece.text for piece in pieces(text, given_marks)) == text


@given(st.text(max_size=50), marks)
def test_a_place_is_marked_exactly_where_a_mark_covers_it(
    text: str, given_marks: list[Mark]
) -> None:
    inside = [m for m in given_marks if 0 <= m.start < m.end <= len(text)]
    at = 0
    for piece in pieces(text, given_marks):
        for place in range(at, at + len(piece.text)):
            covering = [m for m in inside if m.start <= place < m.end]
            expected = (
                "" if not covering else "model" if all(m.by_model for m in covering) else "rule"
            )
            assert piece.by == expected
        at += len(piece.text)


@given(st.text(min_size=1, max_size=300), marks)
def test_an_excerpt_shows_no_unmasked_word_that_a_rule_matched(
    text: str, given_marks: list[Mark]
) -> None:
    rules = [m for m in given_marks if not m.by_model and 0 <= m.start < m.end <= len(text)]
    at = 0
    for piece in excerpt(text, given_marks, 96):
        if piece.text == "…" and at >= len(text):
            break
        if not piece.by:
            covered = any(m.start <= at < m.end for m in rules)
            assert not covered or piece.text == "…"
        at += len(piece.text)


def test_a_rule_wins_over_a_model() -> None:
    found = pieces("abcdef", [Mark(0, 6, 1, by_model=True), Mark(2, 4, 2, by_model=False)])
    assert [(p.text, p.by, p.ends) for p in found] == [
        ("ab", "model", ()),
        ("cd", "rule", (2,)),
        ("ef", "model", (1,)),
    ]
