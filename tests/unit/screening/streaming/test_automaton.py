# SPDX-License-Identifier: Apache-2.0
"""The automaton, against looking for each string by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vigie.screening.streaming.automaton import Automaton

WORDS = st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=8, unique=True)


@given(WORDS, st.text("abcd", max_size=40))
def test_it_finds_every_string_and_the_longest_beginning(words, text) -> None:
    automaton = Automaton([(word, False) for word in words])
    node = 0
    for end, sign in enumerate(text, 1):
        node = automaton.step(node, sign)
        read = text[:end]
        assert {words[n] for n in automaton.outs[node]} == {w for w in words if read.endswith(w)}
        beginnings = {w[:n] for w in words for n in range(1, len(w))}
        longest = max((len(b) for b in beginnings if read.endswith(b)), default=0)
        assert automaton.depth[automaton.stem[node]] == longest


@given(WORDS, st.text("abcd", max_size=40), st.data())
def test_a_string_that_begins_a_word_is_begun_at_the_edge_of_one(words, text, data) -> None:
    automaton = Automaton([(word, True) for word in words])
    node = 0
    edges = [data.draw(st.booleans()) for _ in text]
    for end, (sign, edge) in enumerate(zip(text, edges, strict=True), 1):
        node = automaton.step(node, sign, edge)
        found = {words[n] for n in automaton.outs[node]}
        wanted = {w for w in words if text[:end].endswith(w) and edges[end - len(w)]}
        assert wanted <= found


def test_it_is_empty_without_strings() -> None:
    automaton = Automaton([])
    assert (automaton.step(0, "a"), automaton.longest, automaton.outs) == (0, 0, [()])
