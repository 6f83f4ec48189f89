# SPDX-License-Identifier: Apache-2.0
"""`normalise`: the fast way, and the value that it returns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from vigie.screening.normalise import tracked
from vigie.screening.normalise.stages import AFTER_FOLDING, DROP

_JOINED = 1 << 18
"""Code points joined at once: bounds memory, and what one text can cost others."""


class Normalised:
    """A text as detectors read it, with the way back to the original.

    The map of places is built only when `span` is first called, by running the
    same steps again with their places kept.
    """

    __slots__ = ("_places", "original", "text")

    def __init__(self, text: str, original: str) -> None:
        self.text = text
        self.original = original
        self._places: tracked.Places | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the original that became ``text[start:end]``.

        In code points; bounds outside the text are drawn in, and an empty part
        gives an empty span.
        """
        if self._only_folded():
            start = min(max(start, 0), len(self.text))
            return start, min(max(end, start), len(self.text))
        if self._places is None:
            self._places = tracked.places(self.original)
        return self._places.span(start, end)

    def _only_folded(self) -> bool:
        """Folding never shortens, so equal lengths mean one character for one."""
        size = len(self.text)
        return size == len(self.original) and self.text == self.original.casefold()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Normalised):
            return NotImplemented
        return (self.text, self.original) == (other.text, other.original)

    def __hash__(self) -> int:
        return hash((self.text, self.original))

    def __repr__(self) -> str:
        return f"Normalised({len(self.original)} -> {len(self.text)} code points)"


def fold(text: str) -> str:
    """Return the text in compatibility form and folded case (Unicode 3.13, UAX 15)."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)


def _run(text: str) -> str:
    """Run every step over texts joined by NUL."""
    text = "\0".join(map(fold, DROP(text).split("\0")))
    for stage in AFTER_FOLDING:
        text = stage(text)
    return text


def normalise(text: str) -> Normalised:
    """Return one text as detectors read it; never fails, whatever the text holds."""
    return Normalised(_run(text).strip(" "), text)


def normalise_many(texts: Iterable[str]) -> list[Normalised]:
    """Return what `normalise` gives for each text, at about half the cost."""
    done: list[Normalised] = []
    group: list[str] = []
    size = 0
    for text in texts:
        group.append(text)
        size += len(text)
        if size > _JOINED:
            done += _group(group)
            group, size = [], 0
    return done + _group(group)


def _group(texts: Sequence[str]) -> list[Normalised]:
    if not texts:
        return []
    parts = _run("\0".join(texts)).split("\0")
    if len(parts) != len(texts):  # a text held NUL itself
        return [normalise(text) for text in texts]
    return [Normalised(part.strip(" "), text) for part, text in zip(parts, texts, strict=True)]
