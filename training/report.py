# SPDX-License-Identifier: Apache-2.0
"""Figures for a model card: by source and language, with sample sizes and intervals."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from training.corpus import Corpus, Mask
from vigie.evals.intervals import share

Vector = npt.NDArray[np.float64]
LIMITS = (0.5, 0.8, 0.9)


def card_tables(corpus: Corpus, scores: Vector, dev: Mask) -> str:
    """Return the tables of the card in Markdown."""
    return "\n".join([*_ranking(corpus, scores, dev), "", *_limits(corpus, scores, dev), ""])


def _ranking(corpus: Corpus, scores: Vector, dev: Mask) -> Iterator[str]:
    yield "| source | language | dev rows | hateful | AUC (95 % interval) |"
    yield "|---|---|---|---|---|"
    for name, language, rows in _parts(corpus, dev):
        labels = corpus.labels[rows]
        area, low, high = auc_interval(labels, scores[rows])
        share = f"{labels.sum()} ({labels.mean():.1%})"
        ranked = f"{area:.3f} ({low:.3f}–{high:.3f})"
        yield f"| {name} | {language} | {len(labels)} | {share} | {ranked} |"


def _limits(corpus: Corpus, scores: Vector, dev: Mask) -> Iterator[str]:
    yield "| source | language | score from | flagged | precision (interval) | recall (interval) |"
    yield "|---|---|---|---|---|---|"
    for name, language, rows in _parts(corpus, dev):
        for limit in LIMITS:
            flagged = scores[rows] >= limit
            hits = int((flagged & (corpus.labels[rows] == 1)).sum())
            precision = _share(hits, int(flagged.sum()))
            recall = _share(hits, int(corpus.labels[rows].sum()))
            yield f"| {name} | {language} | {limit} | {flagged.sum()} | {precision} | {recall} |"


def _parts(corpus: Corpus, dev: Mask) -> Iterator[tuple[str, str, Mask]]:
    yield "all", "all", dev
    for language in sorted(set(corpus.languages[dev].tolist())):
        yield "all", language, dev & (corpus.languages == language)
    for source, language in corpus.origins:
        yield source, language, dev & corpus.of(source, language)


def auc_interval(labels: npt.NDArray[np.int64], scores: Vector) -> tuple[float, float, float]:
    """Return the area under the ROC curve with its interval (Hanley and McNeil 1982)."""
    area = float(roc_auc_score(labels, scores))
    ones = int(labels.sum())
    zeros = len(labels) - ones
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (ones - 1) * (first - area**2) + (zeros - 1) * (second - area**2)
    reach = 1.96 * sqrt(variance / (ones * zeros))
    return area, max(area - reach, 0.0), min(area + reach, 1.0)


def _share(hits: int, total: int) -> str:
    found = share(hits, total)
    return "–" if found is None else f"{found.value:.2f} ({found.low:.2f}–{found.high:.2f})"
