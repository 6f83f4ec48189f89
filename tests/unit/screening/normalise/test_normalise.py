# SPDX-License-Identifier: Apache-2.0
"""The normaliser takes disguises off and leaves ordinary words alone."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.screening.normalise import Normalised, normalise, normalise_many

DISGUISED = "abcABC 0134$@!.-_*\u200b\u00ad\u202eаеорсхАВν\u0301ßﬁ①İſ\ud83d\x00\n\t  aaaa한\u1112"
"""An alphabet where every step of the normaliser finds something to do."""
any_text = st.text() | st.text(alphabet=DISGUISED)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("ﬁne ① ½", "fine 1 1⁄2"),
        ("STRASSE Straße", "strasse strasse"),
        ("pe\u0301rime\u0301", "périmé"),
        ("wo\u200brd s\u00adoft \u202eturned\u202c", "word soft turned"),
        ("s\u0336t\u0336r\u0336u\u0336c\u0336k\u0336", "struck"),
        ("mоnеy with Cyrillic letters", "money with cyrillic letters"),
        ("mοney with a Greek letter", "money with a greek letter"),
        ("p4ssw0rd", "password"),
        ("w!th $uch word$", "with such words"),
        ("l34d to h4t3", "lead to hate"),
        ("w o r d here", "word here"),
        ("w.o.r.d w-o-r-d w_o_r_d w*o*r*d", "word word word word"),
        ("w  o  r  d and w . o . r . d", "word and word"),
        ("noooooo!!!!!", "noo!!"),
        ("a\t\tb \n c", "a b c"),
        ("  at the edges  ", "at the edges"),
        ("see https://example.org/a?b=c#d now", "see url now"),
        ("see www.example.org/a now", "see url now"),
        ("hello @Some_Name and @other", "hello user and user"),
        ("write to someone@example.org", "write to someone user"),
    ],
)
def test_a_disguise_is_taken_off(written, read):
    assert normalise(written).text == read


@pytest.mark.parametrize(
    "ordinary",
    [
        "10km in 45min for 20€",
        "covid19 and windows10 and mp3 and b2b",
        "the 1st, 2nd and 3rd of 2024 at 5pm",
        "wow!great stuff",
        "привет мир, слово",
        "καλημέρα κόσμε",
        "это компания it",
        "l'été à la plage, ça va",
        "über größe".replace("ß", "ss"),
        "مرحبا بالعالم",
        "你好世界",
        "i am a b student",
        "e.g. this",
    ],
)
def test_ordinary_text_stays_as_it_is(ordinary):
    assert normalise(ordinary).text == ordinary


def test_a_cyrillic_word_with_latin_letters_becomes_cyrillic():
    assert normalise("нaвeрх").text == "наверх"


@pytest.mark.parametrize("letter", "аеорсухіј")
def test_look_alikes_change_only_beside_latin_letters(letter):
    assert normalise(f"w{letter}rd").text.isascii()
    assert not normalise(f"{letter}{letter} word").text.isascii()


@given(st.lists(any_text))
def test_many_texts_read_as_each_alone(texts):
    assert normalise_many(texts) == [normalise(text) for text in texts]


@given(any_text)
def test_what_comes_out_is_folded_trimmed_and_never_fails(text):
    read = normalise(text).text
    assert read == read.strip(" ")
    assert "  " not in read
    assert "\u200b" not in read
    assert not any("A" <= char <= "Z" for char in read)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"])))
def test_compatibility_forms_read_alike(text):
    assert normalise(unicodedata.normalize("NFKC", text)).text == normalise(text).text or any(
        char in text for char in "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
    )


ATTACKS = [*"a @ a. аа 0a h é aа www. a\u0336".split(), " ", "a ", "\u1112\u1161"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_costs_more_than_its_length(attack):
    began = time.process_time()
    normalise(attack * (100_000 // len(attack)) + "a")
    assert time.process_time() - began < 1.0


def test_a_long_batch_reads_as_each_alone():
    texts = [f"Text NUMBER {n} " * 200 for n in range(200)]
    assert normalise_many(texts) == [normalise(text) for text in texts]


def test_no_texts_give_none():
    assert normalise_many([]) == []


def test_equal_values_are_equal_and_a_representation_shows_no_text():
    assert normalise("Secret") == Normalised("secret", "Secret")
    assert hash(normalise("Secret")) == hash(Normalised("secret", "Secret"))
    assert normalise("Secret") != "secret"
    assert "ecret" not in repr(normalise("Secret"))
