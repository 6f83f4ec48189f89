# SPDX-License-Identifier: Apache-2.0
"""What keys have used today, counted in every process and settled through the journal.

Each door counts for itself and writes its sums into its journal once a second;
`jobs` adds them up and says the totals, with the position of each journal that they
hold, in a file that every door reads. So a door knows all that others had settled and
all of its own. What others used within the last second or two it does not know: with
N doors a budget can be overshot by what N - 1 doors let through in that time.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from vigie.core.clock import Clock
from vigie.core.gateway import day_of
from vigie.journal.rows import JournalUsage

FILE: Final = "gateway.usage.json"
LOOK_MS: Final = 200
"""The file is looked at no more often."""


class Used(NamedTuple):
    """Sums of one key."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    images: int = 0

    @property
    def tokens(self) -> int:
        """Of both directions."""
        return self.input_tokens + self.output_tokens

    def plus(self, other: Used) -> Used:
        """Return the sum of both."""
        return Used(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


NOTHING: Final = Used()


class Settled(msgspec.Struct, frozen=True):
    """What `jobs` says."""

    at: int = 0
    day: int = 0
    keys: dict[str, tuple[int, int, int, int]] = {}
    """Of this day, by number of the key."""
    positions: dict[str, int] = {}
    """By journal, up to which row it is in the sums."""
    yesterday: dict[str, tuple[int, int]] = {}
    """By feature: exchanges and stops of the day before."""


class _Sent(NamedTuple):
    """Sums that are durable in the journal up to a position, and may not be in the file."""

    position: int
    day: int
    sums: dict[str, Used]


class Usage:
    """Counts for one door."""

    def __init__(self, file: Path, writer: str, clock: Clock) -> None:
        self._file = file
        self._writer = writer
        self._clock = clock
        self._new: dict[str, Used] = {}
        self._flying: dict[str, Used] = {}
        self._new_day = 0
        self._sent: list[_Sent] = []
        self._settled = Settled()
        self._seen: tuple[int, int] | None = None
        self._next_look = 0

    def add(self, key: str, used: Used) -> None:
        """Count what a key used now."""
        self._new_day = day_of(self._clock.now_ms())
        self._new[key] = self._new.get(key, NOTHING).plus(used)

    def today(self, key: str) -> Used:
        """Return what is known of a key's use since midnight UTC."""
        now = self._clock.now_ms()
        self._look(now)
        day = day_of(now)
        known = Used(*self._settled.keys.get(key, NOTHING)) if self._settled.day == day else NOTHING
        for one in self._sent:
            if one.day == day:
                known = known.plus(one.sums.get(key, NOTHING))
        if self._new_day != day:
            return known
        return known.plus(self._new.get(key, NOTHING)).plus(self._flying.get(key, NOTHING))

    def yesterday(self, feature: str) -> tuple[int, int]:
        """Return the exchanges and stops of a feature on the day before."""
        now = self._clock.now_ms()
        self._look(now)
        known = self._settled.yesterday if self._settled.day == day_of(now) else {}
        return known.get(feature, (0, 0))

    def take(self) -> dict[str, Used]:
        """Hand over what is new, to be committed; `sent` or `give_back` follows."""
        self._flying, self._new = self._new, {}
        return self._flying

    def sent(self, sums: dict[str, Used], position: int) -> None:
        """Note that sums are durable, at the latest at this position of the journal."""
        self._sent.append(_Sent(position, self._new_day, sums))
        self._flying = {}

    def give_back(self, sums: dict[str, Used]) -> None:
        """Take back what could not be committed."""
        self._flying = {}
        for key, used in sums.items():
            self._new[key] = self._new.get(key, NOTHING).plus(used)

    def _look(self, now: int) -> None:
        if now < self._next_look:
            return
        self._next_look = now + LOOK_MS
        try:
            found = self._file.stat()
            seen = (found.st_mtime_ns, found.st_ino)
            if seen == self._seen:
                return
            self._settled = msgspec.json.decode(self._file.read_bytes(), type=Settled)
            self._seen = seen
        except (OSError, msgspec.MsgspecError):
            return  # `jobs` has said nothing yet: what is known stays
        held = self._settled.positions.get(self._writer, 0)
        self._sent = [one for one in self._sent if one.position > held]


def rows_of(sums: dict[str, Used]) -> Iterable[JournalUsage]:
    """Return the bodies of the rows that settle sums."""
    return (JournalUsage(key=key, **used._asdict()) for key, used in sums.items())
