# SPDX-License-Identifier: Apache-2.0
"""The hashed linear text model: one number for each row of the features.

Logistic regression over hashed character and word n-grams, about what fastText
and Vowpal Wabbit do; trained by `training/train_text_linear.py`. What it can and
cannot do stands in its card, `text_linear.md`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.screening.models.features import Block, Features
from vigie.screening.models.weights import Weights, load

CHAR_BITS: Final = 19
"""Buckets of character n-grams, as a power of two."""
WORD_BITS: Final = 18
"""Buckets of words and pairs of words."""

Scores = npt.NDArray[np.float64]


class LinearText:
    """Weights and calibration; `scores` reads a batch."""

    def __init__(self, weights: Weights) -> None:
        self.digest = weights.digest
        self.languages = frozenset(weights.facts["languages"])
        """Languages that the card supports; others get no score."""
        self._chars = weights.tables["chars"]
        self._words = weights.tables["words"]
        self._unit = float(weights.facts["unit"])
        self._slope, self._offset = map(float, weights.facts["calibration"])

    def scores(self, features: Features) -> Scores:
        """Return a calibrated score from 0 to 1 for each row.

        Calibrated on a part of the training data whose share of hateful texts is
        far above that of any real stream: a rank, not a probability there.
        """
        found = np.zeros(len(features))
        for block in features.blocks():
            found[block.rows] = self._block(block)
        return np.round(1.0 / (1.0 + np.exp(-(self._slope * found + self._offset))), 6)

    def _block(self, block: Block) -> Scores:
        total = np.zeros(len(block.codes), dtype=np.int32)
        for hashes in block.grams.values():
            total += self._chars[hashes >> np.uint32(32 - CHAR_BITS)]
        chars = np.add.reduceat(total, block.starts, dtype=np.int64)
        word, pair, starts = block.words
        at = np.uint32(32 - WORD_BITS)
        words = self._words[word >> at].astype(np.int32) + self._words[pair >> at]
        return (chars + row_sums(words, starts)) * self._unit / np.sqrt(sizes(block))


def sizes(block: Block) -> npt.NDArray[np.int64]:
    """Return how much stands in each row: code points and words."""
    word, _, starts = block.words
    return np.asarray(block.ends - block.starts + np.diff(starts, append=len(word)))


def row_sums(values: npt.NDArray[np.int32], starts: npt.NDArray[np.int64]) -> Scores:
    """Return the sum of each row's values; a row may be empty."""
    sums = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=sums[1:])
    return np.asarray(sums[np.append(starts[1:], len(values))] - sums[starts], dtype=np.float64)


@cache
def shipped() -> LinearText:
    """Return the model that ships with the package, read once."""
    name = "text_linear.npz"
    content = (files("vigie.screening.models") / name).read_bytes()
    return LinearText(load(content, name))
