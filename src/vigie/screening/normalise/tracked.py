# SPDX-License-Identifier: Apache-2.0
"""The slow way: the same steps, with the place of every character kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from vigie.screening.normalise.stages import AFTER_FOLDING, DROP, Stage
from vigie.screening.normalise.stages import Places as Kind


@dataclass(slots=True)
class Places:
    """A text and, for each of its characters, where it came from."""

    text: str
    starts: list[int]
    ends: list[int]
    length: int
    """Of the original."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the original from which ``text[start:end]`` came."""
        start = min(max(start, 0), len(self.text))
        end = min(max(end, start), len(self.text))
        if start == end:
            at = self.starts[start] if start < len(self.starts) else self.length
            return at, at
        return min(self.starts[start:end]), max(self.ends[start:end])


@dataclass(slots=True)
class _Builder:
    """Collects the characters of the next step with their places."""

    source: Places
    parts: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def keep(self, start: int, end: int, text: str | None = None) -> None:
        """Take over a part one for one, as it is or written otherwise."""
        self.parts.append(self.source.text[start:end] if text is None else text)
        self.starts += self.source.starts[start:end]
        self.ends += self.source.ends[start:end]

    def whole(self, start: int, end: int, text: str) -> None:
        """Write `text` for a part; each character of it stands for all of the part."""
        if start == end:
            return
        self.parts.append(text)
        self.starts += [min(self.source.starts[start:end])] * len(text)
        self.ends += [max(self.source.ends[start:end])] * len(text)

    def done(self) -> Places:
        """Return the text of the next step."""
        return Places("".join(self.parts), self.starts, self.ends, self.source.length)


def places(original: str) -> Places:
    """Normalise a text and keep the places; the text equals `normalise`'s."""
    size = len(original)
    now = Places(original, list(range(size)), list(range(1, size + 1)), size)
    now = _fold(_stage(now, DROP))
    for stage in AFTER_FOLDING:
        now = _stage(now, stage)
    return _stripped(now)


def _stage(now: Places, stage: Stage) -> Places:
    if not stage.concerns(now.text):
        return now
    out, at = _Builder(now), 0
    for match in stage.pattern.finditer(now.text):
        out.keep(at, match.start())
        _replace(out, match.start(), match.end(), stage.replacement(match), stage.places)
        at = match.end()
    out.keep(at, len(now.text))
    return out.done()


def _replace(out: _Builder, start: int, end: int, text: str, kind: Kind) -> None:
    if kind is Kind.EACH:
        out.keep(start, end, text)
    elif kind is Kind.WHOLE:
        out.whole(start, end, text)
    else:
        for at in range(start, end):
            if out.source.text[at].isalpha():
                out.keep(at, at + 1)


def _fold(now: Places) -> Places:
    if now.text.isascii():
        return Places(now.text.lower(), now.starts, now.ends, now.length)
    now = _clusters(now, _nfkc)
    folded = now.text.casefold()
    if len(folded) == len(now.text):  # folding never shortens: one for one
        now = Places(folded, now.starts, now.ends, now.length)
    else:
        now = _clusters(now, str.casefold)
    return _clusters(now, _nfkc)


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _clusters(now: Places, change: Callable[[str], str]) -> Places:
    """Apply `change` to the smallest parts that it treats apart from each other."""
    whole = change(now.text)
    if whole == now.text:
        return now
    out, at = _Builder(now), 0
    for match in _BEYOND_ASCII.finditer(now.text):
        out.keep(at, match.start(), change(now.text[at : match.start()]))
        _stretch(out, match.start(), match.end(), change)
        at = match.end()
    out.keep(at, len(now.text), change(now.text[at:]))
    done = out.done()
    if done.text == whole:
        return done
    size = len(whole)  # parts that act on each other at a distance: one span for all
    return Places(whole, [0] * size, [now.length] * size, now.length)


_BEYOND_ASCII = re.compile(r"[\0-\x7f]?[^\0-\x7f]+")
"""With the letter before, which a mark may change; ASCII changes one for one."""


def _stretch(out: _Builder, start: int, end: int, change: Callable[[str], str]) -> None:
    text = out.source.text
    for at in range(start + 1, end + 1):
        if at == end or _apart(text[start:at], text[at], change):
            out.whole(start, at, change(text[start:at]))
            start = at


def _apart(before: str, char: str, change: Callable[[str], str]) -> bool:
    if unicodedata.combining(char):
        return False
    return change(before + char) == change(before) + change(char)


def _stripped(now: Places) -> Places:
    start = len(now.text) - len(now.text.lstrip(" "))
    end = max(len(now.text.rstrip(" ")), start)
    return Places(now.text[start:end], now.starts[start:end], now.ends[start:end], now.length)
