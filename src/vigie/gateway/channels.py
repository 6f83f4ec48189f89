# SPDX-License-Identifier: Apache-2.0
"""What a stream is made of: its channels, the events that wait, how it ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, ItemsView, Iterable
from hashlib import sha256
from typing import Final, NamedTuple, Protocol

from vigie.core.errors import OutsideError
from vigie.core.gateway import Ending, Mode, Profile
from vigie.gateway.dialects.base import Channel, ChannelKind, Event, Slot
from vigie.gateway.judging import Ask, Scores, Who
from vigie.screening.snapshot import Snapshot
from vigie.screening.streaming import ChannelGuard, Window

MOST_CHANNELS: Final = 512
"""Of one answer."""
BEFORE: Final = 400
"""Characters of the channel before that a channel is judged with, where readers join them."""
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

    __slots__ = ("_hash", "base", "channel", "guard", "is_content", "is_open", "kept", "length")

    def __init__(self, guard: ChannelGuard, channel: Channel, after: str = "") -> None:
        self.guard = guard
        self.channel = channel
        self._hash = sha256()
        self.is_content = channel.kind is ChannelKind.CONTENT
        self.is_open = False
        """An event of it has left, so that a delta of ours may follow."""
        self.kept = [after]
        self.base = 0
        self.length = len(after)

    @property
    def is_judged(self) -> bool:
        """Say whether everything that arrived is judged and approved."""
        return self.guard.judged == self.guard.received

    @property
    def is_released(self) -> bool:
        """Say whether everything that arrived was taken."""
        return self.guard.released == self.guard.received

    def take(self) -> str:
        """Return what may be released now; it counts as released."""
        text = self.guard.take()
        if text:
            self._hash.update(text.encode())
        return text

    def released(self) -> tuple[Channel, str]:
        """Return the channel and the digest of what was released of it."""
        return self.channel, self._hash.hexdigest()

    def tail(self) -> str:
        """Return the last characters that arrived."""
        return "".join(self.kept)[-BEFORE:]

    def feed(self, text: str) -> None:
        """Add what arrived."""
        self.guard.feed(text)
        self.kept.append(text)
        self.length += len(text)
        if self.length > 2 * KEPT:
            whole = "".join(self.kept)
            self.base += len(whole) - KEPT
            self.kept, self.length = [whole[-KEPT:]], KEPT


def digest_of(released: Iterable[tuple[Channel, str]]) -> str:
    """Return the digest of an answer from those of its channels; empty where it has none.

    As `ExchangeFacts.answer_sha256` says.
    """
    lines = [f"{one.index} {one.kind} {one.key} {digest}\n" for one, digest in sorted(released)]
    return sha256("".join(lines).encode()).hexdigest() if lines else ""


def digest_of_slots(slots: Iterable[Slot]) -> str:
    """Return the digest of a plain answer."""
    texts: dict[Channel, str] = {}
    for slot in slots:
        texts[slot.channel] = texts.get(slot.channel, "") + slot.text
    return digest_of((one, sha256(text.encode()).hexdigest()) for one, text in texts.items())


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


class Channels:
    """The channels of one answer, and the texts that say one of them again."""

    __slots__ = ("_joined", "_last", "_profile", "_repeated", "_runs", "_watched")

    def __init__(self, terms: Terms, *, joined: bool = False) -> None:
        self._joined = joined
        self._last: dict[ChannelKind, Run] = {}
        """The newest channel of each kind that readers join."""
        self._profile = terms.profile
        self._watched = terms.snapshot.terms.get()
        self._runs: dict[Channel, Run] = {}
        self._repeated: list[Run] = []

    @property
    def all(self) -> list[Run]:
        """Every channel, and every text that was said again."""
        return [*self._runs.values(), *self._repeated]

    @property
    def judged(self) -> int:
        """Characters judged."""
        return sum(one.guard.judged for one in self.all)

    @property
    def released(self) -> int:
        """Characters released."""
        return sum(one.guard.released for one in self.all)

    @property
    def digest(self) -> str:
        """Over all that was released."""
        return digest_of(one.released() for one in self.all if one.guard.released)

    def get(self, channel: Channel) -> Run | None:
        """Return a channel of which something has arrived."""
        return self._runs.get(channel)

    def items(self) -> ItemsView[Channel, Run]:
        """Return the channels in the order in which they began."""
        return self._runs.items()

    def of(self, channel: Channel) -> Run:
        """Return a channel, a new one where it begins. Raises OutsideError for too many."""
        run = self._runs.get(channel)
        if run is None:
            if len(self._runs) >= MOST_CHANNELS:
                raise OutsideError("Too many channels.", code="upstream_invalid")
            run = self._runs[channel] = self._begun(channel)
        return run

    def repeat(self, slot: Slot) -> Run:
        """Return a text that says a channel again, to be judged anew and as a whole."""
        run = self._new(slot.channel, Mode.STRICT)
        run.feed(slot.text)
        self._repeated.append(run)
        return run

    def is_sound(self, ending: Ending) -> bool:
        """Say whether no character left that was not judged, but for the profile's lead."""
        if ending is Ending.RELEASED:
            return all(one.is_judged and one.is_released for one in self.all)
        if self._profile.mode is Mode.OBSERVE:
            return True
        lead = self._profile.lead if self._profile.mode is Mode.PACED else 0
        return all(one.guard.released <= one.guard.judged + lead for one in self.all)

    def _begun(self, channel: Channel) -> Run:
        """Return a new channel, begun with the end of the one that readers join it to."""
        if not self._joined or channel.kind is ChannelKind.ARGUMENTS:
            return self._new(channel, self._profile.mode)
        before = self._last.get(channel.kind)
        after = before.tail() if before is not None else ""
        run = self._last[channel.kind] = self._new(channel, self._profile.mode, after)
        return run

    def _new(self, channel: Channel, mode: Mode, after: str = "") -> Run:
        if channel.kind is ChannelKind.ARGUMENTS and mode is Mode.PACED:
            # Nobody reads arguments as they come, and escapes may hide what they say.
            mode = Mode.STRICT
        profile = self._profile
        guard = ChannelGuard(
            self._watched, mode, profile.lead, profile.window, profile.overlap, after=after
        )
        return Run(guard, channel, after)
