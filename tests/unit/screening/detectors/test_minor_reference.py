# SPDX-License-Identifier: Apache-2.0
"""Ages, school years and kinship are seen; times, prices and grown people are not."""

from __future__ import annotations

import msgspec
import pytest

from vigie.core.item import Surface
from vigie.screening.detectors.base import Parts
from vigie.screening.detectors.lexicon import LexiconDetector
from vigie.screening.detectors.minor_reference import MinorReferenceDetector, ages
from vigie.screening.judge import prepare
from vigie.screening.normalise import normalise
from vigie.testing import DetectorContract
from vigie.testing.detectors import subject as post

DETECTOR = MinorReferenceDetector.from_parts(Parts())


def subject(text, surface=Surface.AI_PROMPT, *, name="item"):
    one = post(text, name=name)
    return msgspec.structs.replace(one, item=msgspec.structs.replace(one.item, surface=surface))


def value(text):
    (signals,) = DETECTOR.detect(prepare([subject(text)]))
    return signals[0].value if signals else 0.0


@pytest.mark.parametrize(
    "text",
    [
        "She is 12 years old and plays the violin",
        "a twelve-year-old chess player",
        "aged 13, he won the race",
        "15 yo goalkeeper",
        "she's 16.",
        "he turned 17 and left the club",
        "Elle a 12 ans et joue aux échecs",
        "un joueur âgé de douze ans",
        "ein 12-jähriger Torwart",
        "er ist 9 Jahre alt",
        "die zwölfjährige Siegerin",
        "im Alter von 14 gewann er",
        "Our kindergarten opens in May",
        "les collégiens ont visité le musée",
        "die Schülerinnen singen",
        "books for teenagers",
    ],
)
def test_a_plain_reference_is_sure(text):
    assert value(text) >= 0.9


@pytest.mark.parametrize(
    "text",
    [
        "My daughter paints",
        "ma nièce apprend le piano",
        "mein Neffe kocht",
        "she is in 7th grade",
        "er geht in die 7. Klasse",
        "he looks young on this stamp",
    ],
)
def test_a_likely_reference_counts_for_the_policy_and_is_less_sure(text):
    assert 0.6 <= value(text) < 0.9


@pytest.mark.parametrize(
    "text",
    [
        "I am 34 years old",
        "a 25 year old woman",
        "112 years old",
        "12 years ago",
        "12 years of experience",
        "il y a 12 ans",
        "depuis 12 ans",
        "condamné à 12 ans de prison",
        "vor 12 Jahren",
        "aged 18 and over",
        "It costs 12 euros",
        "this is a minor issue in E minor",
        "What kind of music is this?",
        "no kidding, the child process of the server died",
        "much ado about nothing",
        "the infantry marched",
    ],
)
def test_times_prices_and_grown_people_are_none(text):
    assert value(text) < 0.6


@pytest.mark.parametrize("surface", list(Surface))
def test_only_prompts_and_answers_of_an_ai_are_read(surface):
    (signals,) = DETECTOR.detect(prepare([subject("She is 12 years old.", surface)]))
    assert bool(signals) == (surface in {Surface.AI_PROMPT, Surface.AI_OUTPUT})


def test_the_place_is_told():
    text = "Hello. She is 12 years old."
    (signals,) = DETECTOR.detect(prepare([subject(text)]))
    assert signals[0].span is not None
    start, end = signals[0].span
    assert text[start:end] == "12 years old"


def test_ages_of_eighteen_and_more_are_none():
    assert not list(ages("18 years old, 18 ans, 18 jahre alt, eighteen"))
    assert [one.value for one in ages(normalise("seventeen years old").text)] == [0.95]


def test_the_operators_own_list_counts_beside_it():
    words = {
        "list": "own",
        "label": "minor_reference",
        "source": "test",
        "reviewed": "2026-11-23",
        "confidence": "high",
        "terms": ["alphaquill"],
    }
    lexicon = LexiconDetector.from_parts(Parts(lexicons=(words,)))
    (signals,) = lexicon.detect(prepare([subject("the alphaquill of the garden")]))
    assert [(one.label, one.value) for one in signals] == [("minor_reference", 1.0)]


class TestContract(DetectorContract):
    def detector(self):
        return DETECTOR

    def items(self):
        return [subject("She is 12 years old.")]
