# SPDX-License-Identifier: Apache-2.0
"""Train the hashed linear text model and write its weights and its card's tables.

    python -m training.train_text_linear --data DIR [--tier all|clear] [--out FOLDER]

Averaged stochastic gradient descent on logistic loss. Of each source, hateful
texts weigh more where they are few. Calibrated (Platt 1999) on a tenth of the
training rows that a first fit leaves out; the development split is only measured.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression, SGDClassifier

from training.corpus import Corpus, Mask, read_corpus
from training.matrix import matrix
from training.report import card_tables
from vigie.screening.models.features import make_features
from vigie.screening.models.linear import CHAR_BITS, LinearText
from vigie.screening.models.weights import encode, load, save

MODELS = Path(__file__).parent.parent / "src/vigie/screening/models"
NAME = "text_linear"
ALPHA = 5e-6
EPOCHS = 20
MOST_WEIGHT = 2.5
FEWEST = 1000
"""Training rows without which a language gets no score."""

Vector = npt.NDArray[np.float64]


def main() -> None:
    """Train, write, measure."""
    options = _options()
    corpus = read_corpus(options.data)
    rows = matrix(corpus.texts)
    train = corpus.where("train", options.tier)
    calibration = _calibrate(rows, corpus, train)
    weights = _fit(rows, corpus, train)
    facts = _facts(corpus, train, options.tier, calibration)
    path = options.out / f"{NAME}.npz"
    digest = _write(path, weights, facts)
    model = LinearText(load(path.read_bytes(), path.name))
    scores = model.scores(make_features(corpus.texts))
    text = card_tables(corpus, scores, corpus.where("dev"))
    options.tables.write_text(text, encoding="utf-8")
    print(text)
    print(f"digest {digest}, {path.stat().st_size} bytes")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of unified.csv.gz")
    parser.add_argument("--tier", choices=["all", "clear"], default="all")
    parser.add_argument("--tables", type=Path, default=Path(f"{NAME}.tables.md"))
    parser.add_argument("--out", type=Path, default=MODELS)
    return parser.parse_args()


def _sample_weights(corpus: Corpus, train: Mask) -> Vector:
    weights = np.ones(len(corpus.labels))
    for origin in corpus.origins:
        rows = train & corpus.of(*origin)
        share = corpus.labels[rows].mean() if rows.any() else 1.0
        weight = max(1.0, (1 - share) / share / 1.5) if share else 1.0
        weights[rows & (corpus.labels == 1)] = min(MOST_WEIGHT, weight)
    return weights


def _fit(rows: Any, corpus: Corpus, train: Mask) -> npt.NDArray[np.float32]:
    model = SGDClassifier(
        loss="log_loss", alpha=ALPHA, average=True, max_iter=EPOCHS, tol=None, random_state=0
    )
    weights = _sample_weights(corpus, train)
    model.fit(rows[train], corpus.labels[train], sample_weight=weights[train])
    return np.asarray(model.coef_.ravel(), dtype=np.float32)


def _held_out(corpus: Corpus) -> Mask:
    """Choose a tenth by id, the same in every run."""
    return np.array([int(name[:6], 16) % 10 == 0 for name in corpus.ids])


def _calibrate(rows: Any, corpus: Corpus, train: Mask) -> list[float]:
    """Return slope and offset of the logistic curve from raw score to share of hateful texts."""
    held = _held_out(corpus)
    raw = rows[train & held] @ _fit(rows, corpus, train & ~held)
    curve = LogisticRegression(C=1e6).fit(raw.reshape(-1, 1), corpus.labels[train & held])
    return [round(float(curve.coef_[0, 0]), 5), round(float(curve.intercept_[0]), 5)]


def _facts(corpus: Corpus, train: Mask, tier: str, calibration: list[float]) -> dict[str, Any]:
    names, counts = np.unique(corpus.languages[train], return_counts=True)
    return {
        "model": NAME,
        "tier": tier,
        "calibration": calibration,
        "languages": [str(n) for n, c in zip(names, counts, strict=True) if c >= FEWEST],
        "sources": sorted({str(s) for s in corpus.sources[train]}),
        "rows": int(train.sum()),
    }


def _write(path: Path, weights: npt.NDArray[np.float32], facts: dict[str, Any]) -> str:
    weights[[0, 1 << CHAR_BITS]] = 0  # where n-grams that do not exist are counted
    codes, unit = encode(weights)
    tables = {"chars": codes[: 1 << CHAR_BITS], "words": codes[1 << CHAR_BITS :]}
    path.parent.mkdir(parents=True, exist_ok=True)
    return save(path, tables, {**facts, "unit": unit})


if __name__ == "__main__":
    main()
