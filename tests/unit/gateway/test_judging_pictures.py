# SPDX-License-Identifier: Apache-2.0
"""Pictures are judged with every part of a text; what they showed is nobody else's."""

from __future__ import annotations

import asyncio

from tests.support.screening import NOW, Says, signal, snapshot
from vigie.core.decision import Signal
from vigie.core.item import MediaFacts
from vigie.gateway.dialects.base import Part
from vigie.gateway.judging import LONGEST, Judge, Who
from vigie.screening.detectors.conversation import ConversationDetector
from vigie.screening.detectors.image import PERSON, SeenDetector

NAME = "a-1-0000000001"
SOMEBODY = Who("default", "", "FR", "model")
PHOTO = (
    MediaFacts(
        status="ok",
        sha256="0" * 64,
        seen=(Signal(detector="d", version="1", label=PERSON, value=0.9),),
    ),
)


class Clock:
    def now_ms(self):
        return NOW


def ask(judge, *turns, media=(), under=None):
    parts = [Part("user", text, turn=n) for n, text in enumerate(turns)]
    return asyncio.run(judge.prompt(parts, media, SOMEBODY, NAME, under))


def made():
    says = Says(
        "says",
        ("minor_reference", "planted"),
        lambda item: [signal("minor_reference", 0.8)] if "alphaquill" in (item.text or "") else [],
    )
    return Judge(Clock()), snapshot([], says, SeenDetector(), ConversationDetector())


def test_every_part_of_a_long_text_has_the_pictures_beside_it():
    judge, under = made()
    seen: list[int] = []
    real = judge.bench._judge

    def watched(asked, snap):
        seen.extend(len(one.subject.item.media) for one in asked)
        return real(asked, snap)

    judge.bench._judge = watched
    ask(judge, "boats " * LONGEST, media=PHOTO, under=under)
    assert len(seen) > 2
    assert set(seen) == {1}


def test_what_a_picture_showed_is_not_remembered_for_the_words_beside_it():
    judge, under = made()
    assert dict(ask(judge, "What is this?", media=PHOTO, under=under).scores)[PERSON] == 0.9
    scores = dict(ask(judge, "What is this?", "And now?", under=under).scores)
    assert not {PERSON, f"conversation_{PERSON}"} & set(scores)


def test_what_other_turns_said_is_not_remembered_for_these_words():
    judge, under = made()
    assert "minor_reference" in dict(ask(judge, "alphaquill", "Hello", under=under).scores)
    assert "minor_reference" not in dict(ask(judge, "Hello", "Again", under=under).scores)
    assert "minor_reference" in dict(ask(judge, "alphaquill", "Hello", "Again", under=under).scores)
