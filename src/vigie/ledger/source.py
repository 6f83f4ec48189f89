# SPDX-License-Identifier: Apache-2.0
"""Where the log's entries come from: what is durably committed, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from vigie.ledger.verify.errors import MissingError

READ_GROUP = 4096


class EntrySource(Protocol):
    """Reads entries that are durably committed; their order never changes."""

    def size(self) -> int:
        """Return how many entries are committed."""
        ...

    def read(self, start: int, stop: int) -> list[bytes]:
        """Return entries start to stop."""
        ...


class ListSource:
    """Entries in memory, for tests and for logs that are rebuilt."""

    def __init__(self, entries: Sequence[bytes] = ()) -> None:
        self.entries = list(entries)

    def size(self) -> int:
        """Return how many entries there are."""
        return len(self.entries)

    def read(self, start: int, stop: int) -> list[bytes]:
        """Return entries start to stop."""
        return self.entries[start:stop]


def read_all(source: EntrySource, start: int, stop: int) -> Iterator[bytes]:
    """Read entries in groups; a gap is refused."""
    for at in range(start, stop, READ_GROUP):
        until = min(at + READ_GROUP, stop)
        group = source.read(at, until)
        if len(group) != until - at:
            raise MissingError("The store does not give the entries it counted.", field="source")
        yield from group
