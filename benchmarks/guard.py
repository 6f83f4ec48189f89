# SPDX-License-Identifier: Apache-2.0
"""The guard of a streamed answer: CPU time a stream, a feed and a long answer.

No model and no judge: what is due is approved at once. Texts are invented; lists are
those that ship, and made ones of 3,000 pairs of ordinary words, the worst sort, in
which nearly every word may begin a term.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from itertools import pairwise

from benchmarks.common import Figure
from vigie.core.gateway import Mode
from vigie.screening.lexicons import load_shipped
from vigie.screening.streaming import ChannelGuard, StreamTerms

FRAMES = 43
STREAMS = 400
PROSE = (
    "The committee met on Tuesday to discuss the report, and several members asked whether "
    "the figures had been checked. Nobody could say who had written the last chapter. A copy "
    "was sent to every office, so that people could read it before the next meeting in June. "
)
LONG = 1_000_000


def measure() -> list[Figure]:
    """Return the cost with shipped lists, with the worst sort, and of a long answer."""
    shipped = StreamTerms.of(load_shipped())
    began = time.process_time()
    worst = StreamTerms.of([_pairs()])
    built = (time.process_time() - began) * 1000
    return [
        *_streams("shipped lists", shipped, 1.0),
        *_streams("3,000 pairs of words", worst, 2.0),
        Figure("3,000 pairs built", built, "ms CPU", 500, at_least=False),
        Figure("answer of 1,000,000 characters", _long(shipped), "s CPU", 5, at_least=False),
    ]


def _pairs() -> dict[str, object]:
    """Return a list in which most words of the prose begin many terms."""
    words = sorted(set(PROSE.lower().replace(",", "").replace(".", "").split()))
    seen = {f"{one} {two}" for one, two in pairwise(PROSE.lower().split())}
    others = [f"lamp{number}" for number in range(60)]
    made = [f"{one} {two}" for one in words for two in (*words, *others)]
    terms = [term for term in made if term not in seen]
    return {
        "list": "bench",
        "label": "bench",
        "source": "made for the benchmark",
        "reviewed": "2026-11-23",
        "confidence": "low",
        "terms": random.Random(3).sample(terms, 3_000),
    }


def _frames(dice: random.Random) -> list[str]:
    start = dice.randrange(len(PROSE))
    text, parts = PROSE[start:] + PROSE, []
    for _ in range(FRAMES):
        size = dice.randrange(1, 8)
        parts.append(text[:size])
        text = text[size:]
    return parts


def _streams(name: str, terms: StreamTerms, target: float) -> list[Figure]:
    dice = random.Random(1)
    streams = [_frames(dice) for _ in range(STREAMS)]
    for frames in streams[:20]:
        _pass(terms, frames)
    began = time.process_time()
    held = sum(_pass(terms, frames) for frames in streams)
    spent = time.process_time() - began
    feeds = STREAMS * FRAMES
    return [
        Figure(f"{name}: stream of 43 frames", spent / STREAMS * 1e3, "ms CPU", target, False),
        Figure(f"{name}: one frame", spent / feeds * 1e6, "us CPU", 20, at_least=False),
        Figure(f"{name}: characters held after a frame", held / feeds, "characters"),
    ]


def _pass(terms: StreamTerms, frames: Sequence[str]) -> int:
    """Pass one stream; returns the characters held, summed over its frames."""
    guard, held = ChannelGuard(terms, Mode.PACED), 0
    for now, frame in enumerate(frames):
        guard.feed(frame)
        while window := guard.due(now):
            guard.approve(window)
        guard.take()
        held += guard.received - guard.released
    while window := guard.due(FRAMES, end=True):
        guard.approve(window)
    guard.take()
    return held


def _long(terms: StreamTerms) -> float:
    text = (PROSE * (LONG // len(PROSE) + 1))[:LONG]
    began = time.process_time()
    _pass(terms, [text[at : at + 5] for at in range(0, LONG, 5)])
    return time.process_time() - began
