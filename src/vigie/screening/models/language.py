# SPDX-License-Identifier: Apache-2.0
"""Which language a text is in, where its platform does not say.

The script decides where it stands for one language; among Latin, Cyrillic and
Arabic letters each known language has its own yes or no over hashed n-grams
(`training/train_language.py`), so that a language without a name here is left
unnamed instead of getting its neighbour's. Card: `language.md`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.screening.models.features import Block, Features
from vigie.screening.models.scripts import Script, letters
from vigie.screening.models.weights import Weights, load

BITS: Final = 14
"""Buckets of n-grams and words, as a power of two."""
ORDER: Final = 3
"""Length of the character n-grams."""

FEWEST_LETTERS: Final = 3
"""Letters without which no language is named."""

FULL_LENGTH: Final = 200
"""Code points from which the whole limit holds: a short text cannot score as high."""

_BY_SCRIPT: Final = {
    Script.GREEK: "el",
    Script.HEBREW: "he",
    Script.HAN: "zh",
    Script.KANA: "ja",
    Script.HANGUL: "ko",
    Script.THAI: "th",
}
_WEIGHT: Final = np.array([1, 1, 1, 1, 1, 1, 3, 3, 2, 1, 1])
"""Letters that one sign of a script is worth: a Han sign is about a word's half."""
_KANA_SHARE: Final = 10
"""In Japanese more than one sign in so many is kana."""

Scores = npt.NDArray[np.float64]


class LanguageModel:
    """Weights and limit; `identify` reads a batch."""

    def __init__(self, weights: Weights) -> None:
        self.digest = weights.digest
        self.languages: tuple[str, ...] = tuple(weights.facts["languages"])
        """Languages that n-grams tell, in the order of the columns."""
        self._table = weights.tables["grams"]
        self._unit = float(weights.facts["unit"])
        self._offsets = np.array(weights.facts["offsets"])
        self._limit = float(weights.facts["limit"])
        scripts = weights.facts["scripts"]
        self._written = np.array([[s == w for w in scripts] for s in range(len(Script))])

    def identify(self, features: Features) -> list[str | None]:
        """Return the language of each row; None where it is not known."""
        found: list[str | None] = []
        for block in features.blocks():
            scripts = _scripts(letters(block))
            best = self._best(block, scripts)
            found += [
                _BY_SCRIPT.get(Script(script)) or (self.languages[column] if column >= 0 else None)
                for script, column in zip(scripts.tolist(), best.tolist(), strict=True)
            ]
        return found

    def _best(self, block: Block, scripts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the column of each row's language, -1 where none passes the limit."""
        scores = np.where(self._written[scripts], self.scores(block), -np.inf)
        length = np.minimum((block.ends - block.starts) / FULL_LENGTH, 1.0)
        return np.where(scores.max(axis=1) > self._limit * length, scores.argmax(axis=1), -1)

    def scores(self, block: Block) -> Scores:
        """Return the score of each language (columns) for each row."""
        at = np.uint32(32 - BITS)
        chars = np.add.reduceat(
            self._table[block.grams[ORDER] >> at], block.starts, axis=0, dtype=np.int32
        )
        word, _, starts = block.words
        words = np.zeros((len(word) + 1, len(self.languages)), dtype=np.int64)
        np.cumsum(self._table[word >> at], axis=0, out=words[1:])
        total = chars + words[np.append(starts[1:], len(word))] - words[starts]
        size = block.ends - block.starts + np.diff(starts, append=len(word))
        return np.asarray(total * self._unit / np.sqrt(size)[:, None] + self._offsets)


def _scripts(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return each row's script: that of most of its letters, NONE where too few."""
    weighed = counts * _WEIGHT
    han, kana = weighed[:, Script.HAN].copy(), weighed[:, Script.KANA].copy()
    weighed[:, Script.KANA] = np.where(kana * _KANA_SHARE > han, han + kana, 0)
    found = weighed.argmax(axis=1)
    most, total = weighed.max(axis=1), (counts * _WEIGHT).sum(axis=1)
    clear = (most >= FEWEST_LETTERS) & (most * 2 > total)
    return np.where(clear, found, Script.NONE)


@cache
def shipped() -> LanguageModel:
    """Return the model that ships with the package, read once."""
    name = "language.npz"
    content = (files("vigie.screening.models") / name).read_bytes()
    return LanguageModel(load(content, name))


def identify(features: Features) -> list[str | None]:
    """Return the language of each row (ISO 639-1), None where it is not known."""
    return shipped().identify(features)
