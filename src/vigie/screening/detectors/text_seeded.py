# SPDX-License-Identifier: Apache-2.0
"""Scores denial of crimes against humanity, and requests to undress people in pictures.

Two models that share one pass over the text (cards: `models/text_denial.md`,
`models/text_nudify.md`). They read quotation, refutation, teaching, courts, satire
and calls for help in the order of the words, so that their score needs no further
marks. In a language that is known and not of the card they say nothing; a text
whose language is unknown is read, for short prompts often are.
"""

from __future__ import annotations

from typing import ClassVar, Final, Self, cast

from vigie.core.decision import Signal
from vigie.screening.batch import Batch
from vigie.screening.detectors.base import Parts
from vigie.screening.models.families import shipped as families
from vigie.screening.models.seeded import LANGUAGES, Reading, SeedModel, shipped

KNOWN: Final = frozenset((*LANGUAGES, None))
SHOWN: Final = 0.5
"""Scores from which a place in the text is given."""
_READING: Final = "seeded"


class _SeedDetector:
    """Reports one score for each text in a language that the card names."""

    name: ClassVar[str]
    labels: ClassVar[tuple[str, ...]]

    def __init__(self, model: SeedModel) -> None:
        self._model = model
        self.version = f"1-{model.digest[:12]}"

    @classmethod
    def from_parts(cls, _parts: Parts) -> Self:
        """Build it with the weights of the package. Raises WeightsError."""
        return cls(shipped(cls.labels[0]))

    def detect(self, batch: Batch) -> list[list[Signal]]:
        """Return the score of each item, or nothing for it."""
        wanted = [one.normal is not None and one.language in KNOWN for one in batch.items]
        if not any(wanted):
            return [[] for _ in batch.items]
        reading = _reading(batch)
        scores = self._model.scores(reading).tolist()
        return [
            [self._signal(batch, n, score, reading)] if want else []
            for n, (score, want) in enumerate(zip(scores, wanted, strict=True))
        ]

    def _signal(self, batch: Batch, n: int, score: float, reading: Reading) -> Signal:
        normal = batch.items[n].normal
        span = None
        if normal is not None and score >= SHOWN:
            span = normal.span(*self._model.span(reading.hits(n)))
        return Signal(
            detector=self.name,
            version=self.version,
            label=self.labels[0],
            value=score,
            span=span,
        )


class TextDenialDetector(_SeedDetector):
    """Denial, gross distortion and glorification of crimes against humanity."""

    name = "text.denial"
    labels = ("denial",)


class TextNudifyDetector(_SeedDetector):
    """Requests and offers to undress or sexualise people in pictures."""

    name = "text.nudify"
    labels = ("nudify",)


def _reading(batch: Batch) -> Reading:
    """Return what the first model's pass found, for the second one too."""
    if _READING not in batch.shared:
        texts = [
            one.normal.text if one.normal and one.language in KNOWN else "" for one in batch.items
        ]
        batch.shared[_READING] = Reading(families(), texts)
    return cast("Reading", batch.shared[_READING])
