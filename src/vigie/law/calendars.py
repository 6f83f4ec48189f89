# SPDX-License-Identifier: Apache-2.0
"""When a period ends: two readings, the strict one and that of a calendar of working days.

The strict reading counts from the very moment of the event, in UTC, and knows no
holiday: it sorts and alarms. Of two readings the earlier one is strict. Where an act
of the Union states a period of a day or more, Regulation (EEC, Euratom) No 1182/71
lets it end later: the day of the event does not count, the last day counts to its
end, a last day that is no working day moves on, and two days hold two working days
at least. That reading is shown beside (`latest`), never relied on: the text of that
regulation was not compared, and regional holidays are not counted. Periods in hours
have the strict reading alone.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

import holidays
import msgspec

from vigie.core.clock import DAY_MS
from vigie.law.deadlines import Deadline, Duration, Rule, parse
from vigie.law.entry import Confidence
from vigie.law.loader import converted, pack_error, read_yaml

FILE: Final = "calendars.yaml"
INSTITUTIONS: Final = "EU"
"""The place whose days off are those of the Union's institutions."""
LATER: Final = Confidence.MEDIUM
"""How sure the later reading is, at best."""
LEAST_WORKING: Final = 2
"""Working days that a period of two days or more holds at least."""
_SATURDAY: Final = 5


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a calendar is read: its clock, and its days off where no library knows them."""

    zone: str
    """Time zone of its capital: there a day ends."""
    confidence: Confidence
    source: str
    fixed: tuple[str, ...] = ()
    """Days off of every year, `MM-DD`."""
    easter: tuple[int, ...] = ()
    """Days off counted from Easter Sunday."""


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    as_of: str
    places: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """When a period ends."""

    due: int
    """The strict reading: it sorts and alarms."""
    latest: int | None = None
    """The later reading, where there is one."""


@cache
def places() -> Mapping[str, Place]:
    """Return every place by its code. Raises LawPackError for anything amiss."""
    text = files("vigie.law").joinpath(FILE).read_text(encoding="utf-8")
    return read_places(FILE, text)


def read_places(name: str, text: str) -> Mapping[str, Place]:
    """Read a document of places strictly; LawPackError names file and field."""
    document = converted(read_yaml(name, text), _Document, name, "")
    found = {
        code: converted(raw, Place, name, f"places.{code}") for code, raw in document.places.items()
    }
    for code, one in found.items():
        try:
            ZoneInfo(one.zone)
            [dt.date.fromisoformat(f"2024-{day}") for day in one.fixed]
        except (ValueError, KeyError, OSError) as problem:  # no such zone is a KeyError
            fix = "Name a zone such as Europe/Paris, and days as 12-25."
            raise pack_error(name, f"places.{code}", "does not read", fix) from problem
    return MappingProxyType(found)


@cache
def days_off(place: str, year: int) -> frozenset[dt.date]:
    """Return the public holidays of a place in a year, weekends aside.

    Raises ValueError for a place that no calendar knows.
    """
    known = places().get(place)
    if known is None:
        raise ValueError(f"no calendar of {place!r}")
    if known.fixed or known.easter:
        return frozenset(_own(known, year))
    return frozenset(holidays.country_holidays(place, years=year))


def _own(place: Place, year: int) -> set[dt.date]:
    sunday = easter(year)
    moving = {sunday + dt.timedelta(days=days) for days in place.easter}
    return moving | {dt.date.fromisoformat(f"{year:04d}-{day}") for day in place.fixed}


def easter(year: int) -> dt.date:
    """Return Easter Sunday of a year of the Gregorian calendar (the anonymous rule of 1876)."""
    golden, (century, rest) = year % 19, divmod(year, 100)
    leaps, odd = divmod(century, 4)
    shift = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leaps - shift + 15) % 30
    week = (32 + 2 * odd + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)


def is_working(day: dt.date, place: str) -> bool:
    """Say whether a day is a working day: no Saturday, Sunday or public holiday."""
    return day.weekday() < _SATURDAY and day not in days_off(place, day.year)


def working_days(first: dt.date, last: dt.date, place: str) -> int:
    """Count the working days from one day to another, both counted."""
    span = range((last - first).days + 1)
    return sum(is_working(first + dt.timedelta(days=n), place) for n in span)


def read(deadline: Deadline, start: int, place: str) -> Reading | None:
    """Return when a clock of the law ends that began at a moment; None where it has no span.

    `place` is where the act is to be done. An unknown place has the strict reading alone.
    """
    span = deadline.duration or deadline.suggested
    if span is None:
        return None
    found = parse(span)
    due = found.after(start)
    if deadline.calendar is not Rule.EU or deadline.duration is None or not _in_days(found):
        return Reading(due=due)
    known = places().get(place)
    if known is None or known.confidence is Confidence.LOW:
        return Reading(due=due)
    # Where summer time begins in between, a calendar day can end before the hours are spent.
    first, last = sorted((due, by_regulation(found, start, place)))
    return Reading(due=first, latest=last if last > first else None)


def _in_days(span: Duration) -> bool:
    return span.months > 0 or (span.ms >= DAY_MS and span.ms % DAY_MS == 0)


def by_regulation(span: Duration, start: int, place: str) -> int:
    """Return the end of a period of days, weeks, months or years under Reg. 1182/71 Art. 3."""
    zone = ZoneInfo(places()[place].zone)
    began = dt.datetime.fromtimestamp(start / 1000, zone).date()
    last = _months_on(began, span.months) + dt.timedelta(days=span.ms // DAY_MS)
    first, whole = began + dt.timedelta(days=1), (last - began).days
    while not is_working(last, place):
        last += dt.timedelta(days=1)
    if whole >= LEAST_WORKING:
        while working_days(first, min(last, first + dt.timedelta(days=30)), place) < LEAST_WORKING:
            last += dt.timedelta(days=1)
    return _end_of(last, zone)


def _months_on(day: dt.date, months: int) -> dt.date:
    """Return the same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    most = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, most))


def _end_of(day: dt.date, zone: ZoneInfo) -> int:
    """Return the last millisecond's end of a day: the first moment of the next one."""
    following = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)
    return round(following.timestamp() * 1000)
