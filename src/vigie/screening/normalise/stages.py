# SPDX-License-Identifier: Apache-2.0
"""The steps of the normaliser, each one pattern and what replaces its matches.

The fast way runs them over many texts at once, joined by NUL; the tracked way
runs the same patterns over one text and keeps the places. No pattern may match
NUL or look past it, and each is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from vigie.screening.normalise.tables import (
    INVISIBLE,
    LEET,
    OVERLAYS,
    TO_CYRILLIC,
    TO_GREEK,
    TO_LATIN,
)


class Places(Enum):
    """How the characters of a replacement relate to those of the match."""

    EACH = "each"
    """One for one."""
    WHOLE = "whole"
    """Every character stands for the whole match."""
    LETTERS = "letters"
    """The letters of the match, without what stood between them."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step; where `hint` finds nothing the pattern cannot match."""

    pattern: re.Pattern[str]
    replace: str | Callable[[re.Match[str]], str]
    places: Places = Places.WHOLE
    hint: re.Pattern[str] | None = None
    beyond_ascii: bool = False

    def concerns(self, text: str) -> bool:
        """Return whether the text can hold a match at all."""
        if self.beyond_ascii and text.isascii():
            return False
        return self.hint is None or self.hint.search(text) is not None

    def __call__(self, text: str) -> str:
        """Return the text with every match replaced."""
        return self.pattern.sub(self.replace, text) if self.concerns(text) else text

    def replacement(self, match: re.Match[str]) -> str:
        """Return what stands for one match."""
        return match.expand(self.replace) if isinstance(self.replace, str) else self.replace(match)


_FOREIGN = "\u0370-\u052f"
_SEPARATORS = re.compile(r"[ ._*-]+")


def _one_script(match: re.Match[str]) -> str:
    """Write a word of mixed scripts in the one to which most of it belongs."""
    word = match.group()
    own = [c for c in word if "\u0370" <= c <= "\u052f"]
    latin = [c for c in word if "a" <= c <= "z"]
    back = TO_GREEK if all(c < "\u0400" for c in own) else TO_CYRILLIC
    looks_latin = all(ord(c) in TO_LATIN for c in own)
    if (len(own) > len(latin) or not looks_latin) and all(ord(c) in back for c in latin):
        return word.translate(back)
    return word.translate(TO_LATIN)


def _letters(match: re.Match[str]) -> str:
    return _SEPARATORS.sub("", match.group())


def _user(match: re.Match[str]) -> str:
    """Take a name away; of a mail address its host, set apart from what precedes it."""
    return " user" if "." in match.group() else "user"


def _unleet(match: re.Match[str]) -> str:
    return match.group().translate(LEET)


DROP = Stage(re.compile(f"[{INVISIBLE}]+"), "", beyond_ascii=True)
"""Before NFKC, so that what stood beside an invisible mark can compose."""

_URL = r"h(?:tt|xx)ps?://[^\s\0<>\"]+"
_WWW = r"www\.[^\s\0<>\"]+"
_NAME = r"@(?:(?<![\w@]@)\w+|(?<=\w@)[\w-]+\.[a-z]{2,})"
_SPACED = r"(?<![^\W_])[^\W\d_]([ ._*-]{1,3})[^\W\d_](?:\1[^\W\d_])+(?![^\W_])"
_MIXED = rf"(?<!\w)(?:[^\W{_FOREIGN}]++[{_FOREIGN}]|[{_FOREIGN}][{_FOREIGN}\d_]*+[a-z])\w*"
_TOUCHING = rf"[{_FOREIGN}](?:(?<=[^\W{_FOREIGN}].)|(?=[^\W{_FOREIGN}]))"
_LEET = (
    r"[013457@$€!+|](?:"
    r"(?<=[a-z][013457@$€])[013457@$€]?(?=[a-z])"  # h4te, f00l
    r"|(?<=[a-z][013457@$€][a-z][013457$])(?!\w)"  # the last of h4t3
    r"|(?<=\$)(?<![\w$]\$)(?=[a-z]{3})"  # $uch
    r"|(?<=[a-z]{3}\$)(?![\w$])"  # word$
    r"|(?<=[a-z][!+|])(?<![a-z]{3}.)(?=[a-z]{2})"  # w!th, but not end!next
    r")"
)

AFTER_FOLDING: tuple[Stage, ...] = (
    Stage(re.compile(f"[{OVERLAYS}]+"), "", beyond_ascii=True),
    Stage(re.compile(_URL), "url"),
    Stage(re.compile(_WWW), "url"),
    Stage(re.compile(_NAME), _user),
    Stage(re.compile(_SPACED), _letters, Places.LETTERS),
    Stage(re.compile(_MIXED), _one_script, Places.EACH, re.compile(_TOUCHING), beyond_ascii=True),
    Stage(re.compile(_LEET), _unleet, Places.EACH),
    Stage(re.compile(r"([^\0])\1\1+"), r"\1\1"),
    Stage(re.compile(r"[^\S ]\s*| \s+"), " "),
)
"""In this order. An address goes first, or its parts would be read as words."""
