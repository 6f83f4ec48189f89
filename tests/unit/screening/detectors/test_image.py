# SPDX-License-Identifier: Apache-2.0
"""What image detectors saw becomes signals of the item; nothing seen stays nothing."""

from __future__ import annotations

from vigie.core.decision import Signal
from vigie.core.item import Author, Item, MediaFacts, Subject, Surface
from vigie.screening.batch import Batch, Prepared
from vigie.screening.detectors.base import Parts
from vigie.screening.detectors.image import NUDITY, PERSON, SeenDetector, failed
from vigie.screening.media.nudity import NudeNet
from vigie.screening.policy.facts import facts_of


def batch(*media):
    item = Item(id="1", surface=Surface.AI_PROMPT, author=Author(id="a"))
    return Batch([Prepared(Subject(item, tuple(media)))])


def signal(label, value):
    return Signal(detector="one", version="1", label=label, value=value)


def detect(*media):
    return SeenDetector.from_parts(Parts()).detect(batch(*media))[0]


def test_the_highest_value_of_all_pictures_reaches_the_policies():
    first = MediaFacts(status="ok", seen=(signal(NUDITY, 0.1), signal(PERSON, 0.9)))
    second = MediaFacts(status="ok", seen=(signal(NUDITY, 0.8), signal(PERSON, 0.2)))
    found = batch(first, second)
    facts = facts_of(found.items[0], detect(first, second))
    assert facts.scores == {NUDITY: 0.8, PERSON: 0.9}


def test_many_frames_leave_one_signal_a_label_and_one_for_what_failed():
    frames = [MediaFacts(status="ok", seen=(signal(NUDITY, n / 10),)) for n in range(9)]
    lost = Signal(detector="one", version="1", label=NUDITY, status="failed", problem="timeout")
    frames.insert(3, MediaFacts(status="failed", seen=(lost,)))
    assert detect(*frames) == [signal(NUDITY, 0.8), lost]


def test_a_picture_that_nobody_looked_at_has_no_score():
    assert detect(MediaFacts(status="ok")) == []


def test_a_failed_look_is_a_failed_signal_of_every_label():
    seen = failed((NudeNet,), "timeout")
    lost = MediaFacts(status="failed", problem="timeout", seen=seen)
    facts = facts_of(batch(lost).items[0], detect(lost))
    assert facts.failed == {NUDITY, PERSON, "detector:nudenet"}
    assert facts.scores == {}


def test_policies_may_read_the_labels_of_every_installed_detector():
    assert {NUDITY, PERSON} <= set(SeenDetector.from_parts(Parts()).labels)
