# SPDX-License-Identifier: Apache-2.0
"""What a stream is made of: its channels, the events that wait, how it ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, Protocol

from vigie.core.gateway import Ending, Profile
from vigie.gateway.dialects.base import Channel, ChannelKind, Event
from vigie.gateway.judging import Ask, Scores, Who
from vigie.screening.snapshot import Snapshot
from vigie.screening.streaming import ChannelGuard, Window

KEPT: Final = 8_000
"""Last characters of a channel that are kept for the record of a stop."""
Send = Callable[[bytes], Awaitable[None]]


class Terms(NamedTuple):
    """Under what a stream is guarded."""

    snapshot: Snapshot
    profile: Profile
    who: Who
    name: str
    """Of the decision on the answer."""
    earlier: Scores
    """What the prompt said."""


class End(NamedTuple):
    """How a stream ended: the exchange says and records it."""

    ending: Ending
    final: bytes = b""
    """The last event, where it ended as it should."""
    code: str = ""
    """Why it failed."""


class Content(Protocol):
    """The body of an upstream's answer."""

    async def readany(self) -> bytes:
        """Return the next bytes; none at the end."""
        ...


class Run:
    """One channel: its guard, and the last of its text."""

    __slots__ = ("base", "guard", "is_content", "is_open", "kept", "length")

    def __init__(self, guard: ChannelGuard, channel: Channel) -> None:
        self.guard = guard
        self.is_content = channel.kind is ChannelKind.CONTENT
        self.is_open = False
        """An event of it has left, so that a delta of ours may follow."""
        self.kept: list[str] = []
        self.base = 0
        self.length = 0

    @property
    def is_judged(self) -> bool:
        """Say whether everything that arrived is judged and approved."""
        return self.guard.judged == self.guard.received

    def feed(self, text: str) -> None:
        """Add what arrived."""
        self.guard.feed(text)
        self.kept.append(text)
        self.length += len(text)
        if self.length > 2 * KEPT:
            whole = "".join(self.kept)
            self.base += len(whole) - KEPT
            self.kept, self.length = [whole[-KEPT:]], KEPT


class Held(NamedTuple):
    """An event that waits for its turn."""

    event: Event
    wholes: tuple[Run, ...]
    """Texts that it repeats: judged in full before it leaves."""


class Asked(NamedTuple):
    """A window that is being judged."""

    run: Run
    window: Window
    asked: list[Ask]
    deadline: int
