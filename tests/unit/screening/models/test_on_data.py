# SPDX-License-Identifier: Apache-2.0
"""The shipped weights on the development split: the figures that the cards promise."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass

import numpy as np
import pytest

from vigie.screening.models.features import make_features
from vigie.screening.models.language import identify
from vigie.screening.models.linear import shipped
from vigie.screening.normalise import normalise_many


@dataclass(repr=False)
class Dev:
    """Shows nothing of itself: a failing test must not print a text."""

    texts: list[str]
    labels: np.ndarray
    languages: np.ndarray
    sources: np.ndarray


@pytest.fixture(scope="module")
def dev(test_data):
    with gzip.open(test_data / "data/text/unified.csv.gz", "rt", encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if row["split"] == "dev"]
    return Dev(
        texts=[one.text for one in normalise_many(row["text"] for row in rows)],
        labels=np.array([int(row["label"]) for row in rows]),
        languages=np.array([row["lang"] for row in rows]),
        sources=np.array([row["source"] for row in rows]),
    )


@pytest.fixture(scope="module")
def scores(dev):
    return shipped().scores(make_features(dev.texts))


def area(labels, scores):
    """Area under the ROC curve by ranks; equal scores share theirs (Mann and Whitney 1947)."""
    _, position, counts = np.unique(scores, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[position]
    ones = labels.sum()
    return (rank[labels == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(labels) - ones))


def test_the_area_is_that_of_the_definition():
    labels, found = np.array([0, 1, 0, 1, 1, 0]), np.array([0.1, 0.4, 0.4, 0.9, 0.2, 0.3])
    pairs = [(a > b) + (a == b) / 2 for a in found[labels == 1] for b in found[labels == 0]]
    assert area(labels, found) == pytest.approx(np.mean(pairs))


def test_hateful_texts_rank_above_others_over_all_sources(dev, scores):
    assert area(dev.labels, scores) >= 0.84


@pytest.mark.parametrize(
    ("language", "least"),
    [("ar", 0.75), ("de", 0.78), ("en", 0.77), ("fr", 0.66), ("pt", 0.82), ("zh", 0.88)],
)
def test_each_language_ranks_as_its_card_says(dev, scores, language, least):
    rows = dev.languages == language
    assert area(dev.labels[rows], scores[rows]) >= least


def test_shuffled_labels_rank_like_chance(dev, scores):
    """The control: the measure cannot pass by itself."""
    shuffled = np.random.default_rng(0).permutation(dev.labels)
    assert area(shuffled, scores) == pytest.approx(0.5, abs=0.02)


def pieces(dev, language, length, most=1000):
    joined = " ".join(np.array(dev.texts, dtype=object)[dev.languages == language])
    cuts = range(0, min(len(joined) - length, most * length), length)
    return [joined[at : at + length] for at in cuts]


@pytest.mark.parametrize("language", ["ar", "de", "en", "fr", "pt", "zh"])
def test_a_language_of_the_data_is_named_at_200_characters(dev, language):
    found = identify(make_features(pieces(dev, language, 200)))
    assert found.count(language) / len(found) >= 0.98
    assert found.count(None) / len(found) <= 0.02


@pytest.mark.parametrize(("length", "least"), [(40, 0.65), (80, 0.88), (120, 0.94)])
def test_a_short_text_is_left_unnamed_sooner_than_misnamed(dev, length, least):
    for language in ("ar", "de", "en", "fr", "pt"):
        found = identify(make_features(pieces(dev, language, length)))
        right, unknown = found.count(language), found.count(None)
        assert right / len(found) >= least
        assert (len(found) - right - unknown) / len(found) <= 0.01
