# SPDX-License-Identifier: Apache-2.0
"""Other people's words, cut into pieces that a template escapes one by one.

Spans count code points of the original text. A piece that a rule matched and a
piece that a model weighed look different (solid, dotted); in lists a matched
piece shows as the word *masked*.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EXCERPT = 96


@dataclass(frozen=True, slots=True)
class Mark:
    """One span with the number of the signal that reported it."""

    start: int
    end: int
    number: int
    by_model: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text under the same marks; `ends` are the marks closing here."""

    text: str
    by: str
    ends: tuple[int, ...]


def pieces(text: str, marks: Sequence[Mark]) -> list[Piece]:
    """Cut the text where a mark begins or ends; rules win over models."""
    inside = [m for m in marks if 0 <= m.start < m.end <= len(text)]
    cuts = sorted({0, len(text), *(m.start for m in inside), *(m.end for m in inside)})
    return [
        Piece(
            text[start:end],
            _by(m for m in inside if m.start <= start and end <= m.end),
            tuple(m.number for m in inside if m.end == end),
        )
        for start, end in pairwise(cuts)
    ]


def _by(marks: Iterable[Mark]) -> str:
    """Say who marked a stretch: a rule, a model or nobody."""
    found = [m.by_model for m in marks]
    if not found:
        return ""
    return "model" if all(found) else "rule"


def whole_words(text: str, marks: Sequence[Mark]) -> list[Mark]:
    """Stretch the marks of rules to whole words: half a masked word is still read."""
    return [mark if mark.by_model else _stretched(text, mark) for mark in marks]


def _stretched(text: str, mark: Mark) -> Mark:
    start, end = mark.start, mark.end
    if not 0 <= start < end <= len(text):
        return mark
    while start > 0 and text[start].isalnum() and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return Mark(start, end, mark.number, by_model=False)


def excerpt(text: str, marks: Sequence[Mark], length: int = EXCERPT) -> list[Piece]:
    """Return the beginning of a text for a list; never cuts inside a masked piece."""
    shown: list[Piece] = []
    left = length
    for piece in pieces(text, whole_words(text, [m for m in marks if not m.by_model])):
        if left <= 0:
            break
        kept = piece.text if piece.by else piece.text[:left]
        shown.append(Piece(kept, piece.by, ()))
        left -= len(piece.text)
    if left < 0 or sum(len(p.text) for p in shown) < len(text):
        shown.append(Piece("…", "", ()))
    return shown
