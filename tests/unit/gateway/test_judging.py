# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support import door
from tests.support.gateway import OFFENCE, STOPPED, lexicon
from vigie.core.clock import SystemClock
from vigie.gateway.dialects.base import Part
from vigie.gateway.judging import LONGEST, Ask, Judge, Verdict, Who, newest, variants
from vigie.screening.snapshot import Snapshot, load

NAME = "w-1-0000000001"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder: Path = tmp_path_factory.mktemp("judging")
    policies = door.live(
        door.policy("planted_clause", score="planted"),
        door.policy("planted_offence", score="offence", offences=["fr_denial"]),
    )
    lists = (lexicon("planted", STOPPED), lexicon("offence", OFFENCE))
    door.publish(folder, policies=policies, lexicons=lists)
    return load(folder)


class Counting(Judge):
    """A judge that counts what it is asked."""

    def __init__(self) -> None:
        super().__init__(SystemClock())
        self.asked: list[str] = []
        inner = self.bench.ask

        def ask(subjects: Sequence[Ask], snapshot: Snapshot):
            self.asked += [one.subject.item.text or "" for one in subjects]
            return inner(subjects, snapshot)

        self.bench.ask = ask  # type: ignore[method-assign]


def prompt(judge: Judge, snapshot: Snapshot, *turns: str, country: str = "FR") -> Verdict:
    parts = [Part("user", text, "", n) for n, text in enumerate(turns)]
    who = Who("default", "", country, "m")
    return asyncio.run(judge.prompt(parts, (), who, NAME, snapshot))


def test_the_newest_turn_is_what_the_decision_is_about(snapshot: Snapshot) -> None:
    verdict = prompt(Judge(SystemClock()), snapshot, "First.", "Second.")
    assert verdict.subject.item.text == "Second."
    assert verdict.decision.decision_id == NAME
    assert not verdict.stops


def test_earlier_turns_are_judged_once_under_one_snapshot(snapshot: Snapshot) -> None:
    judge = Counting()
    prompt(judge, snapshot, "System.", "One.")
    assert judge.asked == ["System.", "One."]
    prompt(judge, snapshot, "System.", "One.", "Answer.", "Two.")
    judge.asked.clear()
    prompt(judge, snapshot, "System.", "One.", "Answer.", "Two.", "Answer again.", "Three.")
    assert judge.asked == ["Two.", "Answer again.", "Three."]


def test_what_is_remembered_for_one_country_says_nothing_in_another(snapshot: Snapshot) -> None:
    judge = Judge(SystemClock())
    assert not prompt(judge, snapshot, f"On {OFFENCE}.", "Go on.", country="AT").stops
    assert prompt(judge, snapshot, f"On {OFFENCE}.", "Go on.", country="FR").stops


def test_a_turn_that_stops_is_judged_again_each_time(snapshot: Snapshot) -> None:
    judge = Judge(SystemClock())
    for _ in range(2):
        verdict = prompt(judge, snapshot, f"On {STOPPED}.", "Go on.")
        assert verdict.stops
        assert STOPPED in (verdict.subject.item.text or "")


@pytest.mark.parametrize("before", [0, 50, LONGEST - 10, 3 * LONGEST - 7])
def test_in_a_long_text_no_place_is_overlooked(snapshot: Snapshot, before: int) -> None:
    text = ("calm words " * 2_000)[:before] + f" {STOPPED} " + "calm words " * 500
    assert prompt(Judge(SystemClock()), snapshot, text).stops


def test_parts_of_one_turn_are_one_text_wherever_they_stand() -> None:
    parts = [Part("user", "a", turn=1), Part("system", "t", turn=-1), Part("user", "b", turn=1)]
    assert newest(parts) == "a\nb"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('{"a": "\\u0062c"}', '{"a": "bc"}'),
        ("half \\u00", "half u00"),
        ("x\\ny", "x\ny"),
        ("\\ud83d\\ude00!", "  !"),
    ],
)
def test_escapes_are_undone_in_whole_arguments_and_in_stretches(text: str, read: str) -> None:
    assert variants(text)[:2] == [text, read]
