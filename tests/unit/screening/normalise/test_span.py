# SPDX-License-Identifier: Apache-2.0
"""The way back from normalised text to the original."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.screening.normalise import normalise, tracked

DISGUISED = (
    "abcABC 0134$@!.-_*\u200b\u00ad\u202eаеорсхАВν\u0301ßﬁ①İſ\n\t  aaaa한\u1112\u1161㍿…http://www."
)
any_text = st.text() | st.text(alphabet=DISGUISED)


def original(text: str, part: str) -> str:
    normal = normalise(text)
    start = normal.text.index(part)
    low, high = normal.span(start, start + len(part))
    return text[low:high]


@given(any_text)
def test_the_tracked_way_gives_the_same_text(text):
    places = tracked.places(text)
    assert places.text == normalise(text).text
    assert len(places.starts) == len(places.ends) == len(places.text)


@given(any_text, st.integers(-5, 50), st.integers(-5, 50))
def test_a_span_lies_inside_the_original(text, start, end):
    low, high = normalise(text).span(start, end)
    assert 0 <= low <= high <= len(text)


@given(any_text)
def test_the_whole_text_leads_to_all_that_was_kept(text):
    normal = normalise(text)
    low, high = normal.span(0, len(normal.text))
    assert normalise(text[low:high]).text == normal.text or not normal.text


@given(st.text(alphabet="abc xyz"), st.text(alphabet="abc xyz"))
def test_a_planted_word_is_found_again(before, after):
    text = f"{before} W\u200bＯ4RD... {after}"
    assert original(text, "woard") == "W\u200bＯ4RD"


@pytest.mark.parametrize(
    ("text", "part", "found"),
    [
        ("Some WORD here", "word", "WORD"),
        ("a w\u00ado\u00adr\u00add b", "word", "w\u00ado\u00adr\u00add"),
        ("a w o r d b", "word", "w o r d"),
        ("so looooong", "loong", "looooong"),
        ("ﬁne Straße", "strasse", "Straße"),
        ("x pe\u0301t y", "pét", "pe\u0301t"),
        ("go https://example.org/a now", "url", "https://example.org/a"),
        ("é mоnеy é", "money", "mоnеy"),
        ("tail   \n gap", "tail gap", "tail   \n gap"),
    ],
)
def test_a_part_leads_back_to_what_was_written(text, part, found):
    assert original(text, part) == found


def test_ordinary_text_needs_no_map(monkeypatch):
    monkeypatch.setattr(tracked, "places", lambda _: pytest.fail("the map was built"))
    assert normalise("Ordinary Text, ÉTÉ").span(0, 8) == (0, 8)


def test_the_map_is_built_only_when_asked(monkeypatch):
    monkeypatch.setattr(tracked, "places", lambda _: pytest.fail("the map was built"))
    normalise("w\u200bord")


@pytest.mark.parametrize("attack", ["a\u0301" * 50_000, "\u1112\u1161" * 50_000, "é ａ" * 33_000])
def test_the_map_of_a_long_text_takes_its_length(attack):
    began = time.process_time()
    normalise(attack).span(0, 3)
    assert time.process_time() - began < 3.0
