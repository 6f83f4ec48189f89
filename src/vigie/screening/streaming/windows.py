# SPDX-License-Identifier: Apache-2.0
"""Which parts of a channel's text are judged, and when.

A window ends where no word, and nothing that the lists may yet name, is cut: half a
word can read like a term that the whole word is not.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from vigie.screening.streaming.hold import REACH, Hold
from vigie.screening.streaming.tail import Tail

WHOLE: Final = 4_000
"""Characters of the verdict over the whole answer: its last ones where it is longer."""
FAR: Final = 8_192
"""Characters followed beyond the last window: bounds what is remembered of a long feed."""
LEAST: Final = 40
"""New characters below which a sentence waits for the next one."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the text to be judged; places are code points of the whole channel."""

    serial: int
    start: int
    fresh: int
    """Where the part begins that no window before has shown."""
    end: int
    text: str
    hit: bool = False
    """It shows a term or pattern of the lists that no window before has shown."""
    final: bool = False
    """The verdict over the whole answer."""


class Windows:
    """The windows of one channel, in order."""

    __slots__ = (
        "_first",
        "_hold",
        "_idle_ms",
        "_open",
        "_overlap",
        "_seen",
        "_serial",
        "_since",
        "_size",
        "_tail",
        "_whole",
        "asked",
        "ended",
        "judged",
        "stop",
    )

    def __init__(self, tail: Tail, hold: Hold, size: int, overlap: int, idle_ms: int) -> None:
        self._tail, self._hold = tail, hold
        self._size, self._overlap, self._idle_ms = size, overlap, idle_ms
        self._open: deque[tuple[Window, list[bool]]] = deque()
        """Windows not yet approved, or approved before one that came earlier."""
        self._serial = 0
        self._seen = self._since = 0
        self._whole = False
        self._first = 0
        """Where the text of this channel begins: before it stands what was judged."""
        self.asked = 0
        """Characters that windows have shown."""
        self.judged = 0
        self.stop = 0
        """Place after the last sign that may end a sentence."""
        self.ended = False

    def begin(self) -> None:
        """What the tail holds was judged before this channel began."""
        self._first = self.asked = self.judged = self._seen = self._tail.end
        self.follow()

    def due(self, now_ms: int) -> Window | None:
        """Return the next window, or None."""
        self.follow()
        if self.ended:
            return self._last()
        if self._hold.matches:
            return self._show(self._hit_end())
        fresh = self._tail.end - self.asked
        if self._seen != self._tail.end:
            self._seen, self._since = self._tail.end, now_ms
        idle = fresh > 0 and now_ms - self._since >= self._idle_ms
        if not idle and fresh < self._size and (fresh < LEAST or self.stop <= self.asked):
            return None
        end = self._end(idle=idle)
        return self._show(end) if end > self.asked else None

    def follow(self) -> None:
        """Follow what has arrived; after the end, read all of it as final."""
        self._hold.follow(self.asked + FAR)
        if self.ended and self._hold.followed == self._tail.end:
            self._hold.finish()

    def approve(self, window: Window) -> None:
        """Count a window as judged once all before it are. Raises ValueError for others."""
        for one, done in self._open:
            if one is window:
                done.append(True)
                break
        else:
            raise ValueError("not a window of this channel that waits for approval")
        while self._open and self._open[0][1]:
            first, _ = self._open.popleft()
            self.judged = max(self.judged, first.end)
            self._hold.judged(first.serial)

    def _ready(self) -> int:
        """Return the place up to which the text can be judged."""
        return max(self._hold.open_from(REACH), self.asked)

    def _end(self, *, idle: bool) -> int:
        """Return where the next window ends: no further than asked where none is due."""
        ready = self._ready()
        if ready - self.asked >= self._size:
            return self._tail.cut_before(self.asked, self.asked + self._size)
        if idle:
            return self._tail.word_edge(ready)
        if self.stop > self.asked:
            end = self._tail.sentence_end(self.asked, ready)
            return end if end - self.asked >= LEAST else 0
        return 0

    def _hit_end(self) -> int:
        """Return where a window ends that shows something met, or leads up to it."""
        end = min(match.end for match in self._hold.matches)
        if end - self.asked > self._size + REACH:
            return self._tail.cut_before(self.asked, self.asked + self._size)
        return end

    def _last(self) -> Window | None:
        """Return what is left after the end, then the verdict over the whole answer."""
        left = self._tail.end - self.asked
        if left > WHOLE:
            return self._show(self._tail.cut_before(self.asked, self.asked + self._size))
        if self._whole or self._tail.end == self._first:
            return None
        self._whole = True
        return self._show(self._tail.end, final=True)

    def _show(self, end: int, *, final: bool = False) -> Window:
        """Make the window that ends there."""
        self._serial += 1
        new = self._hold.show(end, self._serial, final=final)
        start = min([self.asked - self._overlap, *(m.start - m.context for m in new)])
        if final:
            start = min(start, end - WHOLE)
        start = self._tail.word_edge(max(start, self._tail.base))
        text = self._tail.slice(start, end)
        window = Window(self._serial, start, self.asked, end, text, hit=bool(new), final=final)
        self.asked = max(self.asked, end)
        self._open.append((window, []))
        return window
