# SPDX-License-Identifier: Apache-2.0
"""The brake that a door pulls by itself, and when it lets the Snapshot speak."""

from __future__ import annotations

import pytest

from vigie.core.gateway import Brake, Feature, Trips
from vigie.gateway.trips import DRIFT, FAILURES, MINUTE_MS, STOPS, Watch

TERMS = Trips(stops_per_hundred=50, least=10, failures=5)
CHAT = Feature.CHAT


def count(watch: Watch, terms: Trips = TERMS, begin: int = 0, **each: int) -> list:
    """Count harmless, stopped and failed exchanges, one a millisecond."""
    kinds = [(False, 0)] * each.get("harmless", 0) + [(True, 0)] * each.get("stopped", 0)
    kinds += [(False, 1)] * each.get("failed", 0)
    found = [
        watch.count(CHAT, terms, begin + n, stopped=stopped, failures=failures)
        for n, (stopped, failures) in enumerate(kinds)
    ]
    return [one for one in found if one is not None]


def test_a_share_of_stops_trips_and_a_smaller_one_does_not():
    watch = Watch()
    assert count(watch, harmless=11, stopped=10) == []
    [tripped] = count(watch, begin=100, stopped=1)
    assert (tripped.why, tripped.brake.feature, tripped.brake.countries) == (STOPS, CHAT, ("*",))
    assert tripped.brake.automatic
    assert tripped.brake.reason


def test_few_exchanges_trip_nothing():
    assert count(Watch(), stopped=9) == []


def test_failures_trip_whatever_their_share():
    [tripped] = count(Watch(), harmless=1_000, failed=5)
    assert tripped.why == FAILURES


def test_only_a_minute_counts():
    watch = Watch()
    assert count(watch, stopped=9) == []
    assert count(watch, begin=MINUTE_MS + 5_000, stopped=5) == []
    assert watch.stops(CHAT, ()) is None


def test_nought_is_never():
    never = Trips(stops_per_hundred=0, failures=0, least=1)
    assert count(Watch(), never, stopped=100, failed=100) == []


@pytest.mark.parametrize(("points", "trips"), [(20, True), (30, False), (0, False)])
def test_a_drift_against_yesterday_trips(points, trips):
    terms = Trips(stops_per_hundred=0, failures=0, least=10, drift_per_hundred=points)
    watch = Watch(lambda _: (1_000, 20))
    found = count(watch, terms, harmless=30, stopped=10)
    assert [one.why for one in found] == ([DRIFT] if trips else [])


def test_too_little_of_yesterday_is_no_measure():
    terms = Trips(stops_per_hundred=0, failures=0, least=10, drift_per_hundred=5)
    assert count(Watch(lambda _: (9, 0)), terms, harmless=30, stopped=10) == []


def test_it_holds_until_a_snapshot_holds_one_and_then_not_any_more():
    watch = Watch()
    count(watch, stopped=10)
    assert watch.stops(CHAT, ()) is not None
    elsewhere = Brake(number=3, feature=CHAT, countries=("FR",))
    assert watch.stops(CHAT, (elsewhere,)) is not None
    assert watch.stops(Feature.IMAGE_EDIT, ()) is None
    assert watch.stops(CHAT, (Brake(number=4, feature=CHAT, automatic=True),)) is None
    assert watch.stops(CHAT, ()) is None  # two people released it


def test_it_trips_once_while_it_holds():
    watch = Watch()
    assert len(count(watch, stopped=100)) == 1
