# SPDX-License-Identifier: Apache-2.0
"""What two lists say together is refused and counted: no word, no hash, no statement of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support import door
from tests.support.gateway import STRICT, TRUSTED, Gateway, bodies, lexicon, serving
from tests.support.upstream import Upstream
from tests.support.upstream_script import say
from vigie.core.gateway import Ending
from vigie.journal.rows import Kind
from vigie.screening.policy import load_policy, shipped_policies

ONE, OTHER, WORD, WHO = "alphaquill", "betaquill", "marzipanocturne", "person-4711@agora.example"
PACK: Final = "ai_minors.yaml"


@pytest.fixture
def mine(tmp_path: Path, upstream: Upstream):
    """A gateway with the policy that ships, over a folder that nobody else writes to."""
    policy = load_policy(shipped_policies()[PACK], PACK)
    lists = (lexicon("minor_reference", ONE), lexicon("sexual", OTHER))
    parts: dict[str, Any] = {"policies": door.live(policy), "lexicons": lists}
    with serving(tmp_path / "data", upstream, **parts) as one:
        yield one


def check_nothing_is_kept(gateway: Gateway, body: bytes) -> None:
    """Look at what the client was told and at every file of the installation."""
    assert b"minor_sexual" in body
    assert b"/s/" not in body
    [facts] = gateway.ended(1)
    assert facts.category == "minor_sexual"
    assert facts.excerpt == "not kept: counted only"
    assert (facts.fingerprint, facts.answer_sha256) == (0, "")
    last = bodies(gateway.settings.journal_dir, Kind.DECISION)[-1]
    fields = json.loads(last.fields)
    assert "text" not in fields["item"]
    assert (fields["item"]["author"], fields["signals"]) == ("", [])
    parts = gateway.settings.snapshots_dir / "parts"
    files = [one for one in gateway.settings.data_dir.rglob("*") if one.is_file()]
    for word in (ONE, OTHER, WORD, WHO):
        found = [one for one in files if word.encode() in one.read_bytes()]
        assert all(one.parent == parts for one in found)


@pytest.mark.parametrize("key", [TRUSTED, STRICT])
def test_both_in_a_prompt(mine, key):
    answer = mine.chat(f"{WORD}: the {ONE} and the {OTHER}", key=key, user=WHO)
    assert answer.status == 400
    assert mine.upstream.requests == [] or WORD.encode() not in mine.upstream.last.body
    check_nothing_is_kept(mine, answer.body)


def test_one_in_each_turn(mine):
    talk = [{"role": "user", "content": f"{WORD} {ONE}"}, {"role": "user", "content": OTHER}]
    answer = mine.post("/ai/v1/chat/completions", {"model": "local", "messages": talk, "user": WHO})
    assert answer.status == 400
    check_nothing_is_kept(mine, answer.body)


@pytest.mark.parametrize("stream", [False, True])
def test_one_in_the_prompt_and_one_in_the_answer(mine, upstream, stream):
    upstream.on("answers", say("Calm words. ", f"And now {OTHER}", " and more."))
    answer = mine.chat(f"{WORD} {ONE}", "answers", STRICT, stream=stream, user=WHO)
    assert OTHER.encode() not in answer.body
    assert mine.ended(1)[0].ending is Ending.CUT
    check_nothing_is_kept(mine, answer.body)
