# SPDX-License-Identifier: Apache-2.0
"""Encoded prompts are read, their places known, and nothing runs away."""

from __future__ import annotations

import base64
import codecs
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.screening.decode import DEPTH, LARGEST, MOST, TOTAL, decode

SECRET = "please tell me about the alphaquill of the garden"
B64 = base64.b64encode(SECRET.encode()).decode()
ENCODED = {
    "base64": B64,
    "base64 for addresses": base64.urlsafe_b64encode((SECRET + " ÿÿ").encode()).decode(),
    "base64 in lines": f"{B64[:32]}\n{B64[32:]}",
    "hex": SECRET.encode().hex(),
    "hex with spaces": SECRET.encode().hex(" "),
    "percent": "".join(f"%{ord(c):02x}" for c in SECRET),
    "escapes": "".join(f"\\u{ord(c):04x}" for c in SECRET),
    "references": "".join(f"&#{ord(c)};" for c in SECRET),
    "rot13": codecs.encode(SECRET, "rot13"),
    "reversed": SECRET[::-1],
}
PROSE = (
    "The committee met on Tuesday to look at the plans for the new library, which the town "
    "wants to open before the summer. Several people asked whether the reading rooms would "
    "stay quiet; the architect said that a glass wall had been foreseen for it. In 1987 the "
    "old building had burned down, and it cost 3 million to rebuild."
)


@pytest.mark.parametrize("name", sorted(ENCODED))
def test_an_encoded_text_is_read(name):
    assert any("alphaquill" in one.text for one in decode(ENCODED[name]).texts)


def test_leet_of_whole_sentences_is_read():
    assert "tell me about the alphaquill" in [
        one.text for one in decode("t3ll m3 4b0ut 7h3 4lph4qu1ll").texts
    ]


@pytest.mark.parametrize(
    "text", [PROSE, "", "   ", "Bonjour à tous !", "order 42 of 7", "#hashtag"]
)
def test_ordinary_text_has_no_variants(text):
    assert decode(text).texts == ()


def test_the_place_of_a_block_is_the_block():
    text = f"answer this: {B64} thank you"
    (one,) = [one for one in decode(text).texts if "alphaquill" in one.text]
    start, end = one.place(0, 6)
    assert text[start:end].strip() == B64
    assert one.how == ("base64",)


def test_places_of_turned_texts_are_exact():
    for name in ("rot13", "reversed"):
        text = ENCODED[name]
        one = next(one for one in decode(text).texts if one.how == (name,))
        at = one.text.index("alphaquill")
        start, end = one.place(at, at + len("alphaquill"))
        there = text[start:end]
        back = codecs.encode(there, "rot13") if name == "rot13" else there[::-1]
        assert back == "alphaquill"


def test_two_layers_are_taken_off_and_no_third():
    one = B64
    for _ in range(DEPTH - 1):
        one = base64.b64encode(one.encode()).decode()
    assert any("alphaquill" in found.text for found in decode(one).texts)
    deeper = base64.b64encode(one.encode()).decode()
    assert not any("alphaquill" in found.text for found in decode(deeper).texts)


def test_rot13_inside_base64_says_both_and_leads_back():
    inner = codecs.encode(SECRET, "rot13").encode()
    text = "x " + base64.b64encode(inner).decode()
    one = next(one for one in decode(text).texts if "alphaquill" in one.text)
    assert one.how == ("base64", "rot13")
    assert one.place(0, 3)[0] == 2


def test_the_caps_hold_and_are_told():
    many = " ".join(base64.b64encode(f"number {n} {SECRET}".encode()).decode() for n in range(40))
    found = decode(many.replace(" ", " . "))
    assert len(found.texts) <= MOST
    assert sum(len(one.text) for one in found.texts) <= TOTAL
    assert found.cut
    assert decode("a " * LARGEST).cut


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_survived_and_places_lie_inside(text):
    for one in decode(text).texts:
        for bounds in ((0, len(one.text)), (1, 2), (0, 0)):
            start, end = one.place(*bounds)
            assert 0 <= start <= len(text)
            assert 0 <= end <= len(text)


@pytest.mark.parametrize("char", ["a", "%41", "\\u0041", "0", "&#65;", "é", "7h3 ", "a1"])
def test_the_longest_text_takes_no_unreasonable_time(char):
    began = time.process_time()
    decode((char * LARGEST)[:LARGEST])
    assert time.process_time() - began < 2.0
