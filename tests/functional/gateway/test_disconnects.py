# SPDX-License-Identifier: Apache-2.0
"""Clients that go away: what they had been sent is judged and recorded."""

from __future__ import annotations

import pytest

from tests.support.gateway import OBSERVED, STOPPED, STRICT, TRUSTED
from tests.support.gateway_client import DIALECTS, Stream
from tests.support.upstream_script import say
from vigie.core.gateway import Ending, Stage

PATHS = sorted(DIALECTS)
CALM = "A calm sentence about boats and potatoes which has no end"
WORDS = tuple(f"{word} " for word in CALM.split())


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("key", [TRUSTED, STRICT, OBSERVED])
def test_what_a_client_that_left_had_been_sent_is_judged(gateway, upstream, path, key):
    upstream.on("endless", say(*WORDS, "It ends. ", endless=True, gap=0.002))
    asked = len(upstream.requests)
    with Stream(gateway, path, "endless", key) as stream:
        stream.until("potatoes")
    facts = gateway.recorded()
    assert facts.ending is Ending.LEFT
    assert facts.judged_chars >= facts.released_chars >= len("A calm sentence")
    assert facts.answer_decision
    assert upstream.asked(asked + 1).closed.wait(5)


@pytest.mark.parametrize("path", PATHS)
def test_a_term_that_a_client_saw_before_it_left_is_found(gateway, upstream, path):
    upstream.on("bad", say(f"{CALM}. {STOPPED}. ", CALM, endless=True, gap=0.005))
    with Stream(gateway, path, "bad", OBSERVED) as stream:
        stream.until("quendor")
    facts = gateway.recorded()
    assert facts.stage is Stage.ANSWER
    assert facts.judged_chars >= facts.released_chars


def test_a_client_that_leaves_before_the_answer_is_recorded(gateway, upstream):
    upstream.on("slow", say("Hello.", wait=0.5))
    asked = len(upstream.requests)
    with Stream(gateway, PATHS[0], "slow"):
        upstream.asked(asked + 1)
    facts = gateway.recorded()
    assert (facts.ending, facts.released_chars) == (Ending.LEFT, 0)


def test_a_client_that_leaves_a_plain_answer_is_recorded(gateway, upstream):
    upstream.on("slow", say("Hello.", wait=0.5))
    asked = len(upstream.requests)
    with Stream(gateway, PATHS[0], "slow", stream=False):
        upstream.asked(asked + 1)
    facts = gateway.recorded()
    assert facts.prompt_decision
    assert facts.released_chars == 0
