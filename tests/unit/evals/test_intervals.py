# SPDX-License-Identifier: Apache-2.0
"""Every figure says within which bounds it lies."""

from __future__ import annotations

import statistics

import pytest

from vigie.evals.intervals import resampled, share


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    # Wilson's interval at 95 %, computed by hand from its formula.
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_a_share_has_the_interval_of_wilson(count, of, low, high):
    found = share(count, of)
    assert found is not None
    assert found.value == count / of
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert found.n == of


def test_nothing_observed_is_no_figure():
    assert share(0, 0) is None
    assert resampled([], statistics.median) is None


def test_a_resampled_median_lies_in_its_interval_and_is_the_same_each_time():
    values = [float(value * value % 97) for value in range(200)]
    found = resampled(values, statistics.median)
    assert found is not None
    assert found == resampled(values, statistics.median)
    assert min(values) < found.low <= found.value <= found.high < max(values)


def test_more_observations_make_the_interval_narrower():
    few = resampled([float(n % 10) for n in range(20)], statistics.mean)
    many = resampled([float(n % 10) for n in range(2_000)], statistics.mean)
    assert few is not None
    assert many is not None
    assert many.high - many.low < few.high - few.low
