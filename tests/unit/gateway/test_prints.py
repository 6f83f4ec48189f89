# SPDX-License-Identifier: Apache-2.0
"""Fingerprints: near for near texts, far for others, without meaning to who lacks the key."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.gateway.prints import NEAR_BITS, Prints, distance

PRINTS = Prints(b"k" * 32)
SENTENCES = (
    "Please draw me a boat on a quiet lake in the early morning light.",
    "Wie lange muss ein Brot in einer kalten Küche aufgehen, bis es fertig ist?",
    "Quels sont les horaires du musée des beaux-arts le dimanche après-midi ?",
    "Write a short poem for my grandmother, who is going to be eighty in May.",
    "Explain the difference between a violin and a viola to a child of eight.",
    "Which trees keep their leaves in winter, and how do they manage to do that?",
)


@pytest.mark.parametrize("text", SENTENCES)
def test_a_small_change_stays_near(text):
    changed = (text.upper(), text + "!!", text.replace(" ", "  "), text.replace("e", "3", 1))
    assert all(distance(PRINTS.of(text), PRINTS.of(one)) <= NEAR_BITS for one in changed)


def test_other_texts_are_far():
    found = [PRINTS.of(one) for one in SENTENCES]
    pairs = [(a, b) for n, a in enumerate(found) for b in found[n + 1 :]]
    assert min(distance(a, b) for a, b in pairs) > NEAR_BITS + 3


def test_unrelated_words_are_near_by_accident_less_than_once_in_ten_thousand():
    dice = random.Random(7)
    words = [
        "".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randint(3, 9)))
        for _ in range(800)
    ]
    found = [PRINTS.of(" ".join(dice.choices(words, k=14))) for _ in range(300)]
    near = sum(distance(a, b) <= NEAR_BITS for n, a in enumerate(found) for b in found[n + 1 :])
    assert near <= 4  # of 44,850 pairs


def test_without_the_key_a_print_says_nothing():
    other = Prints(b"o" * 32)
    differ = [distance(PRINTS.of(one), other.of(one)) for one in SENTENCES]
    assert all(18 <= bits <= 46 for bits in differ)


@given(st.text(max_size=400))
def test_any_text_has_a_print_of_64_bits(text):
    found = PRINTS.of(text)
    assert 0 <= found < 2**64
    assert found == PRINTS.of(text)


def test_nothing_has_no_print():
    assert PRINTS.of("") == PRINTS.of(" \n\t ") == 0


def test_a_long_text_is_read_at_both_ends():
    body = "word " * 40_000
    assert distance(PRINTS.of(body), PRINTS.of(body + "end")) <= NEAR_BITS
    began = time.process_time()
    PRINTS.of(body)
    assert time.process_time() - began < 0.02


def test_a_thousand_characters_cost_little():
    text = (" ".join(SENTENCES) * 3)[:1_000]
    PRINTS.of(text)
    rounds = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(100):
            PRINTS.of(text)
        rounds.append((time.process_time() - began) / 100)
    assert min(rounds) < 0.000_1  # measured: 33 microseconds
