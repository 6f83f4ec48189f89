# SPDX-License-Identifier: Apache-2.0
"""Pictures of numbers: well-formed, said in words, escaped, the same in every language."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from vigie.web import charts
from vigie.web.charts import Series, Share


def drawn(svg):
    return ET.fromstring(str(svg))


@given(
    st.lists(st.lists(st.integers(0, 10**9), min_size=3, max_size=3), max_size=3),
)
def test_lines_stay_inside_the_picture(values):
    series = [Series(f"line {n}", one) for n, one in enumerate(values)]
    picture = drawn(charts.lines("k", "Title", "Finding", ["a", "b", "c"], series))
    for path in picture.iter("path"):
        for x, y in re.findall(r"([\d.]+) ([\d.]+)", path.attrib["d"]):
            assert 0 <= float(x) <= charts.WIDTH
            assert 0 <= float(y) <= charts.HEIGHT


def test_a_picture_says_what_it_shows_to_those_who_do_not_see_it():
    picture = drawn(charts.lines("days", "Decisions", "Ten in all.", ["1", "2"], []))
    assert picture.attrib["role"] == "img"
    assert picture.attrib["aria-labelledby"] == "days-t days-d"
    assert picture.find("title").text == "Decisions"
    assert picture.find("desc").text == "Ten in all."
    assert picture.find("g").attrib["aria-hidden"] == "true"


def test_words_in_a_picture_are_escaped():
    hostile = "</desc><script>alert(1)</script>"
    svg = charts.lines("k", hostile, hostile, [hostile], [Series(hostile, [1])])
    assert "<script" not in str(svg)
    rows = [Share(hostile, 0.5, 0.4, 0.6)]
    assert "<script" not in str(charts.shares("k", hostile, hostile, rows))


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_coordinates_are_never_written_in_the_language_of_the_reader(language):
    with translation.override(language):
        svg = str(charts.shares("k", "t", "f", [Share("denial", 0.035, 0.022, 0.055)]))
    assert not re.search(r'(?:cx|cy|x|y|d)="[^"]*,', svg)


def test_a_share_stands_inside_its_interval():
    picture = drawn(charts.shares("k", "t", "f", [Share("a", 0.1, 0.05, 0.3)]))
    [circle] = picture.iter("circle")
    [line] = [one for one in picture.iter("path") if one.attrib["class"] == "range"]
    low, high = (float(x) for x in re.findall(r"[ML]([\d.]+) ", line.attrib["d"]))
    assert low < float(circle.attrib["cx"]) < high


def test_names_at_the_ends_do_not_cover_one_another():
    series = [Series(name, [5]) for name in ("a", "b", "c")]
    picture = drawn(charts.lines("k", "t", "f", ["1"], series))
    places = [float(one.attrib["y"]) for one in picture.iter("text") if "class" in one.attrib]
    assert all(abs(b - a) >= charts.LINE for a, b in pairwise(places))


@pytest.mark.parametrize(
    ("most", "top"), [(0, 4), (3, 4), (5, 8), (13, 20), (39, 40), (41, 80), (900, 1200)]
)
def test_the_scale_ends_at_a_round_number(most, top):
    assert charts._nice(most) == top


@given(st.lists(st.one_of(st.none(), st.integers(0, 10**9)), max_size=12))
def test_bars_begin_at_zero_and_what_is_hidden_has_none(values):
    rows = [charts.Bar(f"row {n} " + "x" * 60, one, f"<{one}>") for n, one in enumerate(values)]
    picture = drawn(charts.bars("k", "Title", "Finding", rows))
    bars = list(picture.iter("rect"))
    assert len(bars) == len(values)
    top = max((one or 0 for one in values), default=0)
    for bar, value in zip(bars, values, strict=True):
        long = float(bar.attrib["width"])
        assert abs(long - (charts.BAR_LONG * (value or 0) / top if top else 0)) < 0.1
        assert float(bar.attrib["x"]) + long <= charts.WIDTH
    assert [one.text for one in picture.iter("text")][1::2] == [f"<{one}>" for one in values]
