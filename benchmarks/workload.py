# SPDX-License-Identifier: Apache-2.0
"""The texts that every rate is measured on: real, different, 200 characters each.

From the development split named by `VIGIE_TEST_DATA` (never committed): at least
6,000 texts in three languages or more, cut or joined to 200 characters, none
twice. Without the data a benchmark is skipped with its reason.
"""

from __future__ import annotations

import csv
import gzip
import os
import random
from functools import cache
from pathlib import Path
from typing import NamedTuple

LENGTH = 200
LEAST = 6_000
HIT_SHARE = 0.006
"""Sum of the shares of the chosen words; a text with several counts once."""


class Text(NamedTuple):
    """One text of the workload."""

    text: str
    language: str


class NoDataError(Exception):
    """The development texts are not there."""


def data_folder() -> Path:
    """Return the folder of outside data. Raises NoDataError."""
    folder = os.environ.get("VIGIE_TEST_DATA", "")
    if not folder or not (Path(folder) / "data/text/unified.csv.gz").exists():
        raise NoDataError("VIGIE_TEST_DATA does not hold data/text/unified.csv.gz")
    return Path(folder)


@cache
def texts(seed: int = 1) -> tuple[Text, ...]:
    """Return the workload in a fixed random order, no text twice."""
    waiting: dict[str, str] = {}
    found: dict[str, Text] = {}
    with gzip.open(data_folder() / "data/text/unified.csv.gz", "rt", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            if row["split"] != "dev":
                continue
            joined = f"{waiting.get(row['lang'], '')} {row['text']}".strip()
            while len(joined) >= LENGTH:
                cut, joined = joined[:LENGTH], joined[LENGTH:]
                found.setdefault(cut, Text(cut, row["lang"]))
            waiting[row["lang"]] = joined
    ordered = sorted(found.values())
    random.Random(seed).shuffle(ordered)
    if len(ordered) < LEAST or len({one.language for one in ordered}) < 3:
        raise NoDataError("the development texts are too few")
    return tuple(ordered)


def share_of_common_words(terms: int, seed: int = 2) -> list[str]:
    """Return `terms` made-up terms, a few of which are words of the texts.

    So that 3 to 10 % of the texts hit the word list, as the yardstick asks.
    """
    rng = random.Random(seed)
    seen: dict[str, int] = {}
    for one in texts():
        for word in set(one.text.lower().split()):
            if word.isalpha() and 6 <= len(word) <= 14:
                seen[word] = seen.get(word, 0) + 1
    total = len(texts())
    common = sorted(w for w, n in seen.items() if 0.001 * total <= n <= 0.002 * total)
    rng.shuffle(common)
    letters = "abcdefghijklmnopqrstuvwxyz"
    made = {"".join(rng.choices(letters, k=rng.randint(7, 16))) for _ in range(terms)}
    chosen = common[: max(1, int(HIT_SHARE / 0.0015))]
    return (chosen + sorted(made))[:terms]
