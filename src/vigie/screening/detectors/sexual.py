# SPDX-License-Identifier: Apache-2.0
"""Finds adult sexual vocabulary in English, French and German: words, no meaning.

A restrained list (`models/sexual.yaml`) that reads as policies need it: one strong
word is enough, weaker ones add up, fixed phrases of health, law and everyday
speech take away the words inside them. What it cannot see stands in its card,
`models/sexual.md`. The operator's own lists of label `sexual` count beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.resources import files
from typing import Final, Self

import yaml

from vigie.core.decision import Signal
from vigie.screening.batch import Batch, Prepared
from vigie.screening.detectors.base import Parts
from vigie.screening.lexicons import read_lexicon
from vigie.screening.lexicons.scan import Scanner

SEXUAL: Final = "sexual"
NAME: Final = "sexual.yaml"


class SexualDetector:
    """Reports one signal for an item with such words, at the first strongest place."""

    name = "sexual"
    labels = (SEXUAL,)

    def __init__(self, content: bytes) -> None:
        self.version = f"1-{hashlib.sha256(content).hexdigest()[:12]}"
        self._scanner = Scanner([read_lexicon(one) for one in yaml.safe_load_all(content)])

    @classmethod
    def from_parts(cls, _parts: Parts) -> Self:
        """Build it with the list of the package. Raises InvalidInputError."""
        return cls((files("vigie.screening.models") / NAME).read_bytes())

    def detect(self, batch: Batch) -> list[list[Signal]]:
        """Return the finding of each item."""
        return [self._item(one) for one in batch.items]

    def _item(self, prepared: Prepared) -> list[Signal]:
        if prepared.normal is None:
            return []
        words: dict[str, tuple[float, int, int]] = {}
        harmless: list[tuple[int, int]] = []
        for rule, start, end in self._scanner.met(prepared.normal.text):
            if rule.lexicon.mark:
                harmless.append((start, end))
            else:
                word = prepared.normal.text[start:end]
                words.setdefault(word, (rule.lexicon.weight, start, end))
        found = [
            one
            for one in words.values()
            if not any(low <= one[1] and one[2] <= high for low, high in harmless)
        ]
        if not found:
            return []
        _, start, end = max(found, key=lambda one: (one[0], -one[1]))
        return [
            Signal(
                detector=self.name,
                version=self.version,
                label=SEXUAL,
                value=together(weight for weight, _, _ in found),
                span=prepared.normal.span(start, end),
            )
        ]


def together(weights: Iterable[float]) -> float:
    """Return what words say together: each takes away a share of the doubt that is left."""
    doubt = 1.0
    for weight in weights:
        doubt *= 1.0 - weight
    return round(1.0 - doubt, 6)
