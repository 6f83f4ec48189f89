# SPDX-License-Identifier: Apache-2.0
"""The guard of one channel of one answer: what may go out now, what to judge next."""

from __future__ import annotations

from typing import Final

from vigie.core.gateway import Mode
from vigie.screening.streaming.hold import REACH, Hold
from vigie.screening.streaming.tail import STOPS, Tail, join
from vigie.screening.streaming.terms import StreamTerms
from vigie.screening.streaming.windows import LEAST, WHOLE, Window, Windows

IDLE_MS: Final = 250
"""Pause of the stream after which what has arrived is judged."""


class ChannelGuard:
    """Guards one channel: `feed`, then `due` until it gives None, and `take` what may go.

    Args:
        terms: of the Snapshot in force.
        mode: strict, paced or observe.
        lead: characters that may run ahead of approval in mode paced.
        window: most new characters of one window.
        overlap: characters before them that a window shows again.
        idle_ms: pause after which what has arrived is judged.
        after: end of the text that stands right before this one, judged already: a
            term may begin in it. It is judged again with what follows, never released.

    Counts are code points: `released` <= `judged` <= `received` in mode strict, and
    `released` <= `judged` + `lead` in mode paced. After the end of the text all three
    are equal once every window is approved and all is taken, or the channel was cut.
    """

    __slots__ = (
        "_carried",
        "_first",
        "_hold",
        "_lead",
        "_observed",
        "_tail",
        "_taken",
        "_windows",
        "was_cut",
    )

    def __init__(
        self,
        terms: StreamTerms,
        mode: Mode = Mode.PACED,
        lead: int = 300,
        window: int = 400,
        overlap: int = 150,
        *,
        idle_ms: int = IDLE_MS,
        after: str = "",
    ) -> None:
        self._tail = Tail()
        self._hold = Hold(terms, self._tail)
        self._observed = mode is Mode.OBSERVE
        self._lead = lead if mode is Mode.PACED else 0
        # In mode paced a window is asked for before the lead is used up.
        ahead = max(LEAST, lead * 2 // 3) if mode is Mode.PACED else window
        self._windows = Windows(self._tail, self._hold, min(window, ahead), overlap, idle_ms)
        self._carried = ""
        self._first = self._taken = len(after)
        if after:
            self._tail.append(after)
            self._windows.begin()
        self.was_cut = False

    @property
    def received(self) -> int:
        """Characters that have arrived."""
        return self._tail.end - self._first

    @property
    def released(self) -> int:
        """Characters that were taken."""
        return self._taken - self._first

    @property
    def judged(self) -> int:
        """Characters that approved windows cover, from the beginning without a gap."""
        return self._windows.judged - self._first

    @property
    def waits(self) -> bool:
        """Something has arrived that no window has shown: ask `due` again after a pause."""
        return not self.was_cut and self._windows.asked < self._tail.end

    @property
    def done(self) -> bool:
        """The text has ended and all of it was judged and taken."""
        ended = self._windows.ended and not self.was_cut
        return ended and self.judged == self.released == self.received

    def feed(self, text: str) -> None:
        """Add what arrived. Ignored after a cut; raises ValueError after the end."""
        if self._windows.ended:
            raise ValueError("the text of this channel has ended")
        if self.was_cut:
            return
        text, self._carried = join(self._carried, text)
        if text:
            self._add(text)

    def take(self) -> str:
        """Return what may be released now, in order; empty where nothing may."""
        if self.was_cut:
            return ""
        limit = self._limit()
        if limit <= self._taken:
            return ""
        text = self._tail.slice(self._taken, limit)
        self._taken = limit
        needed = min(limit, self._windows.asked, self._tail.end - WHOLE)
        self._tail.forget(needed - REACH)
        return text

    def due(self, now_ms: int, *, end: bool = False) -> Window | None:
        """Return the next text to judge, or None where nothing is due.

        Call it after each `feed` and after a pause, with a clock that never goes
        back, and again until it gives None. `end`: nothing more will arrive.
        """
        if self.was_cut:
            return None
        if end and not self._windows.ended:
            self._finish()
        return self._windows.due(now_ms)

    def approve(self, window: Window) -> None:
        """Say that a window may be released, in any order. Raises ValueError for others."""
        if not self.was_cut:
            self._windows.approve(window)

    def cut(self) -> int:
        """Release nothing more; returns how many characters had been released."""
        self.was_cut = True
        self._tail.text, self._tail.base = "", self._tail.end
        return self.released

    def _add(self, text: str) -> None:
        self._tail.append(text)
        self._windows.follow()
        if not STOPS.isdisjoint(text):
            self._windows.stop = self._tail.end

    def _finish(self) -> None:
        if self._carried:  # half a character that stayed alone
            self._carried = ""
            self._add("\ufffd")
        self._windows.ended = True
        self._windows.follow()

    def _limit(self) -> int:
        """Return the place up to which text may be released."""
        if self._observed:
            return self._tail.end
        held, judged = self._hold.held_from(), self._windows.judged
        limit = min(held, judged + self._lead)
        if self._hold.followed - held > REACH:
            # What begins further back than is followed goes out too, but only judged.
            limit = max(limit, min(judged, self._hold.held_from(REACH)))
        return limit
