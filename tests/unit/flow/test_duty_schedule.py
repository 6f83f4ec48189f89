# SPDX-License-Identifier: Apache-2.0
"""When a clock warns: in order, never twice, never after it is due."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.clock import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.flow.orders.schedule import following, passed, warnings

KINDS = ("hard", "soft", "retention", "info", "technical")
NOW = 1_795_000_000_000


@pytest.mark.parametrize(
    ("kind", "length", "before"),
    [
        ("hard", HOUR_MS, [30, 15, 6]),
        ("hard", 8 * HOUR_MS, [240, 120, 60, 48]),
        ("hard", 10 * DAY_MS, [7200, 3600, 1440, 60]),
        ("soft", 15 * MINUTE_MS, [3.75]),
        ("soft", 5 * MINUTE_MS, [1.25]),
        ("retention", 60 * DAY_MS, [8640, 60]),
        ("info", 5 * DAY_MS, [720, 60]),
        ("hard", 0, []),
    ],
)
def test_long_times_warn_more_often_than_short_ones(
    kind: str, length: int, before: list[float]
) -> None:
    found = warnings(kind, NOW, NOW + length)
    assert [(NOW + length - one) / MINUTE_MS for one in found] == before


@given(st.sampled_from(KINDS), st.integers(0, 400 * DAY_MS), st.integers(-DAY_MS, 500 * DAY_MS))
def test_warnings_are_in_order_and_counted_as_they_pass(kind: str, length: int, later: int) -> None:
    found = warnings(kind, NOW, NOW + length)
    assert found == sorted(set(found))
    assert all(NOW <= one < NOW + length for one in found)
    count = passed(kind, NOW, NOW + length, NOW + later)
    assert count == sum(one <= NOW + later for one in found)
    nearest = following(kind, NOW, NOW + length, count)
    assert nearest == NOW + length or nearest > NOW + later
