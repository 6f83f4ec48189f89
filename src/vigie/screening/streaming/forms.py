# SPDX-License-Identifier: Apache-2.0
"""The coarse form of one character, whatever stands before or after it.

The normaliser reads words whole: a digit is a letter only between letters, a letter
changes script only in a mixed word. While text arrives that is not yet known. So
everything that it could read alike is written alike here: one character at a time,
marks and separators gone. What the normaliser makes equal is equal in this form; much
that differs is equal too, and then the normaliser itself is asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from vigie.screening.lexicons.rules import in_word
from vigie.screening.normalise.tables import (
    INVISIBLE,
    LEET,
    OVERLAYS,
    TO_CYRILLIC,
    TO_GREEK,
    TO_LATIN,
)

_MOST: Final = 1 << 16
"""Characters remembered: bounds memory, whatever the texts hold."""
_DROPPED = re.compile(f"[\\s._*\\-{INVISIBLE}{OVERLAYS}]")
_OPENED: Final = "\u0530"
"""Letters below it are written with spaces between words (Latin, Greek, Cyrillic)."""


def _alike() -> dict[str, str]:
    """Return, for each sign, the Latin letter for which it may stand or be taken."""
    found: dict[str, str] = {}
    for table in (TO_LATIN, LEET):
        for sign, letter in table.items():
            found[_char(sign)] = _char(letter)
    for table in (TO_CYRILLIC, TO_GREEK):
        for letter, sign in table.items():
            found.setdefault(_char(sign), _char(letter))
    return found


def _char(value: int | str | None) -> str:
    return chr(value) if isinstance(value, int) else value or ""


ALIKE: Final = _alike()


def decompose(char: str) -> str:
    """Return what compatibility, case folding and decomposition make of one character."""
    folded = unicodedata.normalize("NFKD", char).casefold()
    return unicodedata.normalize("NFKD", folded)


def _stays(char: str) -> bool:
    if char.isascii():
        return not _DROPPED.match(char)
    if _DROPPED.match(char) or unicodedata.combining(char):
        return False
    return unicodedata.category(char) not in {"Mn", "Me"}


def _plain_letter(char: str) -> bool:
    """Say whether what follows at once cannot be the start of a word."""
    if char.isascii():
        return char.isalnum()
    return char < _OPENED and char.isalnum() and in_word(unicodedata.normalize("NFKC", char)[-1])


class _Forms(dict[str, tuple[str, bool]]):
    """Coarse form of a character, and whether a word goes on after it for certain."""

    def __missing__(self, char: str) -> tuple[str, bool]:
        kept = "".join(ALIKE.get(c, c) for c in decompose(char) if _stays(c))
        made = kept, bool(kept) and _plain_letter(char)
        if len(self) < _MOST:
            self[char] = made
        return made


FORMS: Final = _Forms()


def _symbols(text: str) -> Iterator[str]:
    last = ""
    for char in text:
        for symbol in FORMS[char][0]:
            if symbol != last:
                yield symbol
            last = symbol


def skeleton(text: str) -> str:
    """Return the coarse form of a text, with every run of one sign written once."""
    return "".join(_symbols(text))
