# SPDX-License-Identifier: Apache-2.0
"""The link detector: listed domains however an address is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.errors import InvalidInputError
from vigie.core.item import Author, Item, Subject, Surface
from vigie.screening.batch import Batch, Prepared
from vigie.screening.detectors.base import Parts
from vigie.screening.detectors.link import LinkDetector, split_address

DOMAINS = ["bad.example", "münchen.example", "t.example/club"]
LISTS = (
    {"list": "bad", "label": "terror", "domains": DOMAINS},
    {"list": "worse", "label": "scam", "domains": ["bad.example"]},
)


def detect(text=None, links=(), lists=LISTS):
    item = Item(id="i", surface=Surface.POST, author=Author(id="a"), text=text, links=list(links))
    return LinkDetector.from_parts(Parts(domains=lists)).detect(Batch([Prepared(Subject(item))]))[0]


@pytest.mark.parametrize(
    "link",
    [
        "https://bad.example",
        "HTTP://BAD.EXAMPLE/path?q#f",
        "https://user:word@bad.example:8443/",
        "https://good.example@bad.example",
        "//bad.example/x",
        "bad.example",
        "www.sub.bad.example.",
        "https:\\\\bad.example\\x",
        "https://b%61d.example/",
        "https://bad。example",
        "https://ｂａｄ.example",
        "https://münchen.example/",
        "https://xn--mnchen-3ya.example/",
        "https://t.example/club",
        "https://t.example/club/123?x",
    ],
)
def test_a_listed_link_is_found_however_written(link):
    assert detect(links=[link])[0].label == "terror"


@pytest.mark.parametrize(
    "link",
    [
        "https://notbad.example",
        "https://bad.example.org",
        "https://example/bad.example",
        "https://good.example/?u=https://bad.example",
        "https://t.example/clubs",
        "https://t.example/",
        "https://[::1]/",
        "",
        "https://",
        "https://xn--\u00e9.example",
        "mailto:someone@good.example",
    ],
)
def test_another_link_is_not(link):
    assert detect(links=[link]) == []


def test_every_list_of_a_domain_reports():
    assert [s.marks for s in detect(links=["bad.example"])] == [("list:bad",), ("list:worse",)]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("go to https://bad.example/a, now", (6, 27)),
        ("go to sub.bad.example!", (6, 21)),
        ("(www.bad.example)", (1, 16)),
        ("hxxps://bad.example", (0, 19)),
        ("see https:bad.example or bad.example/x", (10, 21)),
        ("see HTTPS://BAD.EXAMPLE", (4, 23)),
    ],
)
def test_links_in_the_text_are_found_with_their_place(text, span):
    assert detect(text)[0].span == span


@pytest.mark.parametrize("text", ["mail me@bad.example please", "bad example", "no.bad", "a.b.c"])
def test_what_is_no_link_is_not_taken_for_one(text):
    assert detect(text) == []


def test_a_link_named_twice_is_reported_once():
    assert len(detect("bad.example", links=["https://bad.example"])) == 2


def test_a_look_alike_of_a_listed_host_is_marked():
    (first, _) = detect(links=["https://b\u0430d.example"])
    assert first.marks == ("list:bad", "homograph")
    assert detect(links=["https://xn--bd-7kc.example"])[0].marks[1] == "homograph"


def test_without_lists_nothing_is_found():
    assert detect("https://bad.example", lists=()) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"list": "x", "label": "y"},
        {"list": "x", "domains": ["a.example"]},
        {"label": "y", "domains": ["a.example"]},
        {"list": "x", "label": "y", "domains": "a.example"},
        {"list": "x", "label": "y", "domains": [7]},
        {"list": "x", "label": "y", "domains": ["example"]},
    ],
)
def test_a_broken_list_is_refused(broken):
    with pytest.raises(InvalidInputError):
        LinkDetector.from_parts(Parts(domains=(broken,)))


@given(st.text(), st.lists(st.text(), max_size=3))
def test_no_text_and_no_link_makes_it_fail(text, links):
    detect(text, links)


@given(st.text())
def test_no_address_makes_it_fail(address):
    host, _ = split_address(address)
    assert not host.startswith(".")


def test_a_host_beside_its_scheme_is_reported_once():
    assert [s.marks for s in detect("see https://bad.example/x and bad.example")] == [
        ("list:bad",),
        ("list:worse",),
    ]
