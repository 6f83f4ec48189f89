# SPDX-License-Identifier: Apache-2.0
"""Train the seed models `text_denial` and `text_nudify` and write the tables of their cards.

    python -m training.train_seeds --data DIR [--out FOLDER] [--heldout]

Reads `training/seeds/*_train.csv` alone. Ordinary posts of DIR's training split
(en, fr, de) join as texts without the label, with little weight, so that a model
is quiet on what is not its topic. Settings were chosen by five folds stratified by
language and category, parallel sentences together, and by leaving one language out;
the score is calibrated on the folds' scores. `--heldout` measures the held-back
half, which nothing here is tuned on: run it once, at the end.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from training.corpus import read_corpus
from training.matrix import matrix
from training.parallels import parallels
from vigie.screening.models.families import BITS, shipped
from vigie.screening.models.linear import CHAR_BITS, WORD_BITS
from vigie.screening.models.seeded import (
    CHUNK,
    FLOOR,
    GRAM_BITS,
    LANGUAGES,
    TOPICS,
    Gate,
    Reading,
    SeedModel,
)
from vigie.screening.models.weights import encode, load, save
from vigie.screening.normalise import normalise_many

SEEDS: Final = Path(__file__).parent / "seeds"
MODELS: Final = Path(__file__).parent.parent / "src/vigie/screening/models"
STRENGTH: Final = 20.0
"""Inverse of the ridge penalty."""
GRAMS: Final = 0.25
"""Weight of n-grams beside families: they learn wordings, families learn meaning."""
ORDINARY: Final = 3000
"""Ordinary posts, drawn from those that speak of the topic as far as there are any."""
ORDINARY_WEIGHT: Final = 0.08
FOLDS: Final = 5
LIMIT: Final = 0.5

Vector = npt.NDArray[np.float64]


class Seeds(NamedTuple):
    """Normalised seed texts with their labels."""

    texts: list[str]
    labels: npt.NDArray[np.int64]
    languages: npt.NDArray[np.str_]
    categories: npt.NDArray[np.str_]

    def strata(self) -> list[str]:
        """Return what folds are stratified by."""
        return [f"{a} {b}" for a, b in zip(self.languages, self.categories, strict=True)]


def main() -> None:
    """Train both models, write them, and print what their cards say."""
    options = _options()
    for label in TOPICS:
        path = options.out / f"text_{label}.npz"
        if not options.heldout:
            _make(label, options.data, path)
        else:
            model = SeedModel(load(path.read_bytes(), path.name), shipped())
            print("\n".join(_measured(model, read_seeds(SEEDS / f"{label}_heldout.csv"))))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of unified.csv.gz")
    parser.add_argument("--out", type=Path, default=MODELS)
    parser.add_argument("--heldout", action="store_true", help="only measure the held-back half")
    return parser.parse_args()


def read_seeds(path: Path) -> Seeds:
    """Read a seed set."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return Seeds(
        [one.text for one in normalise_many(row["text"] for row in rows)],
        np.array([int(row["label"]) for row in rows]),
        np.array([row["language"] for row in rows]),
        np.array([row["category"] for row in rows]),
    )


def ordinary(folder: Path, label: str) -> list[str]:
    """Return ordinary posts, the same in every run: those on topic first."""
    corpus = read_corpus(folder)
    rows = corpus.where("train") & np.isin(corpus.languages, LANGUAGES) & (corpus.labels == 0)
    chosen = sorted(np.flatnonzero(rows).tolist(), key=lambda row: str(corpus.ids[row]))
    texts = [corpus.texts[row] for row in chosen[: 12 * ORDINARY]]
    read = opened(label, texts)
    on_topic = [text for text, is_open in zip(texts, read, strict=True) if is_open]
    others = [text for text, is_open in zip(texts, read, strict=True) if not is_open]
    most = ORDINARY * 9 // 10
    return on_topic[:most] + others[: ORDINARY - len(on_topic[:most])]


def opened(label: str, texts: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Say which texts speak of a model's topic, so that it reads them."""
    gate = Gate(TOPICS[label], shipped().names)
    return np.array([gate.opens(mask) for mask in Reading(shipped(), texts).masks])


def design(texts: Sequence[str]) -> Any:
    """Return families over the root of their number, then folded n-grams, one row a text."""
    families = shipped()
    columns: list[int] = []
    ends = [0]
    for text in texts:
        columns += families.buckets(families.hits(text)[:CHUNK])
        ends.append(len(columns))
    ones = np.ones(len(columns), dtype=np.float32)
    plain = sp.csr_matrix((ones, columns, ends), shape=(len(texts), 1 << BITS))
    scale = 1 / np.sqrt(np.maximum(np.diff(ends), 1))
    return sp.hstack([sp.diags(scale) @ plain, GRAMS * _folded(matrix(texts))]).tocsr()


def _folded(rows: Any) -> Any:
    """Fold the n-grams' buckets to the fewer that these models keep."""
    rows = rows.tocoo()
    chars = rows.col < (1 << CHAR_BITS)
    column = np.where(
        chars,
        rows.col >> (CHAR_BITS - GRAM_BITS),
        ((rows.col - (1 << CHAR_BITS)) >> (WORD_BITS - GRAM_BITS)) + (1 << GRAM_BITS),
    )
    return sp.csr_matrix((rows.data, (rows.row, column)), shape=(rows.shape[0], 2 << GRAM_BITS))


def _fit(rows: Any, labels: Any, others: Any) -> Any:
    weights = np.r_[np.ones(rows.shape[0]), np.full(others.shape[0], ORDINARY_WEIGHT)]
    return LogisticRegression(C=STRENGTH, max_iter=400).fit(
        sp.vstack([rows, others]), np.r_[labels, np.zeros(others.shape[0])], sample_weight=weights
    )


def _folds(seeds: Seeds, rows: Any, others: Any) -> Vector:
    """Return each seed's score by a model that has not seen it."""
    found = np.zeros(len(seeds.labels))
    cut = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=1)
    for train, test in cut.split(seeds.texts, seeds.strata(), parallels(seeds.texts)):
        found[test] = _fit(rows[train], seeds.labels[train], others).decision_function(rows[test])
    return found


def _make(label: str, data: Path, path: Path) -> None:
    seeds = read_seeds(SEEDS / f"{label}_train.csv")
    rows, others = design(seeds.texts), design(ordinary(data, label))
    raw = _folds(seeds, rows, others)
    read = opened(label, seeds.texts)
    calibration = _calibrate(raw[read], seeds.labels[read])
    model = _fit(rows, seeds.labels, others)
    facts = {
        "model": f"text_{label}",
        "label": label,
        "languages": list(LANGUAGES),
        "families": shipped().digest,
        "limit": LIMIT,
        "calibration": calibration,
        "bias": round(float(model.intercept_[0]), 6),
        "rows": len(seeds.labels),
        "ordinary": others.shape[0],
    }
    digest = _write(path, model.coef_.ravel().astype(np.float32), facts)
    scores = np.where(read, 1 / (1 + np.exp(-(calibration[0] * raw + calibration[1]))), FLOOR)
    print(f"{label}: digest {digest}, {path.stat().st_size} bytes, folds:")
    print("\n".join(_table(seeds, scores)))


def _calibrate(raw: Vector, labels: npt.NDArray[np.int64]) -> list[float]:
    """Return the curve's slope (Platt 1999) and the offset that puts the best cut at `LIMIT`."""
    slope = float(LogisticRegression(C=1e6).fit(raw.reshape(-1, 1), labels).coef_[0, 0])
    cuts = np.quantile(raw, np.linspace(0.25, 0.75, 101))
    quality = np.array([f1_score(labels, raw >= cut, average="macro") for cut in cuts])
    best = float(np.mean(cuts[quality >= quality.max() - 0.008]))
    return [round(slope, 5), round(-slope * best, 5)]


def _write(path: Path, weights: npt.NDArray[np.float32], facts: dict[str, Any]) -> str:
    families, grams = weights[: 1 << BITS], weights[1 << BITS :] * GRAMS
    grams[[0, 1 << GRAM_BITS]] = 0  # where n-grams that do not exist are counted
    coded, unit_families = encode(families)
    codes, unit_grams = encode(grams)
    tables = {"families": coded, "chars": codes[: 1 << GRAM_BITS], "words": codes[1 << GRAM_BITS :]}
    facts |= {"unit_families": unit_families, "unit_grams": unit_grams}
    path.parent.mkdir(parents=True, exist_ok=True)
    return save(path, tables, facts)


def _measured(model: SeedModel, seeds: Seeds) -> list[str]:
    scores = model.scores(Reading(shipped(), seeds.texts))
    return [f"{model.label}, held back:", *_table(seeds, scores)]


def _table(seeds: Seeds, scores: Vector) -> list[str]:
    lines = ["| part | texts | accuracy | macro-F1 | AUC |", "|---|---|---|---|---|"]
    parts = [("all", np.ones(len(scores), dtype=bool))]
    parts += [(name, seeds.languages == name) for name in sorted(set(seeds.languages.tolist()))]
    parts += [(name, seeds.categories == name) for name in sorted(set(seeds.categories.tolist()))]
    for name, rows in parts:
        labels, found = seeds.labels[rows], scores[rows] >= LIMIT
        right = f"{(labels == found).mean():.3f}"
        both = len(set(labels.tolist())) == 2
        quality = f"{f1_score(labels, found, average='macro'):.3f}" if both else "–"
        area = f"{roc_auc_score(labels, scores[rows]):.3f}" if both else "–"
        lines.append(f"| {name} | {len(labels)} | {right} | {quality} | {area} |")
    return lines


if __name__ == "__main__":
    main()
