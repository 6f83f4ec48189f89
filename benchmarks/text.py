# SPDX-License-Identifier: Apache-2.0
"""Steps of text screening: CPU microseconds an item, in batches of 1, 16 and 256."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from benchmarks.common import Figure
from benchmarks.workload import share_of_common_words, texts
from vigie.core.item import Author, Item, Subject, Surface
from vigie.screening.batch import Batch, Prepared
from vigie.screening.detectors.base import Detector, Parts
from vigie.screening.detectors.conversation import ConversationDetector
from vigie.screening.detectors.lexicon import LexiconDetector
from vigie.screening.detectors.link import LinkDetector
from vigie.screening.detectors.minor_reference import MinorReferenceDetector
from vigie.screening.detectors.sexual import SexualDetector
from vigie.screening.detectors.text_linear import TextLinearDetector
from vigie.screening.detectors.text_seeded import TextDenialDetector, TextNudifyDetector
from vigie.screening.lexicons import load_shipped
from vigie.screening.models.features import Features, make_features
from vigie.screening.models.language import identify
from vigie.screening.normalise import normalise, normalise_many

SIZES = (1, 16, 256)
ITEMS = 4096
TERMS = 10_000
Made = TypeVar("Made")
IN_ALL = 90.0
"""Share of the judge's budget that text may take at 256, language found."""


def measure() -> list[Figure]:
    """Return the cost of every step at every batch size, and of a start."""
    detectors, built = _built()
    found = [Figure("lexicon of 10,000 terms built", built * 1000, "ms CPU", 200, at_least=False)]
    for size in SIZES:
        found += _steps(size, detectors)
    return found


def _built() -> tuple[list[Detector], float]:
    own = {
        "list": "bench",
        "label": "bench",
        "source": "made for the benchmark",
        "reviewed": "2026-11-22",
        "confidence": "high",
        "terms": share_of_common_words(TERMS),
    }
    domains = {"list": "bench", "label": "scam", "domains": [f"h{n}.example" for n in range(TERMS)]}
    began = time.process_time()
    lexicon = LexiconDetector.from_parts(Parts(lexicons=(*load_shipped(), own)))
    built = time.process_time() - began
    links = LinkDetector.from_parts(Parts(domains=(domains,)))
    shipped: tuple[Any, ...] = (
        TextLinearDetector.from_parts,
        TextDenialDetector.from_parts,
        TextNudifyDetector.from_parts,
        SexualDetector.from_parts,
        MinorReferenceDetector.from_parts,
        ConversationDetector.from_parts,
    )
    return [lexicon, links, *(make(Parts()) for make in shipped)], built


def _steps(size: int, detectors: Sequence[Detector]) -> list[Figure]:
    spent: dict[str, float] = {}
    items = _items()[: ITEMS if size > 1 else 1024]
    for at in range(0, len(items), size):
        _batch(items[at : at + size], detectors, spent)
    each = {name: seconds / len(items) * 1e6 for name, seconds in spent.items()}
    figures = [Figure(f"{name}, {size} at once", cost, "us an item") for name, cost in each.items()]
    total = sum(cost for name, cost in each.items() if name != "normalise one by one")
    target = IN_ALL if size == max(SIZES) else None
    figures.append(
        Figure(f"text in all, {size} at once", total, "us an item", target, at_least=False)
    )
    return figures


def _batch(
    items: Sequence[Subject], detectors: Sequence[Detector], spent: dict[str, float]
) -> None:
    given = [one.item.text or "" for one in items]
    _timed(spent, "normalise one by one", lambda: [normalise(text) for text in given])
    normal = _timed(spent, "normalise", lambda: normalise_many(given))
    features = _timed(spent, "features", lambda: _hashed([one.text for one in normal]))
    languages = _timed(spent, "language", lambda: identify(features))
    batch = Batch(
        [
            Prepared(one, text, name)
            for one, text, name in zip(items, normal, languages, strict=True)
        ],
        features,
    )
    for detector in detectors:
        _timed(spent, detector.name, partial(detector.detect, batch))


def _hashed(given: Sequence[str]) -> Features:
    features = make_features(given)
    for block in features.blocks():
        assert block.grams
        assert block.words
    return features


def _timed(spent: dict[str, float], name: str, work: Callable[[], Made]) -> Made:
    began = time.process_time()
    made = work()
    spent[name] = spent.get(name, 0.0) + time.process_time() - began
    return made


def _items() -> list[Subject]:
    return [
        Subject(Item(id=f"p{n}", surface=Surface.POST, author=Author(id="a"), text=one.text))
        for n, one in enumerate(texts())
    ]
