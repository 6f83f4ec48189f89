# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.errors import OutsideError
from vigie.gateway.sse import Frame, Reader

TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\n"),
    min_size=1,
    max_size=20,
)


def read(data: bytes, cuts: list[int], largest: int = 1 << 20) -> list[Frame]:
    """Feed bytes cut at some places; return every event."""
    reader = Reader(largest)
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    found = [frame for a, b in pairwise(places) for frame in reader.feed(data[a:b])]
    return found + reader.end()


@given(st.lists(TEXT, max_size=6), st.lists(st.integers(0, 200)), st.sampled_from(["\n", "\r\n"]))
def test_however_the_bytes_are_cut_the_events_are_the_same(
    texts: list[str], cuts: list[int], newline: str
) -> None:
    data = "".join(f"data: {text}{newline}{newline}" for text in texts).encode()
    assert [one.data for one in read(data, cuts)] == [text.encode() for text in texts]


@given(st.lists(TEXT, max_size=6), st.lists(st.integers(0, 200)))
def test_a_plain_event_is_given_out_as_the_bytes_it_came_in(
    texts: list[str], cuts: list[int]
) -> None:
    data = "".join(f"data: {text}\n\n" for text in texts).encode()
    assert b"".join(one.raw for one in read(data, cuts)) == data


def test_names_comments_and_several_lines_are_read_and_comments_are_left_out() -> None:
    data = b": a comment\nid: 7\nevent: said\ndata: {\ndata: }\n\n"
    assert read(data, []) == [Frame("said", b"{\n}", b"event: said\ndata: {\ndata: }\n\n")]


def test_what_has_no_data_is_no_event() -> None:
    assert read(b": still here\n\nevent: ping\n\n\n\ndata: x\n\n", []) == [
        Frame("", b"x", b"data: x\n\n")
    ]


def test_lone_carriage_returns_end_lines_too() -> None:
    assert [one.data for one in read(b"data: a\r\rdata: b\r\r", [9, 10])] == [b"a", b"b"]


def test_a_byte_order_mark_at_the_beginning_is_not_part_of_the_first_line() -> None:
    assert [one.data for one in read(b"\xef\xbb\xbfdata: a\n\n", [])] == [b"a"]


@pytest.mark.parametrize("data", [b"data: [DONE]", b'data: {"a":1}', b'data: {"a":1}\n'])
def test_a_last_event_whose_empty_line_is_missing_counts_where_all_of_it_came(data: bytes) -> None:
    assert len(read(data, [])) == 1


def test_half_an_event_at_the_end_is_dropped() -> None:
    assert read(b'data: {"a":', []) == []


def test_an_event_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(OutsideError, match="too large"):
        read(b"data: " + b"x" * 200, [], largest=100)
