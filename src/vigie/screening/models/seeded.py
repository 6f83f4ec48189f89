# SPDX-License-Identifier: Apache-2.0
"""The models trained on the seed sets: denial of crimes, undressing of people in pictures.

Logistic regression over families of words in their order (`families`) and, with
less weight, the hashed n-grams that every text model shares. Trained by
`training/train_seeds.py`; what each can and cannot do stands in its card,
`text_denial.md` and `text_nudify.md`. A text with none of a model's topic words
costs one pass for both models and scores `FLOOR`.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import numpy as np

from vigie.screening.models.families import Families, Hit
from vigie.screening.models.families import shipped as families
from vigie.screening.models.features import make_features
from vigie.screening.models.linear import Scores, row_sums, sizes
from vigie.screening.models.weights import Weights, load

LANGUAGES: Final = ("de", "en", "fr")
FLOOR: Final = 0.01
"""Score of a text without a word of the topic."""
GRAM_BITS: Final = 16
"""Buckets of character n-grams, and as many of words and pairs, as a power of two."""
LONG: Final = 300
"""Code points and words of the longest seeds."""
CHUNK: Final = 32
"""Hits that are read together; a longer text is read by its sentences as well."""
WINDOW: Final = 12
"""Hits of one sentence at most: about what a text of the seeds holds."""
MOST_HITS: Final = 2_000
"""Hits of one text: what lies beyond is not read."""
REACH: Final = 300
"""Code points of a span at most."""


class Topic(NamedTuple):
    """Which families speak of a model's topic: alone, or one of each group together."""

    alone: tuple[str, ...]
    together: tuple[tuple[str, ...], ...] = ()
    """Each entry names its groups, a group as names with spaces between."""


TOPICS: Final = {
    "denial": Topic(
        ("event", "crime", "perp", "denier", "real", "people"),
        (
            ("kill", "never fake minim wish aware impossible year blame compare number own"),
            ("camp", "never fake minim wish aware impossible year relic blame compare number own"),
            ("camp", "victim neg other praise profit kill want"),
            ("kill", "victim", "other praise profit"),
            ("victim", "blame impossible socalled compare relic number year own never"),
            ("victim", "fake minim wish aware", "praise other want"),
            ("never fake minim", "number relic own"),
            ("never fake minim blame compare", "year"),
            ("relic", "profit aware other minim compare never fake praise impossible"),
            ("minim praise wish", "compare", "number profit other"),
            ("praise", "own"),
        ),
    ),
    "nudify": Topic(
        ("nude", "undress", "fakepic", "through"),
        (
            ("sexual", "photo edit want secret tool garment body"),
            ("garment", "remove photo cover hint zero edit tool secret body"),
            ("garment", "target third", "neg want third"),
            ("hint", "photo edit remove cover zero secret want"),
            ("hint", "target", "third"),
            ("body", "photo remove"),
            ("photo", "remove cover secret"),
            ("photo", "target third", "edit want tool zero"),
            ("cover", "zero secret"),
            ("remove", "zero", "third target"),
        ),
    ),
}


class Reading:
    """What one pass found in the texts of a batch, for every seed model."""

    def __init__(self, families: Families, texts: Sequence[str]) -> None:
        self.texts = texts
        self.masks = [families.mask(text) if text else 0 for text in texts]
        """For each text, a bit for every family in it."""
        self._families = families
        self._hits: dict[int, list[Hit]] = {}

    def hits(self, row: int) -> Sequence[Hit]:
        """Return where the families stand in one text; found when first asked."""
        if row not in self._hits:
            self._hits[row] = self._families.hits(self.texts[row])
        return self._hits[row]


class Gate:
    """Says whether a text speaks of a topic at all."""

    def __init__(self, topic: Topic, names: Sequence[str]) -> None:
        bits = {name: 1 << number for number, name in enumerate(names)}
        self.alone = sum(bits[name] for name in topic.alone)
        self._sets = [
            tuple(sum(bits[name] for name in group.split()) for group in groups)
            for groups in topic.together
        ]

    def opens(self, mask: int) -> bool:
        """Return whether these families make a topic."""
        if mask & self.alone:
            return True
        return any(all(mask & group for group in groups) for groups in self._sets)


class SeedModel:
    """Weights and calibration of one model; `scores` reads what `read` found."""

    def __init__(self, weights: Weights, families: Families) -> None:
        facts = weights.facts
        self.digest = weights.digest
        self.label = str(facts["label"])
        self.limit = float(facts["limit"])
        """Score from which a text counts as found, by the card."""
        self.gate = Gate(TOPICS[self.label], families.names)
        self._families = families
        self._table = weights.tables["families"]
        self._chars = weights.tables["chars"]
        self._words = weights.tables["words"]
        self._units = (float(facts["unit_families"]), float(facts["unit_grams"]))
        self._bias = float(facts["bias"])
        self._slope, self._offset = map(float, facts["calibration"])

    def scores(self, reading: Reading) -> Scores:
        """Return a calibrated score from 0 to 1 for each text.

        Calibrated on seeds, of which half are of the label: a rank, and no
        probability in any real stream.
        """
        found = np.full(len(reading.texts), FLOOR)
        rows = [n for n, mask in enumerate(reading.masks) if self.gate.opens(mask)]
        if not rows:
            return found
        grams = self._grams([reading.texts[n] for n in rows])
        for n, gram in zip(rows, grams.tolist(), strict=True):
            raw = gram + self._best(reading.hits(n)) + self._bias
            found[n] = round(1.0 / (1.0 + math.exp(-(self._slope * raw + self._offset))), 6)
        return found

    def _best(self, hits: Sequence[Hit]) -> float:
        return max(self._one(chunk) for chunk in chunks(hits, self._families.ends))

    def _one(self, hits: Sequence[Hit]) -> float:
        buckets = self._families.buckets(hits)
        total = int(self._table[buckets].sum(dtype=np.int64))
        return total * self._units[0] / math.sqrt(len(buckets))

    def _grams(self, texts: Sequence[str]) -> Scores:
        found = np.zeros(len(texts))
        at = np.uint32(32 - GRAM_BITS)
        for block in make_features(texts).blocks():
            total = np.zeros(len(block.codes), dtype=np.int32)
            for hashes in block.grams.values():
                total += self._chars[hashes >> at]
            chars = np.add.reduceat(total, block.starts, dtype=np.int64)
            word, pair, starts = block.words
            words = self._words[word >> at].astype(np.int32) + self._words[pair >> at]
            # Beyond the length of a seed the mean counts, or length itself would speak.
            size = sizes(block)
            total_size = np.sqrt(size) * np.sqrt(np.maximum(size / LONG, 1.0))
            found[block.rows] = (chars + row_sums(words, starts)) / total_size
        return found * self._units[1]

    def span(self, hits: Sequence[Hit]) -> tuple[int, int]:
        """Return where the topic is spoken of: from its first word as far as `REACH`."""
        first = next((hit for hit in hits if self.gate.alone >> hit.family & 1), hits[0])
        before = [hit.start for hit in hits if 0 <= first.start - hit.start <= REACH // 3]
        start = min(before, default=first.start)
        return start, max(hit.end for hit in hits if start <= hit.start <= start + REACH)


def chunks(hits: Sequence[Hit], ends: Container[int]) -> Iterator[Sequence[Hit]]:
    """Yield the hits from the beginning; where they are many, also two sentences at a time.

    A sentence with very many hits is cut.
    """
    yield hits[:CHUNK]
    if len(hits) <= CHUNK:
        return
    before: Sequence[Hit] = ()
    start = 0
    for number in range(min(len(hits), MOST_HITS)):
        last = number + 1 == len(hits)
        if last or hits[number].family in ends or number + 1 - start >= WINDOW:
            sentence = hits[start : number + 1]
            if len(sentence) > 1 or last:
                yield [*before, *sentence]
                before, start = sentence, number + 1


@cache
def shipped(label: str) -> SeedModel:
    """Return the model of a label that ships with the package, read once."""
    name = f"text_{label}.npz"
    content = (files("vigie.screening.models") / name).read_bytes()
    return SeedModel(load(content, name), families())
