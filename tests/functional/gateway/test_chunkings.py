# SPDX-License-Identifier: Apache-2.0
"""However an answer is cut into pieces: what is judged is what leaves, and no term does."""

from __future__ import annotations

import os
import time
from random import Random

import pytest

from tests.support.dialects import CHAT, COMPLETIONS, DIALECTS, MESSAGES, RESPONSES
from tests.support.gateway import STOPPED, STRICT, TRUSTED, Gateway
from tests.support.gateway_client import Stream, ended_well
from tests.support.upstream_script import Says, Script, Tool
from vigie.core.gateway import Ending

PATHS = sorted(DIALECTS)
WORDS = "boats potatoes été 屋根 zorb zorblax quendor Zor blax, quen 👩‍👩‍👧 the of".split()
EVERYDAY, CAMPAIGN_S = 12, 120 if os.environ.get("VIGIE_CAMPAIGN") == "full" else 1


def cut(text: str, random: Random) -> tuple[str, ...]:
    """Cut a text at random."""
    found, at = [], 0
    while at < len(text):
        size = random.choice((1, 1, 2, 3, 5, 8, 21, 200))
        found.append(text[at : at + size])
        at += size
    return tuple(found)


def script_of(random: Random, path: str, *, bad: bool) -> Script:
    """Return an answer of random words in random channels and pieces."""

    def words() -> str:
        said = [random.choice(WORDS) for _ in range(random.randrange(1, 60))]
        return random.choice((" ", ". ", "\n")).join(said).replace(STOPPED, "boats")

    text = words() + (f" {STOPPED} {words()}" if bad else "")
    reasoning = cut(words(), random) if random.random() < 0.4 and path != COMPLETIONS else ()
    tools: tuple[Tool, ...] = ()
    if random.random() < 0.4 and path != COMPLETIONS:
        tools = (Tool("f", ('{"q": "', *cut(words().replace("\n", " "), random), '"}')),)
    return Script(
        says=(Says(text=cut(text, random), reasoning=reasoning, tools=tools),),
        logprobs=random.random() < 0.3,
        ascii=random.random() < 0.5,
        newline=random.choice(("\n", "\r\n")),
        piece=random.choice((0, 0, 1, 2, 7, 100)),
        usage=random.random() < 0.5,
    )


def one_round(gateway: Gateway, path: str, seed: int) -> None:
    random = Random(seed)
    bad = random.random() < 0.6
    script = script_of(random, path, bad=bad)
    gateway.upstream.on("random", script)
    key = random.choice((TRUSTED, STRICT))
    with Stream(gateway, path, "random", key) as stream:
        stream.read()
    facts = gateway.recorded()
    said = "".join(script.says[0].text)
    assert ended_well(path, stream.body), seed
    if STOPPED in " ".join(said.lower().split()):
        assert facts.ending is Ending.CUT, seed
        assert b"zorblax quendor" not in stream.body, seed
    assert stream.chars == facts.released_chars, seed
    if facts.ending is Ending.RELEASED:
        assert facts.judged_chars == facts.released_chars, seed
        whole = sum(len("".join(s.text + s.reasoning)) for s in script.says)
        whole += sum(len(tool.arguments) for s in script.says for tool in s.tools)
        assert len(stream.text) == whole, seed
    if key == STRICT:
        assert facts.released_chars <= facts.judged_chars, seed


@pytest.mark.parametrize("path", PATHS)
def test_what_is_judged_is_what_leaves_over_random_pieces(gateway, path):
    for seed in range(EVERYDAY):
        one_round(gateway, path, seed)


@pytest.mark.campaign
@pytest.mark.parametrize("path", PATHS)
def test_what_is_judged_is_what_leaves_over_many_random_pieces(gateway, path):
    end, seed = time.monotonic() + CAMPAIGN_S, 1_000
    while time.monotonic() < end:
        one_round(gateway, path, seed)
        seed += 1
    print(f"{path}: {seed - 1_000} streams")


def test_the_rounds_reach_cuts_and_calm_ends():
    kinds = {
        (STOPPED in "".join(script_of(Random(seed), CHAT, bad=bad).says[0].text), bad)
        for seed in range(EVERYDAY)
        for bad in (False, True)
    }
    assert {(True, True), (False, False)} <= kinds
    assert {CHAT, RESPONSES, MESSAGES, COMPLETIONS} == set(PATHS)
