# SPDX-License-Identifier: Apache-2.0
"""What is known of one exchange, and how it is accounted for: facts, budgets, records."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from vigie.core.change_digest import of_request
from vigie.core.errors import RefusedError
from vigie.core.gateway import (
    Brake,
    Ending,
    ExchangeFacts,
    KnownChange,
    Stage,
    Unregistered,
    Upstream,
)
from vigie.core.item import MediaFacts
from vigie.gateway import refusals
from vigie.gateway.caller import Caller
from vigie.gateway.dialects.base import Conversation, Refusal, Road, Usage
from vigie.gateway.judging import newest
from vigie.gateway.services import Gateway, Judged
from vigie.gateway.stream import Stream

CHARS_OF_TOKEN: Final = 4
"""Where an upstream does not count."""
MOST_TOKENS: Final = 100_000_000
"""Of one exchange, whatever an upstream says: sums of it must fit into a database."""
PDQ_QUALITY: Final = 50
"""Below it a picture's hash says little about what it shows."""


class BrakedError(RefusedError):
    """A feature stands still."""

    code = refusals.BRAKED

    def __init__(self, brake: Brake) -> None:
        super().__init__(brake.reason)
        self.brake = brake


class Account:
    """One exchange's facts. `admit` first, `end` once, `close` last."""

    def __init__(
        self, gateway: Gateway, caller: Caller, dialect: Road, conversation: Conversation
    ) -> None:
        self._gateway = gateway
        self._caller = caller
        self._dialect = dialect
        self._conversation = conversation
        self._began = gateway.clock.now_ms()
        self._clock = time.perf_counter()
        books = gateway.books
        self.names = books.names(2)
        """Of the decisions on prompt and answer."""
        self.user = books.user(caller.key.id, conversation.user)
        self.country = caller.country(conversation.country)
        self.who = caller.who(self.user, self.country, conversation.model)
        self.language = refusals.language_of(*caller.languages)
        self.prompt: Judged | None = None
        self.upstream = ""
        self.category = ""
        self.usage: Usage | None = None
        self.failures = 0
        self.late = 0
        self.opened: dict[str, None] = {}
        self.judged_chars = 0
        self.released_chars = 0
        self.answer_sha256 = ""
        self._chars = sum(len(one.text) for one in conversation.parts)
        self._first_ms = 0
        self._fingerprint = 0
        self._digest = ""
        self._change = 0
        self._is_admitted = False
        self._facts: ExchangeFacts | None = None
        self._writing: asyncio.Future[None] | None = None

    # -- before ---------------------------------------------------------------

    def admit(self) -> None:
        """Take from the key's budget. Raises BudgetError."""
        self._gateway.budgets.take(self._caller.key, self._began)
        self._is_admitted = True

    def check(self) -> None:
        """Raise where a brake is in force, or the request's configuration must be registered."""
        brake = self.brake()
        if brake is not None:
            raise BrakedError(brake)
        if not self._digest:
            self._look_up_change()

    def brake(self) -> Brake | None:
        """Return the brake that stops this exchange, if one does."""
        return self._gateway.books.brake(self._dialect.feature, self.country)

    def braked(self, language: str) -> Refusal:
        """Return what is told where a brake ended the exchange."""
        brake = self.brake()
        return refusals.braked(brake, language) if brake else refusals.braked_plain(language)

    def upstreams(self) -> Sequence[Upstream]:
        """Return whom to ask, in order."""
        conf = self._caller.snapshot.gateway
        return conf.upstreams_of(self._dialect.kind, self._conversation.model)

    def probe(self, media: Sequence[MediaFacts]) -> float:
        """Return the seconds by which the exchange is slowed: its user tries near variants."""
        text = newest(self._conversation.parts)
        self._fingerprint = self._gateway.books.fingerprint(self._caller.key.id, text)
        hashes = [one.pdq for one in media if one.pdq and (one.quality or 0) >= PDQ_QUALITY]
        return self._gateway.books.slow(self.facts(Ending.RELEASED), hashes)

    def _look_up_change(self) -> None:
        self._digest = of_request(self._conversation.body)
        found = self._caller.snapshot.changes.get(self._digest, ())
        service, now = self._caller.key.service, self._began
        self._change = next((one.number for one in found if _holds(one, service, now)), 0)
        if not self._change and self._caller.profile.unregistered is Unregistered.REFUSE:
            raise RefusedError(
                "This configuration is not registered.",
                code="change_unregistered",
                fix="The operator registers it: vigie change register.",
            )

    # -- records --------------------------------------------------------------

    def write_prompt(self) -> None:
        """Begin to commit the prompt's decision, beside what follows."""
        if self.prompt is not None:
            self._writing = asyncio.ensure_future(self._gateway.books.prompt(self.prompt))

    async def prompt_written(self) -> None:
        """Wait until the prompt's decision is durable. Raises VigieError."""
        if self._writing is not None:
            await asyncio.shield(self._writing)

    async def end(self, ending: Ending, answer: Judged | None, stage: Stage | None = None) -> None:
        """Record how the exchange ended; once. Raises VigieError where it cannot be recorded."""
        if self._facts is not None:
            return
        judged: list[Judged] = []
        if self._writing is not None:
            await self.prompt_written()
            judged += [answer] if answer is not None else await self._nothing()
        else:
            judged += [one for one in (self.prompt, answer) if one is not None]
        facts = self.facts(
            ending,
            stage,
            prompt_decision=self.names[0] if self.prompt else "",
            answer_decision=self.names[1] if judged and judged[-1] is not self.prompt else "",
        )
        self._facts = facts
        await self._gateway.books.ended(facts, judged)

    async def _nothing(self) -> list[Judged]:
        """Return the decision on an answer of which nothing came, or nothing was judged.

        None where the judge fails: the end of the exchange is recorded all the same.
        """
        try:
            verdict = await self._gateway.judge.answer(
                "", self.who, self.names[1], self._caller.snapshot, ()
            )
        except Exception:  # noqa: BLE001 - whatever fails there, the exchange has an end
            return []
        return [Judged(verdict.subject, verdict.decision)]

    def close(self) -> None:
        """Count what was used; of an exchange that was never recorded, nothing."""
        if self._is_admitted:
            now = self._gateway.clock.now_ms()
            self._gateway.budgets.ended(self._caller.key, now, self._facts)
        if self._writing is not None and not self._writing.done():
            self._writing.cancel()
        if self._facts is not None:
            metrics = self._gateway.metrics
            metrics.exchanges.labels(self._dialect.name, self._facts.ending.value).inc()
            metrics.seconds.observe(time.perf_counter() - self._clock)

    def take_over(self, stream: Stream) -> None:
        """Take what a stream counted."""
        self.usage = stream.usage
        self.judged_chars = stream.channels.judged - stream.unjudged
        self.released_chars, self.answer_sha256 = stream.channels.released, stream.channels.digest
        self.failures += stream.failures
        self.late += stream.late
        if stream.is_open:
            self.opened[Stage.ANSWER.value] = None
        self._gateway.metrics.windows.inc(stream.windows)
        if stream.failures:
            self._gateway.metrics.late.labels(Stage.ANSWER.value).inc(stream.failures)

    def first(self) -> None:
        """Note that the first byte leaves."""
        took = time.perf_counter() - self._clock
        self._first_ms = max(int(took * 1000), 1)
        self._gateway.metrics.first.observe(took)

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return what every answer says: the decisions, and the user's pseudonym."""
        found = []
        if self.prompt is not None:
            refused = self._facts is not None and self._facts.ending is Ending.REFUSED
            deciding = self.names[0] if refused else self.names[1]
            found.append((b"vigie-decision", deciding.encode()))
            found.append((b"vigie-prompt-decision", self.names[0].encode()))
        if self.user:
            found.append((b"vigie-user", self.user.encode()))
        return found

    def _used(self) -> Usage:
        """Return the tokens that the upstream counted, or a guess where it did not say.

        Of an answer that was cut or left it never says; a budget must not be free of it.
        """
        if not self.upstream or (self.usage is not None and any(self.usage)):
            return Usage(*(min(count, MOST_TOKENS) for count in self.usage or Usage()))
        said = max(self.judged_chars, self.released_chars)
        return Usage(_guessed(self._chars), _guessed(said))

    def facts(
        self,
        ending: Ending,
        stage: Stage | None = None,
        *,
        prompt_decision: str = "",
        answer_decision: str = "",
    ) -> ExchangeFacts:
        """Return what is kept of the exchange: numbers and names, no content."""
        usage = self._used()
        return ExchangeFacts(
            application=self._caller.key.id,
            route=self._dialect.name,
            feature=self._dialect.feature,
            ending=ending,
            stage=stage,
            mode=self._caller.profile.mode,
            profile=self._caller.profile.name,
            model=self._conversation.model,
            upstream=self.upstream,
            country=self.country,
            language=self.language,
            user=self.user,
            category=self.category,
            prompt_chars=self._chars,
            judged_chars=self.judged_chars,
            released_chars=self.released_chars,
            answer_sha256=self.answer_sha256,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            began=self._began,
            took_ms=int((time.perf_counter() - self._clock) * 1000),
            first_ms=self._first_ms,
            prompt_decision=prompt_decision,
            answer_decision=answer_decision,
            opened=tuple(self.opened),
            failures=self.failures,
            late=self.late,
            change=self._digest,
            change_number=self._change,
            fingerprint=self._fingerprint,
        )


def _guessed(chars: int) -> int:
    return -(-chars // CHARS_OF_TOKEN)


def _holds(change: KnownChange, service: str, now: int) -> bool:
    if change.service and service and change.service != service:
        return False
    return change.since <= now and (not change.until or now < change.until)
