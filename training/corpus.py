# SPDX-License-Identifier: Apache-2.0
"""Reads the labelled texts; no text leaves this process."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vigie.screening.normalise import normalise_many

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Corpus:
    """Normalised texts (names after @ replaced) with their labels and origins."""

    texts: Sequence[str]
    labels: npt.NDArray[np.int64]
    languages: npt.NDArray[np.str_]
    sources: npt.NDArray[np.str_]
    tiers: npt.NDArray[np.str_]
    splits: npt.NDArray[np.str_]
    ids: npt.NDArray[np.str_]

    def where(self, split: str, tier: str = "all") -> Mask:
        """Return which rows belong to a split and, if named, a tier."""
        chosen = self.splits == split
        return np.asarray(chosen if tier == "all" else chosen & (self.tiers == tier))

    @property
    def origins(self) -> list[tuple[str, str]]:
        """Every pair of source and language."""
        return sorted(set(zip(self.sources.tolist(), self.languages.tolist(), strict=True)))

    def of(self, source: str, language: str) -> Mask:
        """Return which rows come from a source in a language."""
        return np.asarray((self.sources == source) & (self.languages == language))


def read_corpus(folder: Path) -> Corpus:
    """Read `unified.csv.gz`; rows translated from an unclear source are `unclear` too."""
    with gzip.open(folder / "unified.csv.gz", "rt", encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    translated = _translated(folder / "original_labels.csv.gz")
    tiers = ["unclear" if row["id"] in translated else row["tier"] for row in rows]
    return Corpus(
        texts=[one.text for one in normalise_many(row["text"] for row in rows)],
        labels=np.array([int(row["label"]) for row in rows]),
        languages=np.array([row["lang"] for row in rows]),
        sources=np.array([row["source"] for row in rows]),
        tiers=np.array(tiers),
        splits=np.array([row["split"] for row in rows]),
        ids=np.array([row["id"] for row in rows]),
    )


def _translated(path: Path) -> set[str]:
    """Return the rows of GAHD that were translated from DynaHate."""
    if not path.exists():
        return set()
    with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
        rows = csv.DictReader(handle)
        return {
            row["id"]
            for row in rows
            if row["source"] == "gahd" and "source=translation" in row["detail"]
        }
