# SPDX-License-Identifier: Apache-2.0
"""Every detector keeps the contract that ships with the package."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

import pytest

from vigie.core.decision import Signal
from vigie.core.item import MediaFacts, Subject
from vigie.screening.detectors.base import Parts
from vigie.screening.detectors.hash import HashDetector
from vigie.screening.detectors.image import SeenDetector
from vigie.screening.detectors.lexicon import LexiconDetector
from vigie.screening.detectors.link import LinkDetector
from vigie.screening.detectors.text_linear import TextLinearDetector
from vigie.screening.lexicons import load_shipped
from vigie.testing import DetectorContract
from vigie.testing.detectors import subject

BUILT_IN: dict[str, type[Any]] = {
    "hash": HashDetector,
    "image": SeenDetector,
    "lexicon": LexiconDetector,
    "link": LinkDetector,
    "text_linear": TextLinearDetector,
}


def test_built_in_detectors_are_found_by_the_door_of_all_others():
    found = {point.name: point.load() for point in entry_points(group="vigie.detectors")}
    assert BUILT_IN.items() <= found.items()


def test_names_are_distinct():
    assert len({kind.name for kind in BUILT_IN.values()}) == len(BUILT_IN)


@pytest.mark.parametrize("kind", BUILT_IN.values(), ids=BUILT_IN)
def test_a_detector_can_be_built_from_nothing(kind):
    assert kind.from_parts(Parts()).name == kind.name


class TestLexicon(DetectorContract):
    def detector(self):
        return LexiconDetector.from_parts(Parts(lexicons=load_shipped()))

    def items(self):
        return [subject("They say the Holocau\u00adst NEVER happened 😀", name="claim")]


class TestLink(DetectorContract):
    def detector(self):
        domains = {"list": "made", "label": "scam", "domains": ["bad.example"]}
        return LinkDetector.from_parts(Parts(domains=(domains,)))

    def items(self):
        return [subject("see 😀 bad.example"), subject(None, links=["https://bad.example/x"])]


class TestTextLinear(DetectorContract):
    def detector(self):
        return TextLinearDetector.from_parts(Parts())

    def items(self):
        return [subject("A sentence of which a score is made.", name="scored")]


class TestHash(DetectorContract):
    """A picture that could not be read yields a signal without any list."""

    def detector(self):
        return HashDetector.from_parts(Parts())

    def items(self):
        return [Subject(subject(None).item, (MediaFacts(status="failed", problem="broken"),))]


class LeavesOneOut(TextLinearDetector):
    def detect(self, batch):
        return super().detect(batch)[1:]


class NamesAnother(TextLinearDetector):
    def detect(self, batch):
        other = Signal(detector="x", version="1", label="y")
        return [[other] for _ in super().detect(batch)]


class LooksAround(TextLinearDetector):
    def detect(self, batch):
        value = 1 / (1 + len(batch.items))
        own = Signal(detector=self.name, version=self.version, label="hate", value=value)
        return [[own] for _ in batch.items]


class SeesNothing(TextLinearDetector):
    def detect(self, batch):
        return [[] for _ in batch.items]


class PointsOutside(TextLinearDetector):
    def detect(self, batch):
        own = Signal(detector=self.name, version=self.version, label="hate", span=(0, 99_999))
        return [[own] for _ in batch.items]


@pytest.mark.parametrize(
    ("kind", "promise"),
    [
        (LeavesOneOut, "test_there_is_one_list_for_each_item"),
        (NamesAnother, "test_every_signal_is_its_own"),
        (LooksAround, "test_an_item_is_seen_alike_alone_and_among_others"),
        (SeesNothing, "test_it_reports_something"),
        (PointsOutside, "test_spans_lie_in_the_original_text"),
    ],
)
def test_the_contract_refuses_a_detector_that_breaks_it(kind, promise):
    class Planted(TestTextLinear):
        def detector(self):
            return kind.from_parts(Parts())

    with pytest.raises(AssertionError):
        getattr(Planted(), promise)()
