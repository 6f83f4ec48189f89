# SPDX-License-Identifier: Apache-2.0
"""What earlier turns said counts, fades, and never grows out of harmless turns."""

from __future__ import annotations

import pytest

from vigie.core.item import Author, Item, Subject, Surface
from vigie.screening.detectors.base import Parts
from vigie.screening.detectors.conversation import DECAY, ConversationDetector, rolled
from vigie.screening.judge import prepare
from vigie.testing import DetectorContract


def turn(*earlier):
    item = Item(id="i", surface=Surface.AI_PROMPT, author=Author(id="a"), text="and now?")
    return Subject(item, gateway=True, earlier=tuple(earlier))


def found(*earlier):
    (signals,) = ConversationDetector.from_parts(Parts()).detect(prepare([turn(*earlier)]))
    return {one.label: one.value for one in signals}


def test_the_two_halves_of_the_conjunction_come_back_as_themselves_however_old():
    earlier = [("minor_reference", 0.9), *[("denial", 0.0)] * 50, ("sexual", 0.7), ("sexual", 0.2)]
    assert found(*earlier) == {"minor_reference": 0.9, "sexual": 0.7}


def test_a_finding_fades_turn_by_turn():
    assert found(("denial", 0.8)) == {"conversation_denial": 0.8}
    assert found(("denial", 0.8), ("denial", 0.1)) == {"conversation_denial": 0.48}
    assert found(("denial", 0.8), ("denial", 0.0), ("denial", 0.0))[
        "conversation_denial"
    ] == pytest.approx(0.8 * DECAY**2)


def test_findings_add_up_to_one_at_most():
    assert rolled((("nudify", 0.5), ("nudify", 0.5)))["conversation_nudify"] == 0.8
    assert rolled((("nudify", 0.9),) * 9)["conversation_nudify"] == 1.0


def test_a_long_harmless_conversation_amounts_to_nothing():
    assert found(*[("denial", 0.29)] * 500) == {}


def test_labels_that_it_does_not_know_are_left_out_and_no_conversation_says_nothing():
    assert found(("context", 1.0), ("conversation_denial", 1.0)) == {}
    assert found() == {}


class TestContract(DetectorContract):
    def detector(self):
        return ConversationDetector.from_parts(Parts())

    def items(self):
        return [turn(("denial", 0.9))]
