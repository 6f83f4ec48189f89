# SPDX-License-Identifier: Apache-2.0
"""The record of an exchange commits to every character that was released, and to no other."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from tests.support.gateway import OBSERVED, STOPPED, STRICT, TRUSTED, bodies
from tests.support.upstream_script import Says, Script, letters, say
from vigie.core.gateway import Ending
from vigie.journal.rows import Kind

LONG = "A calm sentence about boats, été and 屋根. " * 150
"""Longer than what one judgement sees."""


def committed(*channels: tuple[str, str]) -> str:
    """Return the digest of these channels, as an application would make it."""
    lines = [f"{name} {sha256(text.encode()).hexdigest()}\n" for name, text in sorted(channels)]
    return sha256("".join(lines).encode()).hexdigest()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("key", [TRUSTED, STRICT, OBSERVED])
def test_all_of_a_long_answer(gateway, upstream, stream, key):
    upstream.on("long", letters(LONG, 40))
    assert gateway.chat("Hi", "long", key, stream=stream).status == 200
    facts = gateway.recorded()
    assert facts.judged_chars == facts.released_chars == len(LONG)
    assert facts.answer_sha256 == committed(("0 content ", LONG))
    rows = bodies(gateway.settings.journal_dir, Kind.DECISION)
    [mine] = [one for one in rows if one.decision_id == facts.answer_decision]
    assert json.loads(mine.fields)["exchange"]["answer_sha256"] == facts.answer_sha256


@pytest.mark.parametrize("stream", [False, True])
def test_every_channel_of_an_answer(gateway, upstream, stream):
    says = Says(text=("Good ", "morning."), reasoning=("Let me think.",))
    upstream.on("thinks", Script(says=(says,)))
    gateway.chat("Hi", "thinks", stream=stream)
    said = (("0 content ", "Good morning."), ("0 reasoning ", "Let me think."))
    assert gateway.recorded().answer_sha256 == committed(*said)


def test_of_an_answer_that_was_cut_what_had_left(gateway, upstream):
    upstream.on("cut", say("Good morning. ", "All is calm here, and so it stays. ", STOPPED, " x"))
    answer = gateway.chat("Hi", "cut", stream=True)
    facts = gateway.recorded()
    assert facts.ending is Ending.CUT
    left = "Good morning. All is calm here, and so it stays. "[: facts.released_chars]
    assert left
    assert STOPPED.encode() not in answer.body
    assert facts.answer_sha256 == committed(("0 content ", left))


def test_of_a_plain_answer_that_was_stopped_there_is_nothing(gateway, upstream):
    upstream.on("cut", say(STOPPED))
    gateway.chat("Hi", "cut")
    assert gateway.recorded().answer_sha256 == ""
