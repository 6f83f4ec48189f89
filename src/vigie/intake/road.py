# SPDX-License-Identifier: Apache-2.0
"""One request's way through the door: which items are new, which were answered.

The same id and version with the same content gets its first decision; other
content is a conflict. A higher version supersedes, a lower one is stale.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from vigie.core.errors import ConflictError, ErrorBody, RefusedError, VigieError
from vigie.core.item import Item, Subject
from vigie.intake.bench import Asked
from vigie.intake.media import facts_of
from vigie.intake.memory import digest16
from vigie.intake.past import item_key_of
from vigie.journal.rows import Row
from vigie.journal.seal import Sealed

if TYPE_CHECKING:
    from vigie.intake.engine import Caller, Engine

_ENCODER: Final = msgspec.json.Encoder()


class _New(NamedTuple):
    """An item to be judged: where its result goes and how it is remembered."""

    at: int
    key: bytes
    fingerprint: bytes
    subject: Subject


def fingerprint_of(item: Item) -> bytes:
    """Return 16 bytes over all that an item says."""
    return digest16(_ENCODER.encode(item))


class Road:
    """The items of one request; `rows` must be committed before the answer."""

    def __init__(self, engine: Engine, caller: Caller) -> None:
        self._engine = engine
        self._caller = caller
        self._new: list[_New] = []
        self._mine: dict[tuple[bytes, int], _New] = {}
        self._made: dict[int, Sealed] = {}
        self._shared: dict[int, int] = {}
        self._claimed: set[bytes] = set()
        self._keys: list[bytes] = []
        self.rows: list[Row] = []

    async def screen(self, items: Sequence[Item | ErrorBody]) -> list[Sealed | ErrorBody]:
        """Return per item the decision or why it was refused, in order."""
        many = len(items) > 1
        await self._claim(items)
        results = [
            item
            if isinstance(item, ErrorBody)
            else self._admit(at, item, f"items[{at}]." if many else "")
            for at, item in enumerate(items)
        ]
        await self._add_media()
        if self._new:
            await self._judge()
        return [
            self._made[self._shared.get(at, at)] if one is None else one
            for at, one in enumerate(results)
        ]

    def _admit(self, at: int, item: Item, prefix: str) -> Sealed | ErrorBody | None:
        """Return an earlier decision or a refusal; None: to be judged."""
        try:
            return self._known(at, item)
        except VigieError as problem:
            if not prefix:
                raise
            problem.field = prefix + (problem.field or "id")
            return problem.body()

    def _known(self, at: int, item: Item) -> Sealed | None:
        if self._caller.service and item.service != self._caller.service:
            raise RefusedError(
                "This key may not speak for that service.",
                code="wrong_service",
                field="service",
                fix="Use a key of that service.",
            )
        key, fingerprint = self._keys[at], fingerprint_of(item)
        twin = self._mine.get((key, item.version))
        if twin is not None:
            _same_content(twin.fingerprint, fingerprint)
            self._shared[at] = twin.at
            return None
        place = self._engine.remembered(key)
        if place is not None and place.version == item.version:
            _same_content(place.fingerprint, fingerprint)
            first = self._engine.first_answer(place)
            if first is not None:
                return first
        subject = Subject(
            item,
            (),
            self._engine.superseded(place) if place and place.version < item.version else None,
            place is not None and place.version > item.version,
        )
        new = _New(at, key, fingerprint, subject)
        self._new.append(new)
        self._mine[(key, item.version)] = new
        return None

    async def _claim(self, items: Sequence[Item | ErrorBody]) -> None:
        """Keep others away from these items until they are answered.

        All at once or none: two batches that name the same items in another
        order must not wait for each other.
        """
        self._keys = [
            b"" if isinstance(item, ErrorBody) else item_key_of(item.service, item.id)
            for item in items
        ]
        keys = set(self._keys) - {b""}
        await self._engine.claim(keys)
        self._claimed = keys

    async def _add_media(self) -> None:
        for number, new in enumerate(self._new):
            if new.subject.item.media:
                facts = await facts_of(new.subject.item, self._engine.decode)
                subject = msgspec.structs.replace(new.subject, media=facts)
                self._new[number] = new._replace(subject=subject)

    async def _judge(self) -> None:
        asked = [Asked(new.subject, new.fingerprint) for new in self._new]
        sealed = await self._engine.bench.judged(asked)
        for new, one in zip(self._new, sealed, strict=True):
            self.rows.extend(one.rows)
            self._made[new.at] = one

    def settle(self) -> None:
        """After the commit: remember the newest version of each item."""
        for new in self._new:
            if not new.subject.stale:
                ordinal = self._made[new.at].rows[-1].ordinal
                self._engine.remember(new.key, new.fingerprint, new.subject.item.version, ordinal)

    def leave(self) -> None:
        """Let those go on who wait for these items; after a failure too."""
        self._engine.release(self._claimed)


def _same_content(first: bytes, second: bytes) -> None:
    if first != second:
        raise ConflictError(
            "This id and version was sent before with other content.",
            code="version_conflict",
            field="version",
            fix="Send an edit under a higher version.",
        )
