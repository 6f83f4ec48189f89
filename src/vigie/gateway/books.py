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
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NamedTuple

import msgspec

from vigie.core.addresses import StatementAddresses
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
from vigie.core.item import Subject
from vigie.gateway.excerpt import Excerpts
from vigie.gateway.prints import Prints
from vigie.gateway.probing import Probe, Probing
from vigie.gateway.trips import Watch
from vigie.gateway.usage import Usage, Used, rows_of
from vigie.gateway.users import Users
from vigie.journal.rows import JournalAlarm, JournalBrake, JournalExchange, Kind, Row, encode
from vigie.journal.seal import Sealer
from vigie.journal.writer import Journal
from vigie.machine.commits import Commits
from vigie.screening.snapshot import Snapshot

SETTLE_SECONDS: Final = 1.0
_JSON: Final = msgspec.json.Encoder()
_STOPPED: Final = (Ending.REFUSED, Ending.CUT)


class Judged(NamedTuple):
    """A decision, and what it is about."""

    subject: Subject
    """As it was judged; its item's id is the decision's name."""
    decision: Decision
    text: str = ""
    """In which the decision's spans count, where it is more than the item's own text:
    a cut answer as far as it was received."""
    offset: int = 0
    """Where the item's text begins in it."""


class Written(NamedTuple):
    """What was committed."""

    facts: ExchangeFacts
    """As they stand in the journal: names of the decisions and of the excerpt filled in."""
    statement_url: str | None
    """Where the reasons can be read; None where nothing was stopped or it is counted only."""


class _Asked(NamedTuple):
    subject: Subject
    fingerprint: bytes = b""
    idempotency: bytes = b""


class Books:
    """Writes exchanges of one door process into its journal."""

    def __init__(
        self,
        *,
        journal: Journal,
        commits: Commits,
        sealer: Sealer,
        clock: Clock,
        pseudonym_key: bytes,
        addresses: StatementAddresses,
        excerpts: Excerpts,
        usage: Usage,
    ) -> None:
        self.usage = usage
        self.watch = Watch(usage.yesterday)
        self._journal = journal
        self._commits = commits
        self._sealer = sealer
        self._clock = clock
        self._addresses = addresses
        self._excerpts = excerpts
        self._users = Users(pseudonym_key)
        self._prints = Prints(pseudonym_key)
        self._probing = Probing()
        self._alarms: Counter[tuple[str, str, str]] = Counter()
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

    def probe(
        self,
        application: str,
        user: str,
        profile: Profile,
        text: str,
        pictures: Sequence[str] = (),
    ) -> tuple[int, Probe]:
        """Return the fingerprint of the newest words, and whether they look like probing.

        `pictures`: PDQ hashes, hexadecimal. An alarm is noted here; the caller waits
        `Probe.delay` seconds before it answers.
        """
        found = self._prints.of(text)
        values = [int(one, 16) for one in pictures]
        now = self._clock.now_ms()
        seen = self._probing.see(application, user, found, values, profile.near_variants, now)
        if seen.alarm:
            self.alarm(AlarmKind.PROBING, application)
        return found, seen

    async def prompt(self, judged: Judged) -> None:
        """Commit a prompt's decision before anything of the answer leaves.

        Raises VigieError where it cannot be recorded: then nothing may be forwarded.
        """
        await self._commit(list(self._sealed(judged, None)))

    async def ended(
        self,
        facts: ExchangeFacts,
        snapshot: Snapshot,
        *,
        prompt: Judged | None = None,
        answer: Judged | None = None,
        prompt_written: bool = False,
    ) -> Written:
        """Commit what ends an exchange. The end of the answer follows this, never precedes it.

        Args:
            facts: what is known; names of decisions and of the excerpt are filled in here.
            snapshot: under which it was judged.
            prompt: its decision, if it was judged.
            answer: the decision on the answer; None where nothing of one was judged.
            prompt_written: `prompt` has been called with it before.

        With neither decision the exchange is counted and no more (a brake, a refusal
        before judging). Raises VigieError where it cannot be recorded.
        """
        last = answer or prompt
        if last is None:
            body = JournalExchange(exchange=_JSON.encode(facts))
            await self._commit([self._row(Kind.EXCHANGE, encode(body))])
            self._count(facts, snapshot)
            return Written(facts, None)
        facts = await self._filled(facts, snapshot, prompt, answer)
        rows = list(self._sealed(last, facts))
        if answer is not None and prompt is not None and not prompt_written:
            rows = [*self._sealed(prompt, None), *rows]
        await self._commit(rows)
        self._count(facts, snapshot)
        return Written(facts, self.statement_url(last.decision))

    def statement_url(self, decision: Decision) -> str | None:
        """Return where a person can read why; None where nothing was stopped or kept."""
        if not decision.has_effect or decision.counted_only:
            return None
        return self._addresses.of(decision.decision_id, self._clock.now_ms())

    def alarm(self, kind: AlarmKind, key: str = "", subject: str = "") -> None:
        """Note something that a person should look at; told with the next settling.

        `subject`: a digest, a stage, an upstream; never a person, never content.
        """
        self._alarms[kind.value, key, subject] += 1

    def brake(self, feature: Feature, snapshot: Snapshot, country: str) -> Brake | None:
        """Return the brake that stops a feature for a user's country, if one does."""
        for one in snapshot.brakes:
            if one.stops(feature, country):
                return one
        return self.watch.stops(feature, snapshot.brakes)

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
        sums, alarms = self.usage.take(), self._alarms
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
            self.usage.give_back(sums)
            self._alarms.update(alarms)
            return
        self.usage.sent(sums, self._journal.committed)

    async def _filled(
        self,
        facts: ExchangeFacts,
        snapshot: Snapshot,
        prompt: Judged | None,
        answer: Judged | None,
    ) -> ExchangeFacts:
        last = answer or prompt
        named = msgspec.structs.replace(
            facts,
            prompt_decision=prompt.decision.decision_id if prompt else facts.prompt_decision,
            answer_decision=answer.decision.decision_id if answer else "",
        )
        if last is None or facts.ending not in _STOPPED or not last.decision.has_effect:
            return named
        if last.decision.counted_only:
            named = msgspec.structs.replace(named, fingerprint=0)
        kept = await asyncio.to_thread(self._excerpt, last, facts, snapshot)
        return msgspec.structs.replace(named, excerpt=kept)

    def _excerpt(self, judged: Judged, facts: ExchangeFacts, snapshot: Snapshot) -> str:
        return self._excerpts.keep(
            judged.text or judged.subject.item.text or "",
            judged.subject,
            _moved(judged.decision, judged.offset),
            snapshot.law,
            snapshot.gateway.profile(facts.profile).excerpt_days,
            self._clock.now_ms(),
        )

    def _sealed(self, judged: Judged, facts: ExchangeFacts | None) -> tuple[Row, ...]:
        now = self._clock.now_ms()
        asked = _Asked(judged.subject)
        return self._sealer.seal_exchange(asked, judged.decision, now, facts).rows

    async def _commit(self, rows: list[Row]) -> None:
        rows = self._sealer.with_keys(rows)
        await self._commits.commit(rows)
        self._sealer.committed(rows)

    def _row(self, kind: Kind, body: bytes) -> Row:
        return Row(0, kind.value, self._clock.now_ms(), body)

    def _count(self, facts: ExchangeFacts, snapshot: Snapshot) -> None:
        """Add to the key's use, and look whether a brake is to be pulled."""
        used = Used(0, facts.input_tokens, facts.output_tokens, facts.images)
        self.usage.add(facts.application, used)
        for stage in facts.opened:
            self.alarm(AlarmKind.OPENED, facts.application, stage)
        pulled = self.watch.count(
            facts.feature,
            snapshot.gateway.trips,
            self._clock.now_ms(),
            stopped=facts.ending in _STOPPED,
            failures=facts.failures,
        )
        if pulled is not None:
            body = JournalBrake(
                feature=pulled.brake.feature.value,
                countries=pulled.brake.countries,
                reason=pulled.why,
            )
            self._later(self._row(Kind.BRAKE, encode(body)))

    def _later(self, row: Row) -> None:
        """Commit a row whose answer nobody waits for; the brake holds here already."""

        async def commit() -> None:
            with suppress(VigieError):
                await self._commits.commit([row])

        task = asyncio.get_running_loop().create_task(commit())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


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
