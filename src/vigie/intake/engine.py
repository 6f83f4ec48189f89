# SPDX-License-Identifier: Apache-2.0
"""The road of an item through the door: remember, screen, seal, commit, answer.

One engine per process. The doors and `vigie screen` share it; it waits for no
database and reads only the Snapshot.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec

from vigie.core.addresses import StatementAddresses
from vigie.core.clock import Clock
from vigie.core.errors import ConflictError, ErrorBody
from vigie.core.ids import decision_id, parse_decision_id
from vigie.core.item import Item, MediaFacts
from vigie.intake.answer import Answer, Promise
from vigie.intake.asked import Asked
from vigie.intake.memory import Memory, Place, digest16
from vigie.intake.past import Past
from vigie.intake.preserve import NoVault, Preserver, copy_note
from vigie.intake.road import Road
from vigie.journal.rows import JournalAnswer, Kind, Row, encode
from vigie.journal.seal import Sealed, Sealer
from vigie.journal.writer import Journal
from vigie.law import LawTable
from vigie.ledger.receipt import ReceiptSigner, receipt_paths
from vigie.machine.bench import Bench
from vigie.machine.commits import Commits
from vigie.machine.holder import Holder
from vigie.machine.turns import Turns
from vigie.screening.judge import judge
from vigie.screening.matching.index import near_edge
from vigie.screening.media.pool import DecoderPool
from vigie.screening.snapshot import Snapshot

REMEMBERED_MS: Final = 86_400_000
"""How long an Idempotency-Key gets its first answer."""


@dataclass(slots=True, frozen=True)
class Caller:
    """Who asks: the key's name, whether it sees scores, and its service."""

    key_id: str
    trusted: bool
    service: str = ""


class Engine:
    """Answers items. `answer` may run many times at once in one event loop."""

    def __init__(
        self,
        *,
        holder: Holder,
        journal: Journal,
        sealer: Sealer,
        signer: ReceiptSigner,
        memory: Memory,
        past: Past,
        decoders: DecoderPool,
        clock: Clock,
        term_ms: int,
        addresses: StatementAddresses,
        preserver: Preserver | None = None,
    ) -> None:
        self.holder = holder
        self.journal = journal
        self.clock = clock
        self._sealer = sealer
        self._signer = signer
        self._memory = memory
        self._past = past
        self._decoders = decoders
        self._term_ms = term_ms
        self.addresses = addresses
        self._preserver = preserver or NoVault()
        self.turns = Turns()
        self.bench: Bench[Asked, Sealed] = Bench(self._judge, self.turns)
        self._commits = Commits(journal)
        self._in_flight: dict[bytes, asyncio.Future[None]] = {}
        self._answering: set[bytes] = set()

    async def answer(
        self,
        items: Sequence[Item | ErrorBody],
        caller: Caller,
        *,
        is_batch: bool,
        idempotency: str = "",
        body: bytes = b"",
    ) -> bytes:
        """Return the JSON of the answer, after everything in it is durable.

        Raises VigieError where the whole request is refused; then nothing of
        it was recorded.
        """
        if not idempotency:
            return await self._answer(items, caller, is_batch=is_batch)
        key = digest16(f"once\n{caller.key_id}\n{idempotency}".encode())
        fingerprint = digest16(body)
        place = self._repeated(key, fingerprint)
        if place is not None:
            return await self._again(self._past.answer(place, key), caller)
        self._answering.add(key)
        try:
            return await self._answer(items, caller, is_batch=is_batch, once=(key, fingerprint))
        finally:
            self._answering.discard(key)

    async def _again(self, kept: JournalAnswer, caller: Caller) -> bytes:
        """Return a first answer once more, byte for byte."""
        if kept.answer:
            return kept.answer
        results = self._past.results(kept)
        entries = [one.entry for one in results if isinstance(one, Sealed)]
        answer = self._shape(self.holder.snapshot.law, caller, is_batch=kept.is_batch)
        return await answer.body(results, Promise(kept.note, receipt_paths(entries)))

    def _repeated(self, key: bytes, fingerprint: bytes) -> Place | None:
        if key in self._answering:
            raise ConflictError(
                "The first request with this Idempotency-Key is still being answered.",
                code="idempotency_in_flight",
                field="Idempotency-Key",
                fix="Wait for the first answer, then repeat.",
            )
        place = self._memory.get(key)
        if place is None or place.version < self.clock.now_ms() - REMEMBERED_MS:
            return None
        if place.fingerprint != fingerprint:
            raise ConflictError(
                "This Idempotency-Key was used with another body.",
                code="idempotency_key_reused",
                field="Idempotency-Key",
                fix="Use a new key for a new request.",
                http_status=422,
            )
        return place

    async def _answer(
        self,
        items: Sequence[Item | ErrorBody],
        caller: Caller,
        *,
        is_batch: bool,
        once: tuple[bytes, bytes] | None = None,
    ) -> bytes:
        road = Road(self, caller, once[0] if once else b"")
        # A batch is long under way: nobody waits for its commit.
        expected = int(not is_batch)
        self._commits.expected += expected
        try:
            results = await road.screen(items, is_batch=is_batch)
            body, rows = await self._compose(road, results, caller, is_batch=is_batch, once=once)
            if rows:
                rows = self._sealer.with_keys(rows)
                await self._commits.commit(rows)
                self._sealer.committed(rows)
            road.settle()
        finally:
            self._commits.expected -= expected
            road.leave()
        if once is not None and rows and rows[-1].kind == Kind.ANSWER.value:
            place = Place(once[1], rows[-1].t, self.journal.writer, rows[-1].ordinal)
            self._memory.put(once[0], place)
        return body

    async def _compose(
        self,
        road: Road,
        results: Sequence[Sealed | ErrorBody],
        caller: Caller,
        *,
        is_batch: bool,
        once: tuple[bytes, bytes] | None,
    ) -> tuple[bytes, list[Row]]:
        answer = self._shape(road.snapshot.law, caller, is_batch=is_batch)
        promise = answer.promise(results)
        body = await answer.body(results, promise)
        if once is None or promise is None:
            return body, road.rows
        kept = _kept(results, once, promise.note, is_batch=is_batch)
        if not caller.trusted:
            kept = msgspec.structs.replace(kept, answer=body)
        first = next(name for name in kept.decisions if name)
        ordinal = parse_decision_id(first).ordinal
        return body, [*road.rows, Row(ordinal, Kind.ANSWER.value, answer.now_ms, encode(kept))]

    def _shape(self, law: LawTable, caller: Caller, *, is_batch: bool) -> Answer:
        return Answer(
            is_batch=is_batch,
            trusted=caller.trusted,
            law=law,
            signer=self._signer,
            now_ms=self.clock.now_ms(),
            term_ms=self._term_ms,
            turns=self.turns,
            addresses=self.addresses,
        )

    async def commit(self, rows: list[Row]) -> None:
        """Make rows durable that stand for themselves (a confirmation)."""
        await self._commits.commit(rows)

    async def claim(self, keys: set[bytes]) -> None:
        """Wait until nobody answers any of these items, then hold them all."""
        while busy := [self._in_flight[key] for key in keys if key in self._in_flight]:
            await asyncio.wait(busy)
        held = asyncio.get_running_loop().create_future()
        self._in_flight.update(dict.fromkeys(keys, held))

    def release(self, keys: set[bytes]) -> None:
        """Let others go on with these items."""
        held = [self._in_flight.pop(key) for key in keys]
        if held and not held[0].done():
            held[0].set_result(None)

    def decode(self, snapshot: Snapshot, data: bytes, mime: str | None) -> Future[MediaFacts]:
        """Hand bytes to the decoders; what is near a listed picture is decoded in full."""
        index = snapshot.index
        recheck = None if index is None else partial(near_edge, index)
        return self._decoders.submit(data, mime, recheck=recheck)

    def remembered(self, key: bytes) -> Place | None:
        """Return the newest version of an item that is remembered."""
        return self._memory.get(key)

    def remember(
        self, key: bytes, fingerprint: bytes, version: int, ordinal: int, *, again: bool
    ) -> None:
        """Remember a version after its decision is durable; `again`: not the item's first."""
        place = Place(fingerprint, version, self.journal.writer, ordinal)
        if again:
            self._memory.put_version(key, place)
        else:
            self._memory.put(key, place)

    def first_answer(self, place: Place) -> Sealed | None:
        """Return the first decision about a version; None where it is gone."""
        return self._past.made(place)

    def superseded(self, place: Place) -> str | None:
        """Return the name of the decision on the version before."""
        earlier = self._past.made(place)
        return earlier.decision_id if earlier else None

    def _judge(self, waiting: Sequence[Asked], snapshot: Snapshot) -> list[Sealed]:
        subjects = [one.subject for one in waiting]
        now_ms = self.clock.now_ms()
        first = self.journal.allocate(len(subjects))
        bits = os.urandom(5 * len(subjects))
        names = [
            decision_id(self.journal.writer, first + n, int.from_bytes(bits[5 * n : 5 * n + 5]))
            for n in range(len(subjects))
        ]
        self._sealer.child_offences = snapshot.child_offences
        decisions = judge(subjects, snapshot, now_ms, iter(names))
        law = snapshot.law.entries
        copies = [
            copy_note(subject, decision, law, self._preserver) if subject.media else ""
            for subject, decision in zip(subjects, decisions, strict=True)
        ]
        return self._sealer.seal_all(waiting, decisions, first, now_ms, copies)


def _kept(
    results: Sequence[Sealed | ErrorBody], once: tuple[bytes, bytes], note: str, *, is_batch: bool
) -> JournalAnswer:
    refusals = [one for one in results if isinstance(one, ErrorBody)]
    return JournalAnswer(
        idempotency=once[0],
        fingerprint=once[1],
        decisions=tuple("" if isinstance(r, ErrorBody) else r.decision_id for r in results),
        refusals=msgspec.json.encode(refusals),
        note=note,
        is_batch=is_batch,
    )
