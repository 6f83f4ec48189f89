# SPDX-License-Identifier: Apache-2.0
"""What exchanges of text and of pictures do alike: judge in time, stop, say why."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Sequence
from typing import Final

from vigie.core.decision import Decision
from vigie.core.errors import OutsideError, VigieError
from vigie.core.gateway import Ending, Mode, Stage
from vigie.core.item import MediaFacts
from vigie.gateway import refusals
from vigie.gateway.account import Account, BrakedError
from vigie.gateway.caller import Caller
from vigie.gateway.dialects.base import Part, Refusal
from vigie.gateway.judging import Scores, Verdict
from vigie.gateway.pictures import NotJudgedError
from vigie.gateway.services import Gateway, Judged
from vigie.gateway.upstream import RefusingUpstreamError

STOPPING: Final = "server_stopping"
MOST_WORDS: Final = 1_000
"""Characters of what a refusing upstream says."""


class StopError(Exception):
    """The exchange ends here; what is told, and how it is recorded."""

    def __init__(self, refusal: Refusal, ending: Ending, stage: Stage | None) -> None:
        super().__init__()
        self.refusal = refusal
        self.ending = ending
        self.stage = stage


class Guarding:
    """The guard's side of one exchange."""

    _account: Account

    def __init__(self, gateway: Gateway, caller: Caller) -> None:
        self._gateway = gateway
        self._caller = caller
        self._language = refusals.language_of(*caller.languages)
        self._prompt: Verdict | None = None

    async def _judge(
        self, parts: Sequence[Part], looking: Awaitable[tuple[MediaFacts, ...]] | None
    ) -> None:
        """Judge words and pictures together. Raises StopError where they may not be forwarded."""
        account, profile = self._account, self._caller.profile
        media = await self._looked(looking) if looking is not None else ()
        delay = account.probe(media)
        if delay:
            await asyncio.sleep(delay)
        judging = self._gateway.judge.prompt(
            parts, media, account.who, account.names[0], self._caller.snapshot
        )
        self._prompt = verdict = await self._in_time(judging, profile.prompt_ms, Stage.PROMPT)
        if verdict is None:
            return
        account.prompt = Judged(verdict.subject, verdict.decision)
        self._language = refusals.language_of(*self._caller.languages, verdict.decision.language)
        account.language = self._language
        if verdict.stops:
            refusal = self._stopped(verdict.decision, Stage.PROMPT)
            if not self._only_observed(verdict.decision):
                raise StopError(refusal, Ending.REFUSED, Stage.PROMPT)

    def _only_observed(self, decision: Decision) -> bool:
        """Say whether the profile lets pass what stops; never what is counted only."""
        return self._caller.profile.mode is Mode.OBSERVE and not decision.counted_only

    async def _looked(self, looking: Awaitable[tuple[MediaFacts, ...]]) -> tuple[MediaFacts, ...]:
        """Return what is known of pictures; none where the profile goes on without."""
        try:
            return await looking
        except NotJudgedError:
            self._unjudged(Stage.IMAGE)
            return ()

    async def _in_time(
        self, judging: Awaitable[Verdict], budget_ms: int, stage: Stage
    ) -> Verdict | None:
        """Return a verdict; None where there is none and the profile goes on. Or StopError."""
        try:
            async with asyncio.timeout(budget_ms / 1000):
                verdict = await judging
        except TimeoutError:
            self._account.late += 1
            self._unjudged(stage)
            return None
        except Exception:  # noqa: BLE001 - whatever fails, what was not judged is not released
            self._unjudged(stage)
            return None
        if verdict.decision.blind and not verdict.stops:
            self._unjudged(stage)
        return verdict

    def _unjudged(self, stage: Stage) -> None:
        """Note a judgement that failed or came late. Raises StopError unless the profile opens."""
        self._account.failures += 1
        self._gateway.metrics.late.labels(stage.value).inc()
        if not self._caller.profile.fails_open(stage):
            raise StopError(refusals.unguarded(self._language), Ending.FAILED, stage)
        self._account.opened[stage.value] = None

    def _stopped(self, decision: Decision, stage: Stage) -> Refusal:
        refusal = refusals.stopped(
            decision, stage, self._caller.snapshot.law, self._language, self._gateway.addresses
        )
        self._account.category = refusal.category
        return refusal

    def _failure(self, code: str) -> Refusal:
        if code == refusals.UNGUARDED:
            return refusals.unguarded(self._language)
        if code == STOPPING:
            message = refusals.text(self._language, "stopping")
            return Refusal(message=message, code=code, status=503, retry_after=2)
        if code == refusals.REVOKED:
            message = refusals.text(self._language, "revoked")
            return Refusal(message=message, code=code, status=401)
        message = refusals.text(self._language, "upstream")
        return Refusal(message=message, code=code, status=502)

    def _told(self, problem: VigieError) -> Refusal:
        if isinstance(problem, OutsideError):
            return self._failure(problem.code)
        return refusals.of_error(problem, self._language)

    @property
    def _earlier(self) -> Scores:
        """What the prompt said, for the judgement of what answers it."""
        return self._prompt.scores if self._prompt else ()

    async def _because(
        self, problem: StopError | VigieError
    ) -> tuple[Refusal, Ending, Stage | None]:
        """Return what is told where an exchange ends with an error, and how it is recorded."""
        if isinstance(problem, StopError):
            return problem.refusal, problem.ending, problem.stage
        if isinstance(problem, BrakedError):
            return refusals.braked(problem.brake, self._language), Ending.BRAKED, None
        if isinstance(problem, RefusingUpstreamError):
            return await self._its_words(problem), Ending.FAILED, None
        return self._told(problem), Ending.FAILED, None

    async def _its_words(self, problem: RefusingUpstreamError) -> Refusal:
        """Return an upstream's refusal; its words where they pass as an answer would."""
        words = refusals.words_of(problem.said)[:MOST_WORDS]
        account = self._account
        if words:
            judging = self._gateway.judge.answer(
                words, account.who, account.names[1], self._caller.snapshot, ()
            )
            with contextlib.suppress(Exception):
                verdict = await asyncio.wait_for(judging, self._caller.profile.window_ms / 1000)
                if not verdict.stops and not verdict.decision.blind:
                    return refusals.refused_upstream(problem, words)
        return refusals.refused_upstream(problem, "")
