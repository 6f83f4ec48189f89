# SPDX-License-Identifier: Apache-2.0
"""What the normaliser and the lists say of a place met in the coarse form."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Final

from vigie.screening.lexicons.rules import Asks, Key, in_word
from vigie.screening.normalise import Normalised
from vigie.screening.streaming.terms import WORD, Group

LOOK: Final = 8
"""Signs after a place that can change how it is read: three separators and a letter of
a word written apart, three letters after a sign in the place of one; and some to spare."""

Span = tuple[int, int]


class Found(Enum):
    """What stands at a place."""

    NOTHING = "nothing"
    """Nothing so far; what follows may change that."""
    WAITING = "waiting"
    """A pattern's key word, whose other words may still come."""
    MET = "met"


def read(group: Group, normal: Normalised, place: Span, *, final: bool) -> Found:
    """Look in a text, as the normaliser reads it, for the strings of a group at a place.

    Places are those of the text as written.
    """
    found = Found.NOTHING
    for words, key in group.keys:
        for start, end, goes_on in _places(normal.text, words, key):
            first, last = normal.span(start, end)
            if last <= place[0]:
                continue
            if first >= place[1]:
                break
            one = _ask(key, normal.text, start, end, goes_on=goes_on, final=final)
            if one is Found.MET:
                return one
            if one is Found.WAITING:
                found = one
    return found


def _places(text: str, words: str, key: Key) -> Iterator[tuple[int, int, bool]]:
    start = text.find(words)
    while start >= 0:
        end = start + key.length
        if not (key.left and start and in_word(text[start - 1])):
            yield start, end, key.right and end < len(text) and in_word(text[end])
        start = text.find(words, start + 1)


def _ask(key: Key, text: str, start: int, end: int, *, goes_on: bool, final: bool) -> Found:
    """Ask the rules of a string met at ``text[start:end]``."""
    found = Found.NOTHING
    known = text if final else text[: _last_word(text)]
    for rule, may_go_on in key.rules:
        if goes_on and not may_go_on:
            continue
        if rule.asks is None:
            return Found.MET
        complete = final or _complete(rule.asks, text, end)
        # Early only where nothing that follows can excuse it.
        early = rule.asks.without is None and end <= len(known)
        if (complete or early) and rule.asks.met(known, start, end):
            return Found.MET
        if not complete:
            found = Found.WAITING
    return found


def _last_word(text: str) -> int:
    """Return where the word begins that may still go on."""
    end = len(text)
    while end and in_word(text[end - 1]):
        end -= 1
    return end


def _complete(asks: Asks, text: str, end: int) -> bool:
    """Say whether all words that a pattern looks at have arrived."""
    sure = len(text) - LOOK
    return sure >= end + asks.within * WORD or text.count(" ", end, max(sure, end)) > asks.within
