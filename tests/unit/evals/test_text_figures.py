# SPDX-License-Identifier: Apache-2.0
"""The figures are those of their definitions, by brute force; intervals hold the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vigie.evals.text.figures import figures

RNG = np.random.default_rng(7)


def sample(size, ties):
    labels = RNG.integers(0, 2, size)
    scores = RNG.normal(size=size) + labels
    return labels, np.round(scores, 1) if ties else scores


def auc(labels, scores):
    pairs = [(a > b) + (a == b) / 2 for a in scores[labels == 1] for b in scores[labels == 0]]
    return np.mean(pairs)


def average_precision(labels, scores):
    total, before = 0.0, 0.0
    for cut in sorted(set(scores.tolist()), reverse=True):
        found = scores >= cut
        hits = (found & (labels == 1)).sum()
        recall = hits / labels.sum()
        total += (recall - before) * hits / found.sum()
        before = recall
    return total


def macro_f1(labels, scores, limit):
    found = scores >= limit
    each = []
    for which in (0, 1):
        true, told = labels == which, found == bool(which)
        each.append(2 * (true & told).sum() / (true.sum() + told.sum()))
    return np.mean(each)


def drawn(size: int) -> Any:
    labels, scores = sample(size, ties=False)
    return figures(labels, scores, 0.5)


@pytest.mark.parametrize("size", [5, 40, 300])
@pytest.mark.parametrize("ties", [False, True])
def test_every_figure_is_that_of_its_definition(size, ties):
    labels, scores = sample(size, ties)
    labels[:2] = (0, 1)
    found: Any = figures(labels, scores, 0.5)
    assert found.accuracy.value == pytest.approx(
        ((scores >= 0.5) == (labels == 1)).mean(), abs=1e-6
    )
    assert found.macro_f1.value == pytest.approx(macro_f1(labels, scores, 0.5), abs=1e-6)
    assert found.auc.value == pytest.approx(auc(labels, scores), abs=1e-6)
    assert found.auprc.value == pytest.approx(average_precision(labels, scores), abs=1e-6)


def test_the_intervals_hold_the_value_and_narrow_with_more_texts():
    widths = []
    for size in (60, 2000):
        found = drawn(size)
        for one in (found.accuracy, found.macro_f1, found.auc, found.auprc):
            assert one.low <= one.value <= one.high
        widths.append(found.auc.high - found.auc.low)
    assert widths[1] < widths[0] / 3


def test_the_interval_of_the_area_holds_the_truth_about_as_often_as_it_says():
    """Two normal curves one apart: the true area is 0.7602."""
    held = 0
    for _ in range(30):
        found = drawn(120).auc
        held += found.low <= 0.7602 <= found.high
    assert held >= 25


def test_the_same_texts_give_the_same_intervals():
    labels, scores = sample(100, ties=False)
    assert figures(labels, scores, 0.5) == figures(labels, scores, 0.5)


def test_with_one_label_there_is_an_accuracy_and_nothing_else():
    found = figures(np.ones(10, dtype=int), np.full(10, 0.9), 0.5, unscored=3)
    assert found.accuracy.value == 1.0
    assert found.accuracy.low == pytest.approx(0.722, abs=1e-3)
    assert (found.macro_f1, found.auc, found.auprc) == (None, None, None)
    assert (found.texts, found.positives, found.unscored) == (10, 10, 3)


def test_a_score_at_the_limit_counts_as_found():
    assert figures(np.array([1]), np.array([0.5]), 0.5).accuracy.value == 1.0
