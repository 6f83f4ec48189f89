# SPDX-License-Identifier: Apache-2.0
"""The clock in words and quarters, and the bar of a queue's age."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.console import ageing, clocks
from vigie.console.clocks import HOUR, MINUTE, clock, span
from vigie.flow.queues.figures import EDGES, Ageing, Bucket, Count
from vigie.store.models import Case

NOW = 1_795_381_200_000


def case(due: int, opened: int = NOW, **more) -> Case:
    return Case(**{"kind": "proposal", "due_at": due, "opened_at": opened, "clock": ""} | more)


def seen(*args, at: int = NOW, **more) -> clocks.Clock:
    found = clock(case(*args, **more), at)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0 min"),
        (59 * MINUTE + 59_999, "59 min"),
        (HOUR, "1 h"),
        (HOUR + 5 * MINUTE, "1 h 05 min"),
        (47 * HOUR + 59 * MINUTE, "47 h 59 min"),
        (48 * HOUR, "2 d"),
        (52 * HOUR, "2 d 4 h"),
        (-5, "0 min"),
    ],
)
def test_a_span_is_minutes_then_hours_then_days_and_never_seconds(ms: int, words: str) -> None:
    assert span(ms) == words


def test_words_say_what_is_left_or_over() -> None:
    assert seen(NOW + 22 * MINUTE).words == "22 min left"
    assert seen(NOW + 30_000).words == "less than a minute left"
    assert seen(NOW - 130 * MINUTE).words == "2 h 10 min over"


def test_red_is_for_what_is_late_and_the_last_hour_of_the_law() -> None:
    opened = NOW - 47 * HOUR
    assert seen(NOW + HOUR, opened, hard=True, clock="us_take_it_down").state == "last"
    assert seen(NOW + HOUR, opened).state == "soon"
    assert seen(NOW - 1, opened).state == "over"
    assert seen(NOW + 40 * HOUR).state == ""
    assert seen(NOW + 59 * MINUTE, NOW, trusted=True).state == "soon"


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 2 * 10**9))
def test_quarters_go_from_none_to_four_and_never_back(length: int, past: int, more: int) -> None:
    first = seen(NOW + length, at=NOW + past).quarters
    later = seen(NOW + length, at=NOW + past + more).quarters
    assert 0 <= first <= later <= 4
    assert (later == 4) == (past + more >= length)


def test_the_source_of_the_time_is_named() -> None:
    law = seen(NOW + 48 * HOUR, kind="intimate", hard=True, clock="us_take_it_down")
    assert law.source == "2 d, TAKE IT DOWN Act (47 U.S.C. 223a)"
    assert law.kind == "hard"
    assert law.others == ("unconfirmed: 2 d, UK Crime and Policing Act 2026 / OSA",)
    soft = seen(NOW + 24 * HOUR, kind="notice", clock="dsa_notice_decision")
    assert (soft.source, soft.kind) == ("own aim 24 h, DSA Art. 16(5)-(6)", "soft")
    assert seen(NOW + 4 * HOUR).source == "own aim 4 h"
    assert seen(NOW + HOUR, trusted=True).source == "trusted flagger, own aim 1 h"


def test_the_law_behind_an_earlier_aim_is_shown_too() -> None:
    found = seen(NOW + 12 * HOUR, kind="intimate")
    assert found.source == "own aim 12 h"
    assert found.others[0] == "2 d, TAKE IT DOWN Act (47 U.S.C. 223a): 2 d left"


def test_a_case_that_is_not_routed_has_no_clock() -> None:
    assert clock(case(NOW, due_at=None), NOW) is None


def aged(*numbers: int, more: bool = False) -> Ageing:
    buckets = tuple(
        Bucket(hours, Count(number, more))
        for hours, number in zip((*EDGES, None), numbers, strict=True)
    )
    return Ageing(
        waiting=Count(sum(numbers)), buckets=buckets, oldest=NOW, late=Count(0), soon=Count(0),
        next_due=None,
    )  # fmt: skip


@given(st.lists(st.integers(0, 1_000), min_size=4, max_size=4))
def test_the_bar_stays_in_its_frame_and_shows_whatever_is_there(numbers: list[int]) -> None:
    bar = ageing.bar(aged(*numbers))
    for part, number in zip(bar.parts, numbers, strict=True):
        assert (part.width > 0) == (number > 0)
        assert part.x >= 0
        assert part.x + part.width <= bar.width


def test_the_bar_says_its_numbers_in_a_sentence() -> None:
    bar = ageing.bar(aged(9, 21, 17, 1))
    assert bar.finding == "under 4 h: 9, under 24 h: 21, under 48 h: 17, 48 h and more: 1"


def test_a_number_that_was_counted_no_further_has_a_plus() -> None:
    assert ageing.number(Count(1_000, more=True)) == "1,000+"
    assert ageing.number(Count(1_000)) == "1,000"
    assert ageing.oldest(aged(0, 0, 0, 0), NOW + HOUR) == "oldest 1 h"
