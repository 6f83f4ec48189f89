# SPDX-License-Identifier: Apache-2.0
"""Over random texts cut at random: nothing that the lists name goes out unjudged.

What must be held is said by the detector that reads the whole text. VIGIE_CAMPAIGN=full
makes the long series.
"""

from __future__ import annotations

import os
from random import Random
from typing import Any

import pytest

from tests.support.streams import (
    ADVERSE,
    NEAR,
    PLAIN,
    WAYS,
    Span,
    Whole,
    cut_up,
    document,
    written,
)
from vigie.core.gateway import Mode
from vigie.screening.streaming import ChannelGuard, StreamTerms, Window
from vigie.screening.streaming.hold import REACH, Hold

FULL = os.environ.get("VIGIE_CAMPAIGN") == "full"

KEYS = tuple(word for pattern in NEAR for word in pattern["near"][0])
LISTS = {
    "plain": (PLAIN, [document(PLAIN, NEAR)]),
    "adverse": (ADVERSE, [document(ADVERSE, NEAR)]),
    "both": (PLAIN + ADVERSE, [document(PLAIN, NEAR), document(ADVERSE)]),
    "patterns": (KEYS, [document((), NEAR)]),
}
BUILT = {
    name: (terms + KEYS, StreamTerms.of(lists), Whole(lists))
    for name, (terms, lists) in LISTS.items()
}


class LeakError(Exception):
    """A character of what the lists name was released and no judge had seen it."""


class FixedHold(ChannelGuard):
    """What a guard must not be: the last eight characters wait, whatever they are."""

    def _limit(self) -> int:
        held = 0 if self._windows.ended else 8
        return min(self.judged + self._lead, self.received - held)


class NoTerms(ChannelGuard):
    """What a guard must not be: it waits for the judge and knows no lists."""

    def __init__(self, _terms: StreamTerms, *rest: Any) -> None:
        super().__init__(StreamTerms([]), *rest)


class Trial:
    """One text, one way to cut it, one guard, one judge; raises LeakError or AssertionError."""

    def __init__(self, seed: int, kind: type[ChannelGuard] = ChannelGuard) -> None:
        self.dice = dice = Random(seed)
        words, terms, self.whole = BUILT[dice.choice(list(BUILT))]
        self.text = written(words, dice)
        self.spans = self.whole.spans(self.text)
        self.mode = dice.choice((Mode.STRICT, Mode.PACED))
        self.lead = dice.choice((0, 20, 300))
        window, overlap = dice.choice((50, 400)), dice.choice((0, 20, 150))
        self.guard = kind(terms, self.mode, self.lead, window, overlap)
        self.refuses = dice.random() < 0.5
        self.seen: list[Span] = []
        """What the judge was shown and approved."""
        self.out = ""
        self.late: list[Window] = []
        self.now = 0

    def run(self) -> None:
        parts = [self.text] if self.dice.random() < 0.1 else cut_up(self.text, self.dice)
        for part in parts:
            self.guard.feed(part)
            self.work()
            if self.dice.random() < 0.1:
                self.now += 300
                self.work()
        self.work(end=True)
        self.judge_late()
        self.take()
        if not self.guard.was_cut:
            assert self.out == self.text
            assert self.guard.done
            assert self.guard.judged == self.guard.released == self.guard.received

    def work(self, *, end: bool = False) -> None:
        self.take()
        while window := self.guard.due(self.now, end=end):
            self.late.append(window)
            if self.dice.random() < 0.7:
                self.judge_late()
            self.take()

    def judge_late(self) -> None:
        self.dice.shuffle(self.late)
        for window in self.late:
            self.judge(window)
        self.late.clear()

    def judge(self, window: Window) -> None:
        assert window.text == self.text[window.start : window.end]
        found = self.whole.spans(window.text)
        if found and self.refuses:
            self.guard.cut()
        self.seen += [(window.start + start, window.start + end) for start, end in found]
        self.guard.approve(window)

    def take(self) -> None:
        guard = self.guard
        self.out += guard.take()
        assert guard.released == len(self.out)
        assert self.text.startswith(self.out)
        lead = self.lead if self.mode is Mode.PACED else 0
        assert guard.was_cut or guard.released <= guard.judged + lead
        assert guard.was_cut or guard.judged <= guard.received
        for start, end in self.spans:
            known = not self.refuses and any(a <= start < b for a, b in self.seen)
            if guard.released > start and not known:
                raise LeakError(f"{self.text[start:end]!r} of {self.text!r}")


def series(first: int, count: int) -> int:
    """Run trials; return in how many the text held something that the lists name."""
    named = 0
    for seed in range(first, first + count):
        trial = Trial(seed)
        named += bool(trial.spans)
        try:
            trial.run()
        except (LeakError, AssertionError, ValueError) as problem:
            raise AssertionError(f"seed {seed}: {problem}") from problem
    return named


def leaks(kind: type[ChannelGuard], count: int) -> int:
    """Return in how many trials another guard releases what the lists name."""
    found = 0
    for seed in range(count):
        try:
            Trial(seed, kind).run()
        except LeakError:
            found += 1
    return found


def test_nothing_named_goes_out_before_a_judge_has_seen_it() -> None:
    assert series(0, 2_000) > 1_000


@pytest.mark.campaign
def test_nothing_named_goes_out_over_a_hundred_thousand_chunkings() -> None:
    count = 100_000 if FULL else 300
    assert series(1_000_000, count) > count // 2


def test_control_a_fixed_hold_of_eight_leaks() -> None:
    assert leaks(FixedHold, 150) > 10


def test_control_a_guard_that_knows_no_lists_leaks() -> None:
    assert leaks(NoTerms, 150) > 10


def test_control_a_guard_that_forgets_disguises_leaks(monkeypatch) -> None:
    live = Hold.live

    def plain_only(self: Hold) -> int:
        return live(self) if self._tail.text.isascii() else self.followed

    monkeypatch.setattr(Hold, "live", plain_only)
    assert leaks(ChannelGuard, 200) > 5


@pytest.mark.parametrize("way", WAYS)
def test_every_disguise_that_the_detector_sees_is_held_letter_by_letter(way) -> None:
    words, whole = PLAIN, BUILT["plain"][2]
    met = 0
    for seed in range(40):
        dice = Random(seed)
        term = WAYS[way](dice.choice(words).removesuffix("*"), dice)
        text = f"Some words, then {term} and other words after it."
        spans = whole.spans(text)
        met += bool(spans)
        guard = ChannelGuard(BUILT["plain"][1], Mode.PACED, 2_000)
        out = ""
        for char in text:
            guard.feed(char)
            out += guard.take()
        assert not spans or len(out) <= spans[0][0], (text, out)
    assert met >= 5, "the detector sees none: the test says nothing"


def test_a_term_stretched_further_than_is_followed_goes_out_only_judged() -> None:
    guard = ChannelGuard(BUILT["plain"][1], Mode.PACED, 300)
    guard.feed("alpha" + "\u200b" * (2 * REACH))
    assert guard.take() == ""
    while window := guard.due(0):
        guard.approve(window)
        guard.take()
        assert guard.released <= guard.judged
    assert guard.received - REACH - 300 < guard.released <= guard.received - REACH
