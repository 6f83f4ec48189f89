# SPDX-License-Identifier: Apache-2.0
"""Texts as sequences of families of words: what the seed models read beside n-grams.

`families.yaml` names families of words that mean the same in English, French and
German. A text becomes the families of its words in their order, with quotation
marks and ends of sentences; features are the families, pairs in order, near pairs
and near triples. Two texts that say the same in two languages have nearly the
same features. No family is a finding by itself.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

import ahocorasick
import yaml

from vigie.screening.normalise import normalise_many

BITS: Final = 15
"""Buckets of features, as a power of two."""
MOST: Final = 48
"""Hits of one text that are read, from its beginning."""
NEAR: Final = 28
"""Code points between two hits that stand near each other."""

_SINGLE: Final = {"ø": "o", "œ": "o", "æ": "a", "đ": "d", "ł": "l", "ı": "i"}
_READ: Final = str.maketrans(
    {char: unicodedata.normalize("NFD", char)[0] for char in map(chr, range(0xDF, 0x180))}
    | _SINGLE
    | dict.fromkeys(
        (
            char
            for char in map(chr, (*range(0x21, 0xC0), *range(0x2010, 0x2060)))
            if not char.isalnum()
        ),
        " ",
    )
)
"""Letters without their accents, signs as spaces: one for one, so that places stay."""
_MARKS: Final = re.compile(r"[.!?:;\n]+(?=\s|$)|[\"“”„«»]|(?<!\w)'(?=\w)|(?<=[\w.,!?])'(?!\w)")
_EDGE: Final = 1 << 6
_MASK: Final = (1 << BITS) - 1


class Hit(NamedTuple):
    """One word of a family, where it begins and ends; hits sort by place."""

    start: int
    end: int
    family: int


class Families:
    """The families and the automaton that finds their words in one pass."""

    def __init__(self, content: bytes) -> None:
        words: dict[str, list[Any]] = yaml.safe_load(content)
        self.digest = hashlib.sha256(content).hexdigest()
        self.names: Sequence[str] = tuple(words)
        self._automaton = _automaton(words)
        extra = ("(quote)", "(stop)", "(ask)", "(call)")
        self._quote, self._stop, self._ask, self._call = range(len(words), len(words) + len(extra))
        every = range(len(words) + len(extra))
        self._near = [[_mix(1, a, b, 0) for b in every] for a in every]
        self._after = [[_mix(3, b, a, 0) for b in every] for a in every]
        self.ends = frozenset((self._stop, self._ask, self._call))
        """Families of signs that end a sentence."""

    def mask(self, text: str) -> int:
        """Return a bit for every family in a normalised text: cheaper than `hits`."""
        found = 0
        for _, entry in self._automaton.iter(f" {text.translate(_READ)} "):
            found |= entry[3]
        return found

    def hits(self, text: str) -> list[Hit]:
        """Return what stands in a normalised text, in its order."""
        found = [
            Hit(last - after - length, last - after, family)
            for last, (after, length, entries, _) in self._automaton.iter(
                f" {text.translate(_READ)} "
            )
            for family in entries
        ]
        if found:
            found += self._signs(text)
            found.sort()
        return found

    def _signs(self, text: str) -> list[Hit]:
        found = []
        for match in _MARKS.finditer(text):
            sign = match.group()
            if "?" in sign:
                family = self._ask
            elif "!" in sign:
                family = self._call
            else:
                family = self._stop if sign[0] in ".:;\n" else self._quote
            found.append(Hit(*match.span(), family))
        return found

    def buckets(self, hits: Sequence[Hit]) -> list[int]:
        """Return the different buckets of a text's features, in rising order."""
        hits = hits[:MOST]
        found: set[int] = set()
        quoted = False
        for at, hit in enumerate(hits):
            a = hit.family
            if a == self._quote:
                quoted = not quoted
            found.add(a)
            found.add(_EDGE + a if quoted else 2 * _EDGE + a)
            before = hits[at - 1] if at else None
            if before and hit.start - before.end <= NEAR:
                found.add(self._near[before.family][a])
                third = hits[at - 2] if at > 1 else None
                if third and before.start - third.end <= NEAR:
                    found.add(_mix(2, third.family, before.family, a))
            after = self._after[a]
            found.update([after[earlier.family] for earlier in hits[max(0, at - 12) : at]])
        if hits:
            found.add(_mix(4, hits[0].family, 0, 0))
            found.add(_mix(5, hits[-1].family, 0, 0))
        return sorted(found)


def _mix(kind: int, a: int, b: int, c: int) -> int:
    """Return the bucket of a feature beyond the plain families (Knuth's hashing)."""
    key = (((kind * 67 + a) * 67 + b) * 67 + c) * 0x9E3779B1 & 0xFFFFFFFF
    return 4 * _EDGE + (key >> (32 - BITS)) % (_MASK + 1 - 4 * _EDGE)


def _automaton(words: dict[str, list[Any]]) -> ahocorasick.Automaton:
    """Build it over words between spaces: what stands inside a word is never met."""
    listed = [(family, str(word)) for family, name in enumerate(words) for word in words[name]]
    normal = normalise_many(word.removesuffix("*").strip() for _, word in listed)
    keys: dict[tuple[str, int], set[int]] = {}
    for (family, word), plain in zip(listed, normal, strict=True):
        after = 0 if word.endswith("*") and not word.endswith(" *") else 1
        keys.setdefault((plain.text.translate(_READ), after), set()).add(family)
    automaton = ahocorasick.Automaton()
    for (key, after), families in keys.items():
        entry = (after, len(key), tuple(sorted(families)), sum(1 << one for one in families))
        automaton.add_word(f" {key}{' ' * after}", entry)
    automaton.make_automaton()
    return automaton


@cache
def shipped() -> Families:
    """Return the families of the package, read once."""
    return Families((files("vigie.screening.models") / "families.yaml").read_bytes())
