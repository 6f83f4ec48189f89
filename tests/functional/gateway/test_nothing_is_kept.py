# SPDX-License-Identifier: Apache-2.0
"""A running gateway leaves no word of what it released, and none of what it refused."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.support.gateway import STOPPED, Gateway, bodies, serving
from tests.support.upstream import Upstream
from tests.support.upstream_script import say
from vigie.core.gateway import Ending
from vigie.journal.rows import Kind

ASKED, SAID, WHO = "marzipanocturne", "quillowisp", "person-4711@agora.example"


@pytest.fixture
def mine(tmp_path: Path, upstream: Upstream):
    """A gateway over a folder that nobody else writes to."""
    upstream.on("whisper", say(f"{SAID} said ", "the quiet model."))
    with serving(tmp_path / "data", upstream) as one:
        yield one


def holding(gateway: Gateway, *words: str) -> list[str]:
    """Return the files of the installation that hold a word."""
    files = [one for one in gateway.settings.data_dir.rglob("*") if one.is_file()]
    sought = [word.encode() for word in words]
    return [one.name for one in files if any(word in one.read_bytes() for word in sought)]


def test_after_harmless_exchanges_no_file_holds_a_word_of_them(mine):
    for streamed in (False, True):
        for number in range(3):
            answer = mine.chat(f"{ASKED} {number}", "whisper", stream=streamed, user=WHO)
            assert answer.status == 200
            assert SAID.encode() in answer.body
    facts = mine.ended(6)
    assert {one.ending for one in facts} == {Ending.RELEASED}
    assert {one.user[:3] for one in facts} == {"vu_"}
    time.sleep(1.2)  # use and alarms are settled meanwhile
    assert bodies(mine.settings.journal_dir, Kind.USAGE)
    assert holding(mine, ASKED, SAID, WHO) == []
    # The control: what clients were told is there to be found.
    name = facts[0].answer_decision
    assert holding(mine, name)


def test_of_what_was_refused_or_cut_no_file_holds_a_word_without_a_vault(mine, upstream):
    upstream.on("loud", say(f"{SAID} ", STOPPED, " and more."))
    refused = mine.chat(f"{ASKED} {STOPPED}", "whisper", user=WHO)
    assert refused.status == 400
    mine.chat(ASKED, "loud", user=WHO)
    mine.chat(ASKED, "loud", stream=True, user=WHO)
    facts = mine.ended(3)
    assert [one.ending for one in facts] == [Ending.REFUSED, Ending.CUT, Ending.CUT]
    assert {one.excerpt for one in facts} == {"not kept: no vault"}
    assert holding(mine, ASKED, SAID, WHO) == []
    # The list of words itself knows it; nothing else does.
    parts = mine.settings.snapshots_dir / "parts"
    known = [one.name for one in parts.iterdir() if STOPPED.encode() in one.read_bytes()]
    assert holding(mine, STOPPED) == known


def test_the_headers_name_decisions_that_stand_in_the_journal(mine):
    answer = mine.chat("Good morning.", "whisper", user=WHO)
    [facts] = mine.ended(1)
    made = {row.decision_id: row for row in bodies(mine.settings.journal_dir, Kind.DECISION)}
    assert answer.headers["vigie-decision"] == facts.answer_decision
    assert answer.headers["vigie-prompt-decision"] == facts.prompt_decision
    assert {facts.answer_decision, facts.prompt_decision} <= set(made)
    assert answer.headers["vigie-user"] == facts.user
    assert json.loads(made[facts.answer_decision].fields)["exchange"]["output_tokens"] > 0
