# SPDX-License-Identifier: Apache-2.0
"""What a stream is watched for: the terms and key words of the lists in force."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, Self

from vigie.screening.lexicons import Lexicon, read_lexicon
from vigie.screening.lexicons.rules import Key, compile_rules
from vigie.screening.streaming.automaton import Automaton
from vigie.screening.streaming.forms import skeleton

CONTEXT: Final = 64
"""Characters before a place that the normaliser is given to read it in."""
WORD: Final = 16
"""Code points that a pattern's window allows for each word (`lexicons.rules`)."""

_RUN = re.compile(r"(.)\1\1+", re.DOTALL)
_SPACES = re.compile(r"\s+")
_REPLACED = re.compile(r"url|(?<!\w)user")
"""What the normaliser writes in the place of addresses and names."""
_WRITTEN: Final = {"url": ("http", "hxxp", "www."), "user": ("@",)}


@dataclass(frozen=True, slots=True)
class Group:
    """The strings that share one coarse form, with what the lists ask of each."""

    keys: tuple[tuple[str, Key], ...]
    left: bool
    """All must begin at the edge of a word."""
    plain: frozenset[str]
    """The strings as the normaliser writes them."""
    whole: bool
    """None may go on within the word, so a letter after it settles that it is none."""
    longest: int
    context: int
    """Characters before it that bear on it."""
    at_sign: bool = False
    """Begins a name: the sign itself must stand at the end, not its look-alike."""
    spread: int = 0
    """Length of the longest string, where an address or a name stands in it."""


class StreamTerms:
    """The automaton over all lists with a `label`; immutable, shared by all channels."""

    def __init__(self, lexicons: Sequence[Lexicon]) -> None:
        found = compile_rules(one for one in lexicons if one.label)
        shared: dict[tuple[str, str], list[tuple[str, Key]]] = {}
        for text, key in found.items():
            for form, sign in _forms(text):
                shared.setdefault((form, sign), []).append((text, key))
        blank = [key for (form, _), keys in shared.items() if not form for key in keys]
        self.blank = _group(blank) if blank else None
        """Strings of separators alone, such as a row of stars."""
        named = [(form, sign, keys) for (form, sign), keys in shared.items() if form]
        self.groups = [_group(keys, sign) for _, sign, keys in named]
        self.lengths = [len(form) for form, _, _ in named]
        pairs = [(form, g.left) for (form, _, _), g in zip(named, self.groups, strict=True)]
        self.automaton = Automaton(pairs)
        self.begins = bool(blank) or any(not skeleton(text[0]) for text in found)
        """Some string begins with a separator: separators before a word count."""
        self._texts = sorted(found)
        self.literal = not self.begins and not any(sign for _, sign, _ in named)
        """Plain words of a text stand in the strings as they are written."""

    @classmethod
    def of(cls, documents: Sequence[object]) -> Self:
        """Build it from lexicon documents, as in `Parts`. Raises InvalidInputError."""
        return cls([read_lexicon(document) for document in documents])

    def begun(self, words: str) -> bool:
        """Say whether some string begins with these words, written plainly."""
        words = _SPACES.sub(" ", _RUN.sub(r"\1\1", words.lower()))
        at = bisect_left(self._texts, words)
        return at < len(self._texts) and self._texts[at].startswith(words)


class LazyTerms:
    """Lexicon documents whose automaton is built when first asked for, then kept."""

    __slots__ = ("_built", "_documents", "_lock")

    def __init__(self, documents: Sequence[dict[str, Any]] = ()) -> None:
        self._documents = documents
        self._built: StreamTerms | None = None
        self._lock = Lock()

    def get(self) -> StreamTerms:
        """Return the automaton. Costs some milliseconds for each thousand terms once."""
        if self._built is None:
            with self._lock:
                if self._built is None:
                    self._built = StreamTerms.of(self._documents)
        return self._built


def _forms(text: str) -> Iterator[tuple[str, str]]:
    """Yield the coarse forms of a string; with what begins an address or a name in it."""
    yield skeleton(text), ""
    for place in _REPLACED.finditer(text):
        for sign in _WRITTEN[place.group()]:
            yield skeleton(text[: place.start()] + sign), sign


def _group(keys: Sequence[tuple[str, Key]], sign: str = "") -> Group:
    rules = [rule for _, key in keys for rule in key.rules]
    within = max((rule.asks.within for rule, _ in rules if rule.asks), default=0)
    return Group(
        keys=tuple(keys),
        left=not sign and all(key.left for _, key in keys),
        plain=frozenset() if sign else frozenset(text for text, _ in keys),
        whole=all(key.right for _, key in keys) and not any(goes_on for _, goes_on in rules),
        longest=max(len(text) for text, _ in keys),
        context=CONTEXT + within * WORD,
        at_sign=sign == "@",
        spread=max(len(text) for text, _ in keys) if sign else 0,
    )
