# SPDX-License-Identifier: Apache-2.0
"""The coarse form: whatever the normaliser makes equal is equal in it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.streams import ADVERSE, FILLER, PLAIN, WAYS
from vigie.screening.lexicons.rules import in_word
from vigie.screening.normalise import normalise, normalise_many
from vigie.screening.normalise.tables import INVISIBLE, LEET, TO_CYRILLIC, TO_GREEK, TO_LATIN
from vigie.screening.streaming.forms import ALIKE, FORMS, skeleton

SIGNS = "abeilostxcy h4te013457@$!€+|аеорсухіαεορτ\u0301\u0336\u200b\u00ad ._*-éΐﬁⅣß\u0130한글屠.\n"
AT = "@\uff20\ufe6b"
"""What begins a name, which the normaliser writes anew."""


def addressed(text: str) -> bool:
    """Say whether the normaliser writes an address or a name anew."""
    folded = skeleton(text)
    return "w" in folded or "htp" in folded or "hxp" in folded or "@" in text


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(alphabet=SIGNS, max_size=30), st.text(max_size=20)))
def test_a_text_and_what_the_normaliser_makes_of_it_have_one_form(text) -> None:
    if not addressed(text):
        assert skeleton(normalise(text).text) == skeleton(text)


def test_every_character_has_the_form_of_what_the_normaliser_makes_of_it() -> None:
    codes = [*range(1, 0xD800), *range(0xF900, 0x1FBFF), 0x20000, 0xE0041]
    signs = [chr(code) for code in codes if not 0x3400 <= code < 0xAC00 and chr(code) not in AT]
    differ = [
        hex(ord(sign))
        for sign, normal in zip(signs, normalise_many(signs), strict=True)
        if skeleton(normal.text) != skeleton(sign)
    ]
    assert differ == []


@pytest.mark.parametrize("way", WAYS)
def test_a_disguise_changes_no_form(way) -> None:
    for seed, term in enumerate((*PLAIN, *ADVERSE)):
        plain = term.removesuffix("*")
        if not addressed(plain):
            dice = Random(seed)
            assert skeleton(WAYS[way](plain, dice)) == skeleton(plain)


@given(st.text(alphabet=SIGNS + "".join(FILLER), max_size=12), st.text(max_size=12))
def test_forms_are_local_what_follows_changes_nothing_before(before, after) -> None:
    whole = skeleton(before + after)
    assert whole.startswith(skeleton(before))


def test_every_sign_stands_for_the_letter_of_the_normalisers_tables() -> None:
    tables = (TO_LATIN, LEET, TO_CYRILLIC, TO_GREEK)
    for code, stands in ((s, x) for table in tables for s, x in table.items()):
        letter = stands if isinstance(stands, str) else chr(stands)
        assert ALIKE.get(chr(code), chr(code)) == ALIKE.get(letter, letter)
    assert not {c for c in ALIKE if c.isascii() and c.isalpha()}


def test_what_cannot_be_seen_and_separators_have_no_form() -> None:
    assert skeleton(" .\u2024_*-\n\u00a0\u200b\u00ad\u0301\u20dd\ufe0f") == ""
    assert not [c for c in INVISIBLE if c != "-" and FORMS[c][0]]


def test_no_word_begins_after_a_letter_that_stays_one() -> None:
    for code in range(1, 0x3000):
        signs, goes_on = FORMS[chr(code)]
        if goes_on:
            assert signs
            assert in_word(normalise(chr(code)).text[-1])
