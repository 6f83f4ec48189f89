# SPDX-License-Identifier: Apache-2.0
"""Finds references to somebody under 18 in English, French and German: rules, no model.

Ages in digits and in words, school years, kinship, "looks like": words stand in
`models/minor_reference.yaml`, ages are the rules here. It says only that somebody
young is spoken of, which is harmless by itself; its one use is the conjunction
in policy `ai_minors`, which stands on AI surfaces alone: elsewhere nobody is told and
nothing is looked for. What it cannot see stands in its card,
`models/minor_reference.md`. The operator's own lists of label `minor_reference`
count beside it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Final, NamedTuple, Self

import yaml

from vigie.core.decision import Signal
from vigie.screening.acting import AI_SURFACES
from vigie.screening.batch import Batch, Prepared
from vigie.screening.detectors.base import Parts
from vigie.screening.lexicons import read_lexicon
from vigie.screening.lexicons.scan import Scanner

MINOR: Final = "minor_reference"
NAME: Final = "minor_reference.yaml"
RULES: Final = "3"
"""Changed with every change of the rules below; part of the version."""
OF_AGE: Final = 18
SURE: Final = 0.95
LIKELY: Final = 0.65


class MinorReferenceDetector:
    """Reports one signal for an item that speaks of somebody under 18."""

    name = "minor_reference"
    labels = (MINOR,)
    surfaces = AI_SURFACES
    """Items elsewhere are not read."""

    def __init__(self, content: bytes) -> None:
        self.version = f"{RULES}-{hashlib.sha256(content).hexdigest()[:12]}"
        self._scanner = Scanner([read_lexicon(one) for one in yaml.safe_load_all(content)])

    @classmethod
    def from_parts(cls, _parts: Parts) -> Self:
        """Build it with the list of the package. Raises InvalidInputError."""
        return cls((files("vigie.screening.models") / NAME).read_bytes())

    def detect(self, batch: Batch) -> list[list[Signal]]:
        """Return the finding of each item."""
        return [self._item(one) for one in batch.items]

    def _item(self, prepared: Prepared) -> list[Signal]:
        if prepared.normal is None or prepared.item.surface not in self.surfaces:
            return []
        text = prepared.normal.text
        found = [*self._words(text), *ages(text)]
        if not found:
            return []
        best = max(found, key=lambda one: (one.value, -one.start))
        return [
            Signal(
                detector=self.name,
                version=self.version,
                label=MINOR,
                value=best.value,
                span=prepared.normal.span(best.start, best.end),
            )
        ]

    def _words(self, text: str) -> list[Found]:
        words: list[Found] = []
        harmless: list[tuple[int, int]] = []
        for rule, start, end in self._scanner.met(text):
            if rule.lexicon.mark:
                harmless.append((start, end))
            else:
                words.append(Found(rule.lexicon.weight, start, end))
        if not harmless:
            return words
        return [
            one
            for one in words
            if not any(low <= one.start and one.end <= high for low, high in harmless)
        ]


class Found(NamedTuple):
    """How sure one reference is, and where it stands in the normalised text."""

    value: float
    start: int
    end: int


_SMALL: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10,
    "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16,
    "dix-sept": 17, "dix sept": 17,
    "ein": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8,
    "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12, "dreizehn": 13, "vierzehn": 14,
    "fünfzehn": 15, "sechzehn": 16, "siebzehn": 17,
}  # fmt: skip
_WORDS: Final = "|".join(sorted(map(re.escape, _SMALL), key=len, reverse=True))
_AGE: Final = rf"(?<![\w.,])(?P<n>\d{{1,2}}|{_WORDS})"

_ENGLISH: Final = (
    rf"{_AGE}[ -]?(?:years?|yrs?|months?|weeks?)[ -]?(?:old|young|of age)\b",
    rf"{_AGE} ?y[./ ]?o\b",
    rf"\bage[ds]?(?: of| only| just)?:? {_AGE}(?! to (?:1[89]|[2-9]\d)| and (?:over|above|up))\b",
    (
        r"\b(?P<school>(?:grade|year) (?:[1-9]|1[0-3])|(?:[1-9]|1[0-2])(?:st|nd|rd|th)[ -]graders?|"
        r"(?:[1-9]|1[0-2])(?:st|nd|rd|th)[ -]grade)\b"
    ),
)
_SAID: Final = (
    (
        r"\b(?:turn(?:s|ed|ing)?|i'?m|i am|s?he'?s|s?he is|s?he was|they are) "
        r"(?:only |just |barely )?"
        rf"{_AGE}(?: and | but | now\b|[.,;!?)]|$)"
    ),
)
_FRENCH: Final = (
    # Twelve years ago, for twelve years: a time and no age.
    (
        r"(?<!\w)(?:(?P<since>(?:depuis|pendant|il y a|dans|en|durant|après|tous les|toutes les|"
        r"d'ici|voici|voilà|avant|les) (?:environ |plus de |moins de )?)|"
        r"(?:âgée?s? )?(?:de |d')|a |à )?"
        rf"{_AGE} ans(?: et demi)?\b(?! (?:plus tard|après|auparavant|d'expérience|de prison|"
        r"d'existence|d'histoire|de carrière|de guerre|de mariage|ferme))"
    ),
    (
        r"\b(?:en |de |classe de )(?P<classe>(?:[3-6](?:e|ème)|cp|ce[12]|cm[12]|sixième|cinquième|"
        r"quatrième|troisième)(?= au collège|[.,;!?)]|$))"
    ),
)
_GERMAN: Final = (
    rf"{_AGE}[ -]?jährig\w*",
    rf"{_AGE} (?:jahre?|monate?) (?:alt|jung)\b",
    rf"\balter von (?:nur |gerade |knapp )?{_AGE}\b(?! bis)",
    (
        r"\b(?P<klasse>(?:[1-9]|1[0-3])\. klasse|klasse (?:[1-9]|1[0-3])|"
        r"(?:erst|zweit|dritt|viert|fünft|sechst|siebt|acht|neunt|zehnt)klässler\w*)\b"
    ),
)
_YEARS: Final = ("year", "yr", " yo", "y.o", "y/o", "y o ")
_RULES: Final = tuple(
    (tuple(hints), tuple(re.compile(one) for one in rules))
    for hints, rules in (
        ((*_YEARS, "month", "week", "aged", "ages ", " age ", "age:", "grade"), _ENGLISH),
        (("i'm ", "i am ", "turn", "he's ", "he is ", "he was ", "they are "), _SAID),
        ((" ans", "ième", *(f"{word} {n}" for word in ("en", "de") for n in "c3456")), _FRENCH),
        (("jähr", "jahr", "monat", "alter", "klass", "kläss"), _GERMAN),
    )
)
_DIGIT: Final = re.compile(r"\d")
_SPELT: Final = frozenset(word.split()[0] for word in _SMALL) - {"one", "ein"}
"""Words that ask for the rules: not those that stand in every other text."""
_INSIDE: Final = ("jährig", "klässler", "ième", "-year", "-yr")
"""Endings that hold their number in the same word."""


def _numbered(text: str) -> bool:
    if _DIGIT.search(text) or not _SPELT.isdisjoint(text.split()):
        return True
    return any(ending in text for ending in _INSIDE)


def ages(text: str) -> Iterator[Found]:
    """Yield ages under 18 and school years of a normalised text."""
    if not _numbered(text):
        return
    for hints, rules in _RULES:
        if not any(hint in text for hint in hints):
            continue
        for rule in rules:
            for match in rule.finditer(text):
                value = _value(match)
                if value:
                    yield Found(value, *match.span())


def _value(match: re.Match[str]) -> float:
    named = match.groupdict()
    if named.get("since"):
        return 0.0
    number = named.get("n")
    if number is None:
        return LIKELY
    age = int(number) if number.isdigit() else _SMALL[number]
    return SURE if 0 < age < OF_AGE else 0.0
