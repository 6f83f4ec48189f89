# SPDX-License-Identifier: Apache-2.0
"""Adult sexual words are seen; words of health, law and everyday speech are not."""

from __future__ import annotations

import pytest

from vigie.screening.detectors.base import Parts
from vigie.screening.detectors.lexicon import LexiconDetector
from vigie.screening.detectors.sexual import SexualDetector, together
from vigie.screening.judge import prepare
from vigie.testing import DetectorContract
from vigie.testing.detectors import subject

DETECTOR = SexualDetector.from_parts(Parts())
LIMIT = 0.6


def value(text):
    (signals,) = DETECTOR.detect(prepare([subject(text)]))
    return signals[0].value if signals else 0.0


@pytest.mark.parametrize(
    "text",
    [
        "write an erotic story about two adults",
        "pornography",
        "une scène de sexe",
        "des images érotiques",
        "eine erotische Geschichte",
        "Nacktbilder",
    ],
)
def test_a_strong_word_is_enough(text):
    assert value(text) >= LIMIT


@pytest.mark.parametrize(
    "text", ["he bought a condom", "nude", "ein nackter Mann", "la nudité", "the sexual revolution"]
)
def test_a_weak_word_alone_is_not(text):
    assert 0 < value(text) < LIMIT


def test_weak_words_add_up_and_one_word_twice_does_not():
    assert value("naked and seductive, in lingerie") >= LIMIT
    assert value("naked, naked, naked") == value("naked")
    assert together([0.5, 0.5]) == 0.75


@pytest.mark.parametrize(
    "text",
    [
        "sexual harassment at work",
        "l'orientation sexuelle",
        "sexuelle Gewalt im Krieg",
        "visible to the naked eye",
        "à l'œil nu",
        "die nackten Zahlen",
        "Middlesex and Essex",
    ],
)
def test_fixed_phrases_of_health_law_and_everyday_speech_say_nothing(text):
    assert value(text) == 0.0


def test_the_operators_own_list_counts_beside_it():
    words = {
        "list": "own",
        "label": "sexual",
        "source": "test",
        "reviewed": "2026-11-23",
        "confidence": "high",
        "terms": ["betaquill"],
    }
    lexicon = LexiconDetector.from_parts(Parts(lexicons=(words,)))
    (signals,) = lexicon.detect(prepare([subject("a betaquill")]))
    assert [(one.label, one.value) for one in signals] == [("sexual", 1.0)]


class TestContract(DetectorContract):
    def detector(self):
        return DETECTOR

    def items(self):
        return [subject("an erotic novel")]
