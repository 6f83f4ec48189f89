# SPDX-License-Identifier: Apache-2.0
"""Compiled lists: which string leads to which rule, and what a rule still asks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from vigie.core.errors import InvalidInputError
from vigie.screening.lexicons.document import Lexicon, Pattern
from vigie.screening.normalise import normalise_many

_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3040-\u30ff\u3400-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Thai, Lao, Burmese, Khmer, kana and Han: written without spaces between words."""
_WORD_LENGTH = 16
"""Code points that a window allows for each word, where no space ends it."""


@lru_cache(maxsize=4096)
def in_word(char: str) -> bool:
    """Return whether a character continues a word, marks of its letters included."""
    if char.isalnum() or char == "_":
        return not _SPACELESS.match(char)
    return char > "\u02ff" and unicodedata.category(char)[0] == "M"


@dataclass(frozen=True, slots=True)
class Rule:
    """One term or pattern of one list, as the detector reports it."""

    lexicon: Lexicon
    order: int
    """Position among all rules: rules report in this order."""
    asks: Asks | None = None
    """What a pattern still asks where its first group was met."""


@dataclass(frozen=True, slots=True)
class Asks:
    """The rest of a pattern, compiled for a window of the text."""

    others: tuple[re.Pattern[str], ...]
    without: re.Pattern[str] | None
    within: int
    ordered: bool

    def met(self, text: str, start: int, end: int) -> bool:
        """Return whether the window around ``text[start:end]`` meets the pattern."""
        low = start if self.ordered else _back(text, start, self.within)
        high = _forth(text, end, self.within)
        if not all(other.search(text, end if self.ordered else low, high) for other in self.others):
            return False
        low = _back(text, start, self.within)
        return self.without is None or not self.without.search(text, low, high)


@dataclass(slots=True)
class Key:
    """One string of the automaton and the rules it leads to."""

    length: int
    left: bool
    """A word's edge is asked for before it."""
    right: bool
    rules: list[tuple[Rule, bool]] = field(default_factory=list)
    """With each rule: whether the word may go on (`*`)."""


def compile_rules(lexicons: Iterable[Lexicon]) -> dict[str, Key]:
    """Return the strings to look for. Raises InvalidInputError where one is empty."""
    wanted: list[tuple[str, Rule]] = []
    for lexicon in lexicons:
        for term in lexicon.terms:
            wanted.append((term, Rule(lexicon, len(wanted))))
        for pattern in lexicon.patterns:
            rule = Rule(lexicon, len(wanted), _asks(pattern, lexicon))
            wanted.extend((word, rule) for word in pattern.near[0])
    return _keys(wanted)


def _keys(wanted: Sequence[tuple[str, Rule]]) -> dict[str, Key]:
    keys: dict[str, Key] = {}
    words = normalise_many(word.removesuffix("*") for word, _ in wanted)
    for (word, rule), normal in zip(wanted, words, strict=True):
        text = normal.text
        if not text:
            raise _empty(rule.lexicon, word)
        key = keys.get(text)
        if key is None:
            key = keys[text] = Key(len(text), in_word(text[0]), in_word(text[-1]))
        key.rules.append((rule, word.endswith("*")))
    return keys


def _asks(pattern: Pattern, lexicon: Lexicon) -> Asks:
    return Asks(
        others=tuple(_any_of(group, lexicon) for group in pattern.near[1:]),
        without=_any_of(pattern.without, lexicon) if pattern.without else None,
        within=pattern.within,
        ordered=pattern.ordered,
    )


def _any_of(words: Sequence[str], lexicon: Lexicon) -> re.Pattern[str]:
    parts = []
    for word, normal in zip(words, normalise_many(w.removesuffix("*") for w in words), strict=True):
        text = normal.text
        if not text:
            raise _empty(lexicon, word)
        left = r"(?<!\w)" if in_word(text[0]) else ""
        right = r"(?!\w)" if in_word(text[-1]) and not word.endswith("*") else ""
        parts.append(f"{left}{re.escape(text)}{right}")
    return re.compile("|".join(parts))


def _empty(lexicon: Lexicon, word: str) -> InvalidInputError:
    return InvalidInputError(
        f"Lexicon {lexicon.list}: {word!r} holds nothing to look for.",
        code="lexicon_invalid",
        field="terms",
        fix="Give a word with at least one letter or sign that can be seen.",
    )


def _back(text: str, start: int, words: int) -> int:
    floor = max(0, start - words * _WORD_LENGTH)
    for _ in range(words + 1):
        at = text.rfind(" ", floor, start)
        if at < 0:
            return floor
        start = at
    return start


def _forth(text: str, end: int, words: int) -> int:
    ceiling = min(len(text), end + words * _WORD_LENGTH)
    for _ in range(words + 1):
        at = text.find(" ", end, ceiling)
        if at < 0:
            return ceiling
        end = at + 1
    return end
