# SPDX-License-Identifier: Apache-2.0
"""How many characters of forbidden words reached a client."""

from __future__ import annotations

from collections.abc import Iterable


def leaked(text: str, terms: Iterable[str], *, cut: bool) -> int:
    """Count the characters of forbidden words in what was released.

    Whole words or phrases count in full, each place once. Of an answer that was
    `cut`, the start of a word on which it ends counts too, from the start of a
    word on: that much got out before the cut.
    """
    plain = text.casefold()
    marked: set[int] = set()
    for term in {term.casefold() for term in terms if term}:
        at = plain.find(term)
        while at >= 0:
            marked.update(range(at, at + len(term)))
            at = plain.find(term, at + 1)
        if cut:
            length = _standing_at_the_end(plain, term)
            marked.update(range(len(plain) - length, len(plain)))
    return len(marked)


def _standing_at_the_end(plain: str, term: str) -> int:
    """Return the length of the longest start of a term on which a text ends."""
    for length in range(min(len(term) - 1, len(plain)), 0, -1):
        begins = len(plain) - length
        at_word = begins == 0 or not plain[begins - 1].isalnum()
        if at_word and plain.endswith(term[:length]):
            return length
    return 0
