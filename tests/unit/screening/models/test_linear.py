# SPDX-License-Identifier: Apache-2.0
"""The hashed linear model: sums as a naive count gives them, bounded, stable."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.screening.models.features import make_features
from vigie.screening.models.linear import CHAR_BITS, WORD_BITS, LinearText, row_sums, shipped
from vigie.screening.models.weights import Weights
from vigie.screening.normalise import normalise


def model(chars=None, words=None):
    nothing = np.zeros(1 << CHAR_BITS, dtype=np.int16)
    facts = {"digest": "0", "languages": ["en"], "unit": 0.01, "calibration": [1.0, 0.0]}
    tables = {
        "chars": nothing if chars is None else chars,
        "words": nothing[: 1 << WORD_BITS] if words is None else words,
    }
    return LinearText(Weights(tables, facts))


@given(st.lists(st.integers(0, 5)), st.randoms(use_true_random=False))
def test_rows_are_summed_as_python_sums_them(lengths, chance):
    values = [[chance.randrange(-9, 9) for _ in range(length)] for length in lengths]
    starts = np.cumsum([0, *lengths])[:-1].astype(np.int64)
    flat = np.array([v for row in values for v in row], dtype=np.int32)
    assert row_sums(flat, starts).tolist() == [sum(row) for row in values]


def test_without_weights_every_text_is_as_likely_as_not():
    assert model().scores(make_features(["", "a", "many words here"])).tolist() == [0.5] * 3


def test_every_n_gram_and_word_counts_once():
    ones = np.ones(1 << CHAR_BITS, dtype=np.int16)
    ones[0] = 0
    score = model(ones, ones[: 1 << WORD_BITS]).scores(make_features(["ab"]))[0]
    # " ab ": 3 pairs, 2 threes, 1 four; 1 word; no pair of words; size 4 + 1
    assert -np.log(1 / score - 1) == pytest.approx(0.01 * 7 / np.sqrt(5), abs=1e-4)


texts = st.lists(st.text(max_size=40), max_size=6)


@given(texts)
def test_a_score_does_not_depend_on_the_batch(given):
    together = shipped().scores(make_features(given)).tolist()
    assert together == [shipped().scores(make_features([text]))[0] for text in given]


@given(texts)
def test_scores_lie_between_0_and_1(given):
    scores = shipped().scores(make_features(given))
    assert ((scores >= 0) & (scores <= 1)).all()


def test_praise_of_a_cake_scores_lower_than_contempt_for_people():
    kind, unkind = (
        normalise(text).text
        for text in (
            "What a lovely cake you baked for the party, thank you so much!",
            "These people are vermin and should all be thrown out of our country.",
        )
    )
    low, high = shipped().scores(make_features([kind, unkind]))
    assert low < 0.2
    assert high > 0.6


def test_the_shipped_weights_take_less_than_a_megabyte():
    folder = files("vigie.screening.models")
    sizes = [len(f.read_bytes()) for f in folder.iterdir() if f.name.endswith(".npz")]
    assert sum(sizes) < 1_000_000


def test_the_shipped_model_names_its_languages():
    assert shipped().languages == {"ar", "de", "en", "fr", "pt", "zh"}
