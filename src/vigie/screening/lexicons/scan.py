# SPDX-License-Identifier: Apache-2.0
"""Finds what lists name in a normalised text, in one pass whatever their number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ahocorasick

from vigie.screening.lexicons.document import Lexicon
from vigie.screening.lexicons.rules import Key, Rule, compile_rules, in_word


class Scanner:
    """An automaton over normalised strings (Aho and Corasick, 1975).

    Words are whole unless the list says otherwise. Raises InvalidInputError
    where a list holds a word with nothing to look for.
    """

    def __init__(self, lexicons: Sequence[Lexicon]) -> None:
        self._automaton = _automaton(compile_rules(lexicons))

    def met(self, text: str) -> Iterator[tuple[Rule, int, int]]:
        """Yield every rule met with its place, in the order in which the words end."""
        if self._automaton is None:
            return
        size = len(text)
        for last, key in self._automaton.iter(text):
            end = last + 1
            start = end - key.length
            if key.left and start and in_word(text[start - 1]):
                continue
            goes_on = key.right and end < size and in_word(text[end])
            for rule, may_go_on in key.rules:
                if (may_go_on or not goes_on) and (
                    rule.asks is None or rule.asks.met(text, start, end)
                ):
                    yield rule, start, end


def _automaton(keys: dict[str, Key]) -> ahocorasick.Automaton | None:
    if not keys:
        return None
    automaton = ahocorasick.Automaton()
    for text, key in keys.items():
        automaton.add_word(text, key)
    automaton.make_automaton()
    return automaton
