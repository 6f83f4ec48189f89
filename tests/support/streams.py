# SPDX-License-Identifier: Apache-2.0
"""Texts in which listed terms are disguised, cut at random, and the lists themselves.

Every word here is neutral. What must be held is never said by hand: the detector that
judges whole texts says it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from vigie.screening.lexicons import read_lexicon
from vigie.screening.lexicons.scan import Scanner
from vigie.screening.normalise import normalise
from vigie.screening.normalise.tables import TO_LATIN

Span = tuple[int, int]

HIDDEN = "\u00ad\u034f\u200b\u200c\u200d\u200e\u2060\ufe0f\ufeff\U000e0061"
STRUCK = "\u0336\u0301\u0300\u0308\u20dd"
SPACES = (" ", "  ", "\n", "\t", "\u00a0", "\u3000", "\r\n", " \u200b ")

PLAIN = ("alphaquill", "betaquill*", "zetaquill rising", "the great etaquill")
ADVERSE = (
    *("aab", "aabaa", "aabaab", "aaaa*", "abab ab c", "ab ab", "b", "thethe", "he the"),
    *("l'étaquill", "d'or noir", "étaquill", "straßenquill", "ﬁnquill", "kill bill quill"),
    *("屠屠殺", "屠殺", "鳥*", "ไก่ย่าง", "собакаквил*", "άλφακουίλ", "한글퀼"),
    *(".quill", "quill.", "a.b.c", "q-quill", "***", "12 34", "1c3quill", "$quill"),
    *("user quill", "my url quill", "quill user", "quillurl", "ask the user", "quill!"),
)
NEAR: tuple[dict[str, Any], ...] = (
    {"name": "any-order", "near": [["gammaquill"], ["delta", "epsilon*"]], "within": 4},
    {"name": "in-order", "near": [["thetaquill*"], ["delta"], ["iota"]], "ordered": True},
    {"name": "excused", "near": [["kappaquill"], ["delta"]], "within": 3, "without": ["museum"]},
    {"name": "alone", "near": [["lambdaquill"]], "within": 2, "without": ["epsilon"]},
    {"name": "spaceless", "near": [["書"], ["鳥"]], "within": 2},
)
FILLER = (
    *("the", "a", "report", "and", "he", "delta", "epsilon", "iota", "museum", "aa", "ab", "b"),
    *("alpha", "quill", "great", "zetaquill", "le", "où", "façade", "Straße", "naïve", "x", "i"),
    *("http://example.com/alphaquill", "www.quill.example", "@alphaquill", "ann@quill.example"),
    *(
        "屠",
        "鳥の",
        "собака",
        "мир",
        "άλφα",
        "👩‍👩‍👧",
        "🇫🇷",
        "12",
        "3",
        "c0de",
        "$5",
        "e-mail",
        "U.S.",
        "…",
    ),
    *("hmmmm", "a b", "x y z", "_", "--", "**", "<b>", "\0", "ﬀ", "Ⅳ", "½", "\u200b", "e\u0301"),
)
MARKS = (" ", " ", " ", " ", " ", " ", ". ", ", ", "! ", "\n", "", "-", "'", "\u3000", "。")


def document(terms: Sequence[str], patterns: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return a lexicon document of neutral words."""
    return {
        "list": "neutral",
        "label": "neutral",
        "source": "own wording",
        "reviewed": "2026-01-01",
        "confidence": "high",
        "terms": list(terms),
        "patterns": list(patterns),
    }


class Whole:
    """Finds terms and patterns in a whole text, as the lexicon detector does."""

    def __init__(self, documents: Sequence[dict[str, Any]]) -> None:
        self._scanner = Scanner([read_lexicon(one) for one in documents])

    def spans(self, text: str) -> list[Span]:
        """Return the places of all that is met, in the text as it is written."""
        normal = normalise(text)
        found = self._scanner.met(normal.text)
        return sorted({normal.span(start, end) for _, start, end in found})


def _between(text: str, marks: str, dice: Random) -> str:
    return "".join(c + (dice.choice(marks) if dice.random() < 0.3 else "") for c in text)


def _swapped(text: str, table: dict[str, str], dice: Random) -> str:
    return "".join(table.get(c, c) if dice.random() < 0.5 else c for c in text)


_HOMOGLYPHS = {
    str(latin): chr(int(sign))
    for sign, latin in TO_LATIN.items()
    if normalise(chr(int(sign))).text == chr(int(sign))
}
_LEET = {"o": "0", "i": "1", "e": "3", "a": "4", "s": "$", "t": "7", "l": "|"}
_WIDE = {chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)}


def _apart(text: str, dice: Random) -> str:
    gap = dice.choice((" ", ".", "-", "*", "_", " - ", "..", "\u200b \u200b"))
    return " ".join(gap.join(word) for word in text.split(" "))


def _longer(text: str, dice: Random) -> str:
    """Lengthen the letters that stand twice, which changes nothing; seldom another."""
    parts = list(text)
    for at, char in enumerate(text):
        if (at and text[at - 1] == char) or dice.random() < 0.02:
            parts[at] = char * dice.choice((2, 3, 7))
    return "".join(parts)


def _ways() -> dict[str, Callable[[str, Random], str]]:
    return {
        "plain": lambda t, _: t,
        "upper": lambda t, _: t.upper(),
        "mixed case": lambda t, d: "".join(d.choice((c.lower(), c.upper())) for c in t),
        "hidden": lambda t, d: _between(t, HIDDEN, d),
        "struck": lambda t, d: _between(t, STRUCK, d),
        "homoglyph": lambda t, d: _swapped(t, _HOMOGLYPHS, d),
        "leet": lambda t, d: _swapped(t, _LEET, d),
        "wide": lambda t, d: _swapped(t, _WIDE, d),
        "apart": _apart,
        "longer": _longer,
        "decomposed": lambda t, _: unicodedata.normalize("NFD", t),
        "spaces": lambda t, d: t.replace(" ", d.choice(SPACES)),
    }


WAYS = _ways()


def disguised(term: str, dice: Random) -> str:
    """Return a term written otherwise, by one or two of the ways."""
    text = term.removesuffix("*") + ("ly" if term.endswith("*") and dice.random() < 0.5 else "")
    if dice.random() < 0.5:
        text = text.replace("user", "@ann").replace("url", "http://x.example/y")
    for _ in range(dice.choice((1, 1, 2))):
        text = WAYS[dice.choice(list(WAYS))](text, dice)
    return text


def written(terms: Sequence[str], dice: Random, *, most: int = 24) -> str:
    """Return a text of ordinary words, signs and disguised terms."""
    parts = []
    for _ in range(dice.randrange(1, most)):
        word = disguised(dice.choice(terms), dice) if dice.random() < 0.2 else dice.choice(FILLER)
        parts += [word, dice.choice(MARKS)]
    return "".join(parts)


def cut_up(text: str, dice: Random) -> Iterator[str]:
    """Yield the text in parts of random length, now and then an empty one."""
    most = dice.choice((1, 2, 4, 8, 30, 400))
    at = 0
    while at < len(text):
        size = dice.randrange(most + 1)
        yield text[at : at + size]
        at += size
