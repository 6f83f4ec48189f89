# SPDX-License-Identifier: Apache-2.0
"""What is written down of an exchange, before the answer to it is complete.

The prompt's decision is durable before the first character of a stream leaves; the
decision that ends the exchange is durable before the stream's end does, or before a
whole answer's first byte. Neither has a text: of what was released nothing is kept,
of what was stopped the deciding span, sealed. No database is reached from here.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

import msgspec

from vigie.core.actions import Outcome
from vigie.core.clock import Clock
from vigie.core.decision import Decision
from vigie.core.errors import VigieError
from vigie.core.gateway import (
    AlarmKind,
    Brake,
    Ending,
    ExchangeFacts,
    Feature,
    Profile,
)
from vigie.core.ids import decision_id
from vigie.core.item import Subject, Surface
from vigie.gateway.excerpt import Excerpts
from vigie.gateway.prints import Prints
from vigie.gateway.probing import Probing
from vigie.gateway.services import Judged
from vigie.gateway.trips import Watch
from vigie.gateway.usage import Usage, rows_of
from vigie.gateway.users import Users
from vigie.journal.rows import JournalAlarm, JournalBrake, JournalExchange, Kind, Row, encode
from vigie.journal.seal import Sealer
from vigie.journal.writer import Journal
from vigie.machine.commits import Commits
from vigie.machine.holder import Holder

SETTLE_SECONDS: Final = 1.0
MAX_DIGESTS: Final = 20
"""Unregistered digests of one key that alarm by name: an application that writes a new
system text for every user must not raise an alarm for each."""
OTHERS: Final = "others"
_JSON: Final = msgspec.json.Encoder()
_STOPPED: Final = (Ending.REFUSED, Ending.CUT)


class _Asked(NamedTuple):
    subject: Subject
    fingerprint: bytes = b""
    idempotency: bytes = b""


class Books:
    """Writes exchanges of one door process into its journal."""

    def __init__(
        self,
        *,
        holder: Holder,
        journal: Journal,
        commits: Commits,
        sealer: Sealer,
        clock: Clock,
        pseudonym_key: bytes,
        excerpts: Excerpts,
        settled: Callable[[int], Mapping[str, Any]] = lambda _: {},
    ) -> None:
        """Take what it writes with. `settled`: what `jobs` says in `gateway.usage.json`."""
        self._holder = holder
        self._journal = journal
        self._commits = commits
        self._sealer = sealer
        self._clock = clock
        self._excerpts = excerpts
        self._settled = settled
        self._usage = Usage()
        self._watch = Watch(self._yesterday)
        self._users = Users(pseudonym_key)
        self._prints = Prints(pseudonym_key)
        self._probing = Probing()
        self._alarms: Counter[tuple[str, str, str]] = Counter()
        self._unregistered: dict[str, set[str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def names(self, count: int = 2) -> tuple[str, ...]:
        """Give out names of decisions, so that headers can carry them before they are made."""
        first = self._journal.allocate(count)
        bits = os.urandom(5 * count)
        return tuple(
            decision_id(self._journal.writer, first + n, int.from_bytes(bits[5 * n : 5 * n + 5]))
            for n in range(count)
        )

    def user(self, application: str, user_id: str) -> str:
        """Return the rotating pseudonym of an application's user; empty without an id."""
        return self._users.of(application, user_id, self._clock.now_ms())

    def fingerprint(self, application: str, text: str) -> int:  # noqa: ARG002
        """Return the keyed similarity fingerprint of a prompt's newest words; 0: it has none."""
        return self._prints.of(text)

    def slow(self, facts: ExchangeFacts, pictures: Sequence[str] = ()) -> float:
        """Return the seconds by which an exchange is to be slowed: its user is probing.

        Called once an exchange, with its fingerprint filled in. `pictures`: PDQ hashes,
        hexadecimal. An alarm is noted here.
        """
        values = [int(one, 16) for one in pictures]
        limit = self._profile(facts).near_variants
        seen = self._probing.see(
            facts.application, facts.user, facts.fingerprint, values, limit, self._clock.now_ms()
        )
        if seen.alarm:
            self.alarm(AlarmKind.PROBING, facts.application)
        return seen.delay

    async def prompt(self, judged: Judged) -> None:
        """Commit a prompt's decision before anything of the answer leaves.

        Raises VigieError where it cannot be recorded: then nothing may be forwarded.
        """
        await self._commit(self._sealed([judged], None))

    async def ended(self, facts: ExchangeFacts, judged: Sequence[Judged]) -> None:
        """Commit what ends an exchange; its answer's end follows this, never precedes it.

        Args:
            facts: what is known; where its excerpt lies is filled in here.
            judged: what was not committed before, in order. The last one carries the
                facts, and where something was stopped it is what stopped it. None: the
                exchange is counted and no more (a brake, a refusal before judging).

        Raises VigieError where nothing could be recorded.
        """
        if judged:
            facts = await self._filled(facts, judged[-1])
            await self._commit(self._sealed(judged, facts))
        else:
            body = JournalExchange(exchange=_JSON.encode(facts))
            await self._commit([self._row(Kind.EXCHANGE, encode(body))])
        self._count(facts)

    def alarm(self, kind: AlarmKind, key: str = "", subject: str = "") -> None:
        """Note something that a person should look at; told with the next settling.

        `subject`: a digest, a stage, an upstream; never a person, never content.
        """
        self._alarms[kind.value, key, subject] += 1

    def brake(self, feature: Feature, country: str) -> Brake | None:
        """Return the brake that stops a feature for a user's country, if one does.

        Of a Snapshot, or pulled by this door and not in a Snapshot yet.
        """
        known = self._holder.snapshot.brakes
        for one in known:
            if one.stops(feature, country):
                return one
        return self._watch.stops(feature, known)

    async def keep(self) -> None:
        """Settle once a second, until cancelled; what is left is settled then."""
        try:
            while True:
                await asyncio.sleep(SETTLE_SECONDS)
                await self.settle()
        finally:
            with suppress(VigieError):
                await self.settle()

    async def settle(self) -> None:
        """Commit what was used and what is alarming. A failure keeps it for the next time."""
        sums, alarms = self._usage.take(), self._alarms
        if not sums and not alarms:
            return
        self._alarms = Counter()
        rows = [self._row(Kind.USAGE, encode(body)) for body in rows_of(sums)]
        rows += [
            self._row(Kind.ALARM, encode(JournalAlarm(kind=kind, key=key, subject=about, count=n)))
            for (kind, key, about), n in alarms.items()
        ]
        try:
            await self._commits.commit(rows)
        except VigieError:
            self._usage.give_back(sums)
            self._alarms.update(alarms)

    async def _filled(self, facts: ExchangeFacts, last: Judged) -> ExchangeFacts:
        """Seal the excerpt of what was stopped; name it in the facts."""
        if facts.ending not in _STOPPED or not last.decision.has_effect:
            return facts
        if last.decision.counted_only:
            facts = msgspec.structs.replace(facts, fingerprint=0, answer_sha256="")
        kept = await asyncio.to_thread(self._excerpt, last, facts)
        return msgspec.structs.replace(facts, excerpt=kept)

    def _excerpt(self, judged: Judged, facts: ExchangeFacts) -> str:
        return self._excerpts.keep(
            judged.text or judged.subject.item.text or "",
            judged.subject,
            _moved(judged.decision, judged.offset),
            self._holder.snapshot.law,
            self._profile(facts).excerpt_days,
            self._clock.now_ms(),
        )

    def _profile(self, facts: ExchangeFacts) -> Profile:
        return self._holder.snapshot.gateway.profile(facts.profile)

    def _yesterday(self, feature: str) -> tuple[int, int]:
        known = self._settled(self._clock.now_ms()).get("yesterday", {}).get(feature, (0, 0))
        return int(known[0]), int(known[1])

    def _sealed(self, judged: Sequence[Judged], facts: ExchangeFacts | None) -> list[Row]:
        """Return the rows of decisions in order; the last one carries the facts.

        Of several pictures of one answer each can be stopped; a prompt that is not the
        last one was forwarded.
        """
        now = self._clock.now_ms()
        rows: list[Row] = []
        for number, one in enumerate(judged, 1):
            mine = facts if number == len(judged) else None
            forwarded = mine is None and one.subject.item.surface is Surface.AI_PROMPT
            decision = one.decision
            if facts is None or facts.ending not in _STOPPED or forwarded:
                decision = _released(decision)
            sealed = self._sealer.seal_exchange(_Asked(one.subject), decision, now, mine)
            rows.extend(sealed.rows)
        return rows

    async def _commit(self, rows: list[Row]) -> None:
        rows = self._sealer.with_keys(rows)
        await self._commits.commit(rows)
        self._sealer.committed(rows)

    def _row(self, kind: Kind, body: bytes) -> Row:
        return Row(0, kind.value, self._clock.now_ms(), body)

    def _count(self, facts: ExchangeFacts) -> None:
        """Add to the key's use, note what is alarming, look whether a brake is to be pulled."""
        self._usage.count(facts)
        self._alarming(facts)
        pulled = self._watch.count(
            facts.feature,
            self._holder.snapshot.gateway.trips,
            self._clock.now_ms(),
            stopped=facts.ending in _STOPPED,
            # Being too slow must not shut everybody out until two people come.
            failures=facts.failures - facts.late,
        )
        if pulled is not None:
            body = JournalBrake(
                feature=pulled.brake.feature.value,
                countries=pulled.brake.countries,
                reason=pulled.why,
            )
            self._later(self._row(Kind.BRAKE, encode(body)))

    def _alarming(self, facts: ExchangeFacts) -> None:
        key = facts.application
        for stage in facts.opened:
            self.alarm(AlarmKind.OPENED, key, stage)
        if facts.failures:
            self.alarm(AlarmKind.DETECTOR, key, facts.stage or "")
        elif facts.ending is Ending.FAILED:
            self.alarm(AlarmKind.UPSTREAM, key, facts.upstream)
        if facts.change and not facts.change_number:
            known = self._unregistered.setdefault(key, set())
            if len(known) < MAX_DIGESTS:
                known.add(facts.change)
            self.alarm(
                AlarmKind.UNREGISTERED, key, facts.change if facts.change in known else OTHERS
            )

    def _later(self, row: Row) -> None:
        """Commit a row whose answer nobody waits for; the brake holds here already."""

        async def commit() -> None:
            with suppress(VigieError):
                await self._commits.commit([row])

        task = asyncio.get_running_loop().create_task(commit())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _released(decision: Decision) -> Decision:
    """Return a decision that stopped nothing: what fired is told, and that nothing was done.

    The profile only observes, or what was released had left before it was judged.
    """
    if not decision.actions:
        return decision
    return msgspec.structs.replace(decision, actions=(), outcome=Outcome.ALLOW)


def _moved(decision: Decision, offset: int) -> Decision:
    """Return a decision whose spans count in a longer text."""
    if not offset:
        return decision
    signals = tuple(
        one
        if one.span is None
        else msgspec.structs.replace(one, span=(one.span[0] + offset, one.span[1] + offset))
        for one in decision.signals
    )
    return msgspec.structs.replace(decision, signals=signals)
