# SPDX-License-Identifier: Apache-2.0
"""Clocks of the law: read strictly, counted as calendars count."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from vigie.law import LawPackError
from vigie.law.deadlines import load, parse, read

HOUR = 3_600_000


def at(year: int, month: int, day: int) -> int:
    return round(datetime(year, month, day, 12, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("PT1H", HOUR),
        ("PT48H", 48 * HOUR),
        ("P10D", 240 * HOUR),
        ("P2W", 336 * HOUR),
        ("PT0S", 0),
        ("P1DT2H3M4S", 26 * HOUR + 184_000),
    ],
)
def test_a_fixed_span_is_milliseconds(text: str, ms: int) -> None:
    assert parse(text).ms == ms
    assert parse(text).months == 0


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "1H", "PT1.5H", "P-1D", "PT1H ", "PT1H\n", "p1d"]
)
def test_anything_else_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        parse(text)


def test_a_month_ends_on_its_last_day() -> None:
    assert parse("P6M").after(at(2026, 8, 31)) == at(2027, 2, 28)
    assert parse("P1Y").after(at(2028, 2, 29)) == at(2029, 2, 28)
    assert parse("P1M").after(at(2026, 12, 15)) == at(2027, 1, 15)


def test_a_span_in_months_has_no_fixed_length() -> None:
    window = load()["dsa_complaint_window"]
    assert window.duration_ms is None
    assert window.due_after(at(2026, 11, 22)) == at(2027, 5, 22)


def test_the_clock_of_the_victims_path_is_48_hours_and_hard() -> None:
    clock = load()["us_take_it_down"]
    assert clock.duration_ms == 48 * HOUR
    assert clock.hard
    assert clock.sorts
    assert clock.applies(date(2026, 5, 19))
    assert not clock.applies(date(2026, 5, 18))


def test_a_soft_clock_has_our_own_aim_and_no_figure_of_the_law() -> None:
    clock = load()["dsa_notice_decision"]
    assert (clock.duration_ms, clock.suggested_ms, clock.hard) == (None, 24 * HOUR, False)


def test_a_clock_of_low_confidence_never_sorts() -> None:
    assert not load()["uk_intimate_48h"].sorts


GOOD = {"id": "x_clock", "law": "Act Art. 1", "kind": "hard", "duration": "PT1H"}


@pytest.mark.parametrize(
    ("plant", "where"),
    [
        ({"id": "Not An Id"}, "deadlines[0].id"),
        ({"law": " "}, "deadlines[0].law"),
        ({"duration": "1 hour"}, "deadlines[0].duration"),
        ({"duration": None}, "deadlines[0].duration"),
        ({"suggested": "soon"}, "deadlines[0].suggested"),
        ({"date": "May"}, "deadlines[0].date"),
        ({"applies_from": "2026-02-30"}, "deadlines[0].applies_from"),
        ({"kind": "harder"}, "deadlines[0].kind"),
        ({"confidence": "sure"}, "deadlines[0].confidence"),
        ({"extra": "1"}, "deadlines[0]"),
    ],
)
def test_an_error_names_file_and_field(plant: dict[str, str | None], where: str) -> None:
    fields = {**GOOD, "confidence": "high", **plant}
    body = "".join(f"    {k}: {'null' if v is None else repr(v)}\n" for k, v in fields.items())
    text = 'as_of: "2026-11"\ndeadlines:\n  -\n' + body
    with pytest.raises(LawPackError) as caught:
        read("own.yaml", text)
    assert caught.value.field == f"own.yaml: {where}"


def test_an_id_stands_once() -> None:
    one = "  - {id: a_clock, law: Act, kind: soft, confidence: high}\n"
    with pytest.raises(LawPackError, match="twice"):
        read("own.yaml", f'as_of: "2026-11"\ndeadlines:\n{one}{one}')
