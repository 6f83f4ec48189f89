# SPDX-License-Identifier: Apache-2.0
"""Calendars of working days: the strict reading stands, the later one is shown beside it."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import pytest

from vigie.core.clock import DAY_MS, from_iso
from vigie.law import LawPackError, calendars
from vigie.law.calendars import by_regulation, days_off, easter, is_working, places, read
from vigie.law.deadlines import load, parse
from vigie.law.entry import Confidence

EPOC = load()["eevidence_epoc"]


def test_every_country_served_by_default_has_a_calendar() -> None:
    from vigie.core.territory import DEFAULT_COUNTRIES

    assert set(DEFAULT_COUNTRIES) <= set(places())
    for place in places():
        assert days_off(place, 2026), place


def test_easter_is_where_it_is() -> None:
    for year in range(1950, 2100):
        mondays = holidays.country_holidays("FR", years=year).get_named("Easter Monday")
        assert mondays == [easter(year) + timedelta(days=1)]


def test_working_days_are_no_weekend_and_no_national_holiday() -> None:
    assert not is_working(date(2026, 11, 22), "FR")  # Sunday
    assert not is_working(date(2026, 11, 11), "FR")  # Wednesday, a holiday there
    assert is_working(date(2026, 11, 11), "DE")
    assert not is_working(date(2026, 10, 26), "AT")  # Monday, the national day
    assert not is_working(date(2026, 12, 28), "EU")
    assert not is_working(date(2026, 4, 2), "EU")  # Maundy Thursday


def test_an_unknown_place_is_an_error_and_never_a_guess() -> None:
    with pytest.raises(ValueError, match="no calendar"):
        days_off("ZZ", 2026)


def test_hours_run_through_nights_weekends_and_holidays() -> None:
    start = from_iso("2026-12-25T23:59:59Z")
    found = read(load()["tco_removal"], start, "DE")
    assert found == calendars.Reading(due=start + 3_600_000, latest=None)


@pytest.mark.parametrize(
    ("start", "due", "latest"),
    [
        # Day 10 is a Sunday: the strict reading keeps it, the later one ends with Monday.
        ("2026-12-17T10:00:00Z", "2026-12-27T10:00:00Z", "2026-12-28T23:00:00Z"),
        # Day 10 is a working day: only the rest of it is added.
        ("2026-11-13T10:00:00Z", "2026-11-23T10:00:00Z", "2026-11-23T23:00:00Z"),
        # Day 10 is Good Friday: past Easter Monday, summer time has begun.
        ("2026-03-24T10:00:00Z", "2026-04-03T10:00:00Z", "2026-04-07T22:00:00Z"),
        # Late in the evening in UTC it is the next day there.
        ("2026-06-10T22:30:00Z", "2026-06-20T22:30:00Z", "2026-06-22T22:00:00Z"),
    ],
)
def test_ten_days_end_later_where_the_last_day_is_no_working_day(
    start: str, due: str, latest: str
) -> None:
    found = read(EPOC, from_iso(start), "DE")
    assert found is not None
    assert (found.due, found.latest) == (from_iso(due), from_iso(latest))


def test_two_days_or_more_hold_two_working_days() -> None:
    # Thursday before Easter: Good Friday, the weekend and Monday do not count.
    thursday = from_iso("2026-04-02T09:00:00Z")
    assert by_regulation(parse("P2D"), thursday, "DE") == from_iso("2026-04-08T22:00:00Z")
    # One day alone moves on to the next working day only.
    assert by_regulation(parse("P1D"), thursday, "DE") == from_iso("2026-04-07T22:00:00Z")


def test_months_end_on_their_last_day_and_years_on_29_february_too() -> None:
    assert by_regulation(parse("P6M"), from_iso("2026-08-31T09:00:00Z"), "FR") == from_iso(
        "2027-03-01T23:00:00Z"
    )  # 28 February 2027 is a Sunday
    assert by_regulation(parse("P1Y"), from_iso("2028-02-29T09:00:00Z"), "FR") == from_iso(
        "2029-02-28T23:00:00Z"
    )


def test_the_later_reading_is_never_before_the_strict_one() -> None:
    span = load()["eevidence_epocpr"]
    day = from_iso("2026-01-01T22:59:00Z")
    for place in ("FR", "DE", "PT", "FI", "CY"):
        for offset in range(0, 400, 7):
            found = read(span, day + offset * DAY_MS, place)
            assert found is not None
            assert found.latest is not None
            assert found.due < found.latest <= found.due + 14 * DAY_MS
            assert found.due <= day + offset * DAY_MS + 60 * DAY_MS


def test_where_summer_time_begins_the_earlier_end_is_the_strict_one() -> None:
    # Sixty times 24 hours end at 00:59 in Paris, an hour after the sixtieth day there.
    found = read(load()["eevidence_epocpr"], from_iso("2026-01-29T22:59:00Z"), "FR")
    assert found is not None
    assert (found.due, found.latest) == (
        from_iso("2026-03-30T22:00:00Z"),
        from_iso("2026-03-30T22:59:00Z"),
    )


def test_without_a_sure_calendar_the_strict_reading_stands_alone() -> None:
    start = from_iso("2026-12-17T10:00:00Z")
    assert places()["EU"].confidence is Confidence.LOW
    for place in ("", "US", "EU"):
        assert read(EPOC, start, place) == calendars.Reading(due=start + 10 * DAY_MS)


def test_what_no_act_of_the_union_states_has_no_later_reading() -> None:
    letter = load()["us_preservation_letter"]
    start = from_iso("2026-12-17T10:00:00Z")
    found = read(letter, start, "FR")
    assert found is not None
    assert found.latest is None
    assert read(load()["eevidence_applies"], start, "FR") is None


def test_a_place_that_does_not_read_names_file_and_field() -> None:
    text = 'as_of: "2026-11"\nplaces:\n  "XX": {zone: Mars/Base, confidence: low, source: none}\n'
    with pytest.raises(LawPackError) as problem:
        calendars.read_places("own.yaml", text)
    assert "places.XX" in str(problem.value.field)


def test_days_off_of_the_institutions_move_with_easter() -> None:
    sunday = easter(2027)
    assert sunday + timedelta(days=1) in days_off("EU", 2027)
    assert sunday + timedelta(days=39) in days_off("EU", 2027)
