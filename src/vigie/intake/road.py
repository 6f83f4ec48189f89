# SPDX-License-Identifier: Apache-2.0
"""One request's way through the door: which items are new, which were answered.

The same id and version with the same content gets its first decision; other
content is a conflict. A higher version supersedes, a lower one is stale.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from vigie.core.errors import ConflictError, ErrorBody, RefusedError, VigieError
from vigie.core.item import Item, Subject
from vigie.intake.asked import Asked
from vigie.intake.media import facts_of_all
from vigie.intake.memory import Place, digest16, item_key_of, version_key_of
from vigie.journal.rows import Row
from vigie.journal.seal import Sealed

if TYPE_CHECKING:
    from vigie.intake.engine import Caller, Engine

_ENCODER: Final = msgspec.json.Encoder()


TURN: Final = 100
"""Items looked up before others get a turn."""


class _New(NamedTuple):
    """An item to be judged: where its result goes and how it is remembered."""

    at: int
    key: bytes
    fingerprint: bytes
    subject: Subject
    again: bool
    """Another version of the item came before: in this request or remembered."""


def fingerprint_of(item: Item) -> bytes:
    """Return 16 bytes over all that an item says."""
    return digest16(_ENCODER.encode(item))


class Road:
    """The items of one request; `rows` must be committed before the answer.

    It ends on the Snapshot on which it began.
    """

    def __init__(self, engine: Engine, caller: Caller, idempotency: bytes = b"") -> None:
        self._engine = engine
        self._caller = caller
        self._idempotency = idempotency
        self.snapshot = engine.holder.snapshot
        self._new: list[_New] = []
        self._mine: dict[bytes, list[_New]] = {}
        self._later: list[int] = []
        self._made: dict[int, Sealed] = {}
        self._shared: dict[int, int] = {}
        self._claimed: set[bytes] = set()
        self._keys: list[bytes] = []
        self.rows: list[Row] = []

    async def screen(
        self, items: Sequence[Item | ErrorBody], *, is_batch: bool
    ) -> list[Sealed | ErrorBody]:
        """Return per item the decision or why it was refused, in order.

        Several versions of one item are judged one after another: a later one
        names the decision that it supersedes.
        """
        await self._claim(items)
        results: list[Sealed | ErrorBody | None] = [None] * len(items)
        waiting: Sequence[int] = range(len(items))
        while waiting:
            begin, self._later = len(self._new), []
            for at in waiting:
                results[at] = self._admit(at, items[at], is_batch=is_batch)
                if at % TURN == TURN - 1:
                    await self._engine.turns.give_way()
            if len(self._new) > begin:
                await self._add_media(begin)
                await self._judge(begin)
            waiting = self._later
        return [
            self._made[self._shared.get(at, at)] if one is None else one
            for at, one in enumerate(results)
        ]

    def _admit(
        self, at: int, item: Item | ErrorBody, *, is_batch: bool
    ) -> Sealed | ErrorBody | None:
        """Return an earlier decision or a refusal; None: to be judged."""
        if isinstance(item, ErrorBody):
            return item
        try:
            return self._known(at, item)
        except VigieError as problem:
            if not is_batch:
                raise
            problem.field = f"items[{at}].{problem.field or 'id'}"
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
        place = self._engine.remembered(key)
        mine = self._mine.get(key)
        if mine is not None:
            self._beside(at, item, mine, fingerprint)
            return None
        supersedes = None
        if place is not None:
            first = self._first(key, place, item.version, fingerprint)
            if first is not None:
                return first
            if place.version < item.version:
                supersedes = self._engine.superseded(place)
        stale = place is not None and place.version > item.version
        subject = Subject(item, (), supersedes, stale)
        self._add(_New(at, key, fingerprint, subject, place is not None))
        return None

    def _add(self, new: _New) -> None:
        self._new.append(new)
        self._mine.setdefault(new.key, []).append(new)

    def _first(self, key: bytes, newest: Place, version: int, fingerprint: bytes) -> Sealed | None:
        """Return the first decision about this very version, if it is remembered."""
        place: Place | None = newest
        if newest.version > version:
            place = self._engine.remembered(version_key_of(key, version))
        if place is None or place.version != version:
            return None
        _same_content(place.fingerprint, fingerprint)
        return self._engine.first_answer(place)

    def _beside(self, at: int, item: Item, mine: list[_New], fingerprint: bytes) -> None:
        """Take in an item that this request has named before."""
        for twin in mine:
            if twin.subject.item.version == item.version:
                _same_content(twin.fingerprint, fingerprint)
                self._shared[at] = twin.at
                return
        if any(one.at not in self._made for one in mine):
            self._later.append(at)
            return
        newest = max(mine, key=lambda one: one.subject.item.version)
        place = self._engine.remembered(mine[0].key)
        highest = max(newest.subject.item.version, place.version if place else 0)
        stale = highest > item.version
        supersedes = None if stale else self._made[newest.at].decision_id
        subject = Subject(item, (), supersedes, stale)
        self._add(_New(at, mine[0].key, fingerprint, subject, again=True))

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

    async def _add_media(self, begin: int) -> None:
        shown = [n for n, new in enumerate(self._new[begin:], begin) if new.subject.item.media]
        if not shown:
            return
        items = [self._new[number].subject.item for number in shown]
        found = await facts_of_all(items, partial(self._engine.decode, self.snapshot))
        for number, facts in zip(shown, found, strict=True):
            new = self._new[number]
            self._new[number] = new._replace(
                subject=msgspec.structs.replace(new.subject, media=facts)
            )

    async def _judge(self, begin: int) -> None:
        new = self._new[begin:]
        asked = [Asked(one.subject, one.fingerprint, self._idempotency) for one in new]
        sealed = await self._engine.bench.judged(asked, self.snapshot)
        for one, made in zip(new, sealed, strict=True):
            self.rows.extend(made.rows)
            self._made[one.at] = made

    def settle(self) -> None:
        """After the commit: remember every version, the newest of an item first of all."""
        for new in self._new:
            ordinal = self._made[new.at].rows[-1].ordinal
            version = new.subject.item.version
            self._engine.remember(new.key, new.fingerprint, version, ordinal, again=new.again)

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
