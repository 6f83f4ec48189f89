# SPDX-License-Identifier: Apache-2.0
"""Scores how far a text resembles texts that people labelled hateful.

A rank for human queues, never a verdict (model card: `models/text_linear.md`).
Where the language is unknown or not among those of the card it says nothing: a
low score would read as "harmless".
"""

from __future__ import annotations

from typing import Self

from vigie.core.decision import Signal
from vigie.screening.batch import Batch
from vigie.screening.detectors.base import Parts
from vigie.screening.models.features import Features, make_features
from vigie.screening.models.linear import LinearText, shipped

HATE = "hate"


class TextLinearDetector:
    """Reports one score for each text in a language that the model knows."""

    name = "text.linear"
    labels = (HATE,)

    def __init__(self, model: LinearText) -> None:
        self._model = model
        self.version = f"1-{model.digest[:12]}"

    @classmethod
    def from_parts(cls, _parts: Parts) -> Self:
        """Build it with the weights of the package. Raises WeightsError."""
        return cls(shipped())

    def detect(self, batch: Batch) -> list[list[Signal]]:
        """Return the score of each item, or nothing for it."""
        known = self._model.languages
        wanted = [one.normal is not None and one.language in known for one in batch.items]
        if not any(wanted):
            return [[] for _ in batch.items]
        scores = self._model.scores(batch.features or _features(batch)).tolist()
        return [
            [self._signal(score)] if want else []
            for score, want in zip(scores, wanted, strict=True)
        ]

    def _signal(self, score: float) -> Signal:
        return Signal(detector=self.name, version=self.version, label=HATE, value=score)


def _features(batch: Batch) -> Features:
    return make_features([one.normal.text if one.normal else "" for one in batch.items])
