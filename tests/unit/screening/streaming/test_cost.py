# SPDX-License-Identifier: Apache-2.0
"""What a channel costs: time in step with the text, memory that does not grow with it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from tests.support.streams import ADVERSE, NEAR, PLAIN, document
from vigie.core.gateway import Mode
from vigie.screening.streaming import ChannelGuard, StreamTerms
from vigie.screening.streaming.hold import REACH
from vigie.screening.streaming.windows import FAR, WHOLE

TERMS = StreamTerms.of([document(PLAIN, NEAR)])
ADVERSARIAL = StreamTerms.of([document(ADVERSE, NEAR)])
PROSE = "The committee met on Tuesday, and several members asked for figures. "
MILLION = 1_000_000
SIZE = 20_000 if os.environ.get("VIGIE_CAMPAIGN") == "full" else 1_000


def passed(guard: ChannelGuard, text: str, size: int) -> int:
    """Feed the text in parts, approve what is due; returns the most characters kept."""
    most = 0
    for start in range(0, len(text), size):
        guard.feed(text[start : start + size])
        while window := guard.due(0):
            guard.approve(window)
        guard.take()
        most = max(most, len(guard._tail.text))
    while window := guard.due(0, end=True):
        guard.approve(window)
    guard.take()
    assert guard.done
    return most


def seconds(make: Callable[[], object]) -> float:
    began = time.process_time()
    make()
    return time.process_time() - began


def test_a_long_answer_keeps_a_bounded_tail() -> None:
    text = (PROSE * (MILLION // len(PROSE) + 1))[:MILLION]
    guard = ChannelGuard(TERMS, Mode.STRICT)
    assert passed(guard, text[:200_000], 7) < WHOLE + 2 * REACH + 2_000
    assert len(guard._hold._starts) < 1_000


@pytest.mark.parametrize(
    "unit",
    ["a", "b ", "l l ", "alphaquill ", "aab ", "alp", "\u200b", "** ", "屠殺", "a.b.c ", "@", "書"],
)
@pytest.mark.campaign
def test_time_grows_in_step_with_the_text_whatever_it_repeats(unit) -> None:
    def run(size: int) -> Callable[[], object]:
        text = (unit * size)[:size]
        return lambda: [passed(ChannelGuard(t), text, size) for t in (TERMS, ADVERSARIAL)]

    run(1_000)()
    short, long = seconds(run(SIZE)), seconds(run(4 * SIZE))
    assert long < 8 * short + 0.2


def test_a_million_characters_at_once_pass_in_seconds() -> None:
    text = (PROSE * (MILLION // len(PROSE) + 1))[:MILLION]
    guard = ChannelGuard(TERMS, Mode.STRICT)
    assert seconds(lambda: passed(guard, text, MILLION)) < 10
    assert guard.received == guard.released == MILLION


def test_what_is_remembered_of_a_long_feed_is_bounded() -> None:
    guard = ChannelGuard(ADVERSARIAL, Mode.STRICT)
    guard.feed("aab ** b " * 20_000)
    assert len(guard._hold._places) + len(guard._hold.matches) < FAR
