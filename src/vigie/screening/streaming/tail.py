# SPDX-License-Identifier: Apache-2.0
"""The end of a channel's text, by its place in the whole; and where a text may be cut."""

from __future__ import annotations

import re
from typing import Final

from vigie.screening.lexicons.rules import in_word

_SLACK: Final = 1024
"""Characters dropped at once, so that dropping costs little each time."""
_WORD: Final = 64
"""A longer word is cut in the middle."""
_SENTENCE = re.compile("[.!?…]+[\"'“”’«»)\\]]*\\s+|[\\n。！？]+\\s*")
STOPS: Final = frozenset(".!?…\n。！？")
_SURROGATES = re.compile("[\ud800-\udfff]")
_HIGH = ("\ud800", "\udbff")


class Tail:
    """What is still needed of a text, and where it begins and ends in the whole."""

    __slots__ = ("base", "end", "text")

    def __init__(self) -> None:
        self.text = ""
        self.base = 0
        self.end = 0

    def append(self, text: str) -> None:
        """Add what arrived."""
        self.text += text
        self.end += len(text)

    def slice(self, start: int, end: int) -> str:
        """Return the part between two places of the whole text."""
        return self.text[max(start - self.base, 0) : end - self.base]

    def forget(self, before: int) -> None:
        """Drop what lies before a place, where that is worth the while."""
        if before - self.base > _SLACK:
            self.text = self.text[before - self.base :]
            self.base = before

    def word_edge(self, at: int) -> int:
        """Return the last place up to `at` where no word is cut."""
        place = at - self.base
        floor = max(place - _WORD, 0)
        if place == len(self.text) and place and in_word(self.text[-1]):
            place -= 1
        while place > floor and self._inside(place):
            place -= 1
        return (place if place > floor or not floor else at - self.base) + self.base

    def _inside(self, place: int) -> bool:
        text = self.text
        return place < len(text) and in_word(text[place - 1]) and in_word(text[place])

    def sentence_end(self, low: int, high: int) -> int:
        """Return the last place between two where a sentence ends, or 0."""
        last = 0
        for match in _SENTENCE.finditer(self.slice(low, high)):
            last = match.end()
        return low + last if last else 0

    def cut_before(self, low: int, high: int) -> int:
        """Return where to cut a long text: after a sentence, else a word, else at `high`."""
        return self.sentence_end((low + high) // 2, high) or max(self.word_edge(high), low + 1)


def join(carried: str, text: str) -> tuple[str, str]:
    """Join halves of characters that arrived apart; returns the text and a half left over.

    JSON may write a character beyond the first 65,536 as two halves, and a frame may
    end between them. A half that stays alone becomes U+FFFD: it cannot be sent.
    """
    text = carried + text
    if text.isascii() or not _SURROGATES.search(text):
        return text, ""
    kept = text[-1] if _HIGH[0] <= text[-1] <= _HIGH[1] else ""
    whole = text[:-1] if kept else text
    return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), kept
