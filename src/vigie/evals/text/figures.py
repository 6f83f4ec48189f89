# SPDX-License-Identifier: Apache-2.0
"""Accuracy, macro-F1 and the areas under two curves, each with its 95 % interval.

Accuracy: Wilson (1927). The others: percentile bootstrap over texts (Efron 1979),
the same draws in every run. Equal scores share their rank, so that an order among
them cannot flatter (area under the ROC curve: Mann and Whitney 1947; under
precision and recall: average precision over the different scores).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from vigie.evals.intervals import SEED, share

DRAWS: Final = 1_000
WORK: Final = 20_000_000
"""Texts times draws at most: fewer draws for very many texts, never below `FEWEST`."""
FEWEST: Final = 200

Vector = npt.NDArray[np.float64]


class Figure(msgspec.Struct, frozen=True):
    """A value and its bounds; None where the texts do not allow one."""

    value: float
    low: float
    high: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of one part of the texts."""

    texts: int
    positives: int
    unscored: int
    """Texts for which no detector gave a score: they count as 0."""
    accuracy: Figure
    macro_f1: Figure | None
    """None, as the areas, where all texts have one label."""
    auc: Figure | None
    auprc: Figure | None


def figures(
    labels: npt.NDArray[np.int64], scores: Vector, limit: float, unscored: int = 0
) -> Figures:
    """Return the figures of scores against labels of 0 and 1; there is at least one text."""
    right = int(((scores >= limit) == (labels == 1)).sum())
    exact = share(right, len(labels))
    assert exact is not None  # noqa: S101 - the caller gives at least one text
    positives = int(labels.sum())
    f1: Figure | None = None
    auc: Figure | None = None
    auprc: Figure | None = None
    if 0 < positives < len(labels):
        drawn = _bootstrap(_Sorted.of(labels, scores, limit))
        f1, auc, auprc = (_figure(*column) for column in drawn)
    return Figures(
        texts=len(labels),
        positives=positives,
        unscored=unscored,
        accuracy=Figure(round(exact.value, 6), round(exact.low, 6), round(exact.high, 6)),
        macro_f1=f1,
        auc=auc,
        auprc=auprc,
    )


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Labels by falling score, and where each different score begins."""

    ones: npt.NDArray[np.bool_]
    above: npt.NDArray[np.bool_]
    """At or above the limit."""
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, labels: npt.NDArray[np.int64], scores: Vector, limit: float) -> _Sorted:
        order = np.argsort(-scores, kind="stable")
        ranked = scores[order]
        starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
        return cls(labels[order] == 1, ranked >= limit, starts)

    def figures(self, weights: Vector) -> tuple[float, float, float]:
        """Return macro-F1 and both areas, each text counted as often as its weight says."""
        ones, zeros = weights * self.ones, weights * ~self.ones
        positives, negatives = ones.sum(), zeros.sum()
        if not positives or not negatives:
            return np.nan, np.nan, np.nan
        hits, alarms = np.add.reduceat(ones, self.starts), np.add.reduceat(zeros, self.starts)
        found, wrong = np.cumsum(hits), np.cumsum(alarms)
        area = float((alarms * (found - hits / 2)).sum() / (positives * negatives))
        precise = float((hits * found / np.maximum(found + wrong, 1e-12)).sum() / positives)
        return self._macro_f1(ones, zeros), area, precise

    def _macro_f1(self, ones: Vector, zeros: Vector) -> float:
        hit, false = ones[self.above].sum(), zeros[self.above].sum()
        missed, quiet = ones[~self.above].sum(), zeros[~self.above].sum()
        of_ones = 2 * hit / max(2 * hit + false + missed, 1e-12)
        of_zeros = 2 * quiet / max(2 * quiet + false + missed, 1e-12)
        return float((of_ones + of_zeros) / 2)


def _bootstrap(sample: _Sorted) -> list[tuple[float, Vector]]:
    size = len(sample.ones)
    rng = np.random.default_rng(SEED)
    draws = max(FEWEST, min(DRAWS, WORK // size))
    drawn = np.array(
        [
            sample.figures(
                np.bincount(rng.integers(0, size, size), minlength=size).astype(np.float64)
            )
            for _ in range(draws)
        ]
    )
    whole = sample.figures(np.ones(size))
    return [(value, drawn[:, column]) for column, value in enumerate(whole)]


def _figure(value: float, drawn: Vector) -> Figure:
    kept = drawn[~np.isnan(drawn)]
    low, high = np.quantile(kept, (0.025, 0.975)) if len(kept) else (value, value)
    return Figure(round(value, 6), round(float(low), 6), round(float(high), 6))
