# SPDX-License-Identifier: Apache-2.0
"""What a door remembers for a day: item versions and idempotency keys.

In memory, rebuilt from the journal at start. What is older is found by the
fold, which keeps the first decision and records the second as a duplicate.
Entries are packed bytes: a million of them must fit beside everything else.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from hashlib import blake2b
from typing import Final, NamedTuple

_PLACE: Final = struct.Struct("<16sQIQ")


def digest16(content: bytes) -> bytes:
    """Return 16 bytes over the content."""
    return blake2b(content, digest_size=16).digest()


def item_key_of(service: str, item_id: str) -> bytes:
    """Return the key under which an item's newest version is remembered."""
    return digest16(f"{service}\n{item_id}".encode())


def version_key_of(key: bytes, version: int) -> bytes:
    """Return the key of an item's earlier version; only edited items have one."""
    return digest16(b"%b\n%d" % (key, version))


class Place(NamedTuple):
    """Where the first answer is kept, and what it was an answer to."""

    fingerprint: bytes
    version: int
    """The item's version; of an Idempotency-Key the time of its answer."""
    writer: str
    ordinal: int


class Memory:
    """A bounded map from 16-byte keys to places; the oldest go first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._places: dict[bytes, bytes] = {}
        self._writers: list[str] = []
        self._numbers: dict[str, int] = {}

    def get(self, key: bytes) -> Place | None:
        """Return what is remembered, or None."""
        packed = self._places.get(key)
        if packed is None:
            return None
        fingerprint, version, number, ordinal = _PLACE.unpack(packed)
        return Place(fingerprint, version, self._writers[number], ordinal)

    def put(self, key: bytes, place: Place) -> None:
        """Remember; forget the oldest where there is no room."""
        number = self._numbers.get(place.writer)
        if number is None:
            number = self._numbers[place.writer] = len(self._writers)
            self._writers.append(place.writer)
        self._places.pop(key, None)
        self._places[key] = _PLACE.pack(place.fingerprint, place.version, number, place.ordinal)
        if len(self._places) > self._limit:
            del self._places[next(iter(self._places))]

    def put_version(self, key: bytes, place: Place) -> None:
        """Remember one version of an item; the newest stands under the item's own key."""
        held = self.get(key)
        if held is None or held.version <= place.version:
            self.put(key, place)
            if held is not None and held.version < place.version:
                self.put(version_key_of(key, held.version), held)
        else:
            self.put(version_key_of(key, place.version), place)

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._places)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the keys, oldest first."""
        return iter(self._places)
