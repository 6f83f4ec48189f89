# SPDX-License-Identifier: Apache-2.0
"""Characters of forbidden words are counted as the client got them."""

from __future__ import annotations

import pytest

from vigie.evals.gateway.leaks import leaked

TERMS = ("alphaquill", "beta quill")


@pytest.mark.parametrize(
    ("text", "cut", "count"),
    [
        ("nothing here", False, 0),
        ("so ALPHAQUILL it is", False, 10),
        ("alphaquill and alphaquill", False, 20),
        ("alphaquill beta quill", False, 20),
        ("it ends in alphaq", False, 0),
        ("it ends in alphaq", True, 6),
        ("it ends in beta ", True, 5),
        ("it ends inalphaq", True, 0),
        ("", True, 0),
    ],
)
def test_whole_words_count_and_the_start_of_one_before_a_cut(text, cut, count):
    assert leaked(text, TERMS, cut=cut) == count


def test_places_that_overlap_count_once():
    assert leaked("alpha beta gamma", ("alpha beta", "beta gamma"), cut=False) == 16
