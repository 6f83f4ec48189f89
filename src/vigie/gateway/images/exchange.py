# SPDX-License-Identifier: Apache-2.0
"""One exchange about pictures: all of it judged, forwarded, each result judged and signed.

Prompt, photos, mask and markup are judged together before anything is forwarded. Of
several results a stopped one is left out, with the reason in its place; where none is
left the whole request is refused. No picture is written to a disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Final, NamedTuple

from vigie.core.decision import Decision
from vigie.core.errors import InvalidInputError, OutsideError, VigieError
from vigie.core.gateway import Ending, Mode, Stage, Upstream
from vigie.core.item import MediaFacts
from vigie.gateway import refusals
from vigie.gateway.account import BrakedError
from vigie.gateway.caller import Caller
from vigie.gateway.dialects.base import Refusal
from vigie.gateway.images import results
from vigie.gateway.images.account import ImageAccount
from vigie.gateway.images.provenance import Made, Provenance
from vigie.gateway.images.request import ImageRequest
from vigie.gateway.images.results import Answered, Result
from vigie.gateway.judging import Scores, Verdict
from vigie.gateway.pictures import NotJudgedError, Source
from vigie.gateway.services import Gateway, Judged
from vigie.gateway.upstream import RefusingUpstreamError
from vigie.screening.media.formats import PNG, sniff

MOST_WORDS: Final = 1_000
"""Characters of what a refusing upstream says."""


class Shown(NamedTuple):
    """What became of one result: a signed picture, or why there is none."""

    made: Made | None
    revised: str = ""
    refusal: Refusal | None = None


class Finished(NamedTuple):
    """What is answered: results, or a refusal of all of it."""

    shown: Sequence[Shown] = ()
    answered: Answered | None = None
    refusal: Refusal | None = None


class _Seen(NamedTuple):
    """One result, judged."""

    result: Result
    mime: str
    verdict: Verdict | None
    stops: bool


class _StopError(Exception):
    """The exchange ends here."""

    def __init__(self, refusal: Refusal, ending: Ending, stage: Stage | None) -> None:
        super().__init__()
        self.refusal = refusal
        self.ending = ending
        self.stage = stage


class ImageExchange:
    """One request, read. `run` returns what is answered, after it is recorded."""

    def __init__(
        self, gateway: Gateway, provenance: Provenance, caller: Caller, request: ImageRequest
    ) -> None:
        self._gateway = gateway
        self._provenance = provenance
        self._caller = caller
        self._request = request
        self._language = refusals.language_of(*caller.languages)
        self._scores: Scores = ()
        self.account = ImageAccount(gateway, caller, request)
        self.request_id = caller.request_id

    async def run(self) -> Finished:
        """Judge, forward, judge, sign. Raises BudgetError before it is an exchange."""
        self.account.admit()
        try:
            return await self._run()
        finally:
            self.account.close()

    async def _run(self) -> Finished:
        try:
            await self._judge_prompt()
            answered, upstream = await self._answered()
            seen = [await self._seen(n, one) for n, one in enumerate(answered.results)]
            self.account.upstream = upstream.name
            self.account.check()
            return await self._finished(answered, seen)
        except _StopError as stop:
            return await self._refused(stop.refusal, stop.ending, stop.stage)
        except BrakedError as problem:
            told = refusals.braked(problem.brake, self._language)
            return await self._refused(told, Ending.BRAKED, None)
        except RefusingUpstreamError as problem:
            return await self._refused(await self._its_words(problem), Ending.FAILED, None)
        except VigieError as problem:
            if isinstance(problem, InvalidInputError):
                told = refusals.of_error(problem, self._language)
                return await self._refused(told, Ending.FAILED, None)
            return await self._refused(self._told(problem), Ending.FAILED, None)

    # -- prompt ---------------------------------------------------------------

    async def _judge_prompt(self) -> None:
        account, profile = self.account, self._caller.profile
        account.check()
        media: tuple[MediaFacts, ...] = ()
        if self._request.sources:
            media = await self._look(self._request.sources)
        delay = account.probe(media)
        if delay:
            await asyncio.sleep(delay)
        judging = self._gateway.judge.prompt(
            account.parts, media, account.who, account.names[0], self._caller.snapshot
        )
        verdict = await self._in_time(judging, profile.prompt_ms, Stage.PROMPT)
        if verdict is None:
            return
        account.prompt = Judged(verdict.subject, verdict.decision)
        self._scores = verdict.scores
        self._language = refusals.language_of(*self._caller.languages, verdict.decision.language)
        account.language = self._language
        if verdict.stops:
            refusal = self._stopped(verdict.decision, Stage.PROMPT)
            if not self._is_observed(verdict.decision):
                raise _StopError(refusal, Ending.REFUSED, Stage.PROMPT)

    def _is_observed(self, decision: Decision) -> bool:
        return self._caller.profile.mode is Mode.OBSERVE and not decision.counted_only

    async def _look(self, sources: Sequence[Source]) -> tuple[MediaFacts, ...]:
        """Return what is known of pictures; none where the profile goes on without."""
        try:
            return await self._gateway.pictures.look(sources, self._caller.profile.image_ms)
        except NotJudgedError:
            self._unjudged(Stage.IMAGE)
            return ()

    async def _in_time(
        self, judging: Awaitable[Verdict], budget_ms: int, stage: Stage
    ) -> Verdict | None:
        """Return a verdict; None where there is none and the profile goes on. Or _StopError."""
        try:
            async with asyncio.timeout(budget_ms / 1000):
                verdict = await judging
        except Exception:  # noqa: BLE001 - whatever fails, what was not judged is not released
            self._unjudged(stage)
            return None
        if verdict.decision.blind and not verdict.stops:
            self._unjudged(stage)
        return verdict

    def _unjudged(self, stage: Stage) -> None:
        """Note a judgement that failed or came late. Raises _StopError unless the profile opens."""
        self.account.failures += 1
        self._gateway.metrics.late.labels(stage.value).inc()
        if not self._caller.profile.fails_open(stage):
            raise _StopError(refusals.unguarded(self._language), Ending.FAILED, stage)
        self.account.opened[stage.value] = None

    # -- results --------------------------------------------------------------

    async def _answered(self) -> tuple[Answered, Upstream]:
        """Forward the request and read the answer. Raises OutsideError."""
        body, content_type = self._request.forwarded(self.account.user)
        opened = await self._gateway.upstreams.open(
            self.account.upstreams(),
            self._request.route.path,
            body,
            self._caller.headers,
            content_type,
        )
        try:
            raw = await results.whole(opened.response)
        finally:
            opened.response.release()
        answered = await results.read(raw, opened.upstream, self._request.count)
        self.account.usage = answered.tokens
        return answered, opened.upstream

    async def _seen(self, number: int, result: Result) -> _Seen:
        """Judge one result with what the upstream made of the prompt."""
        try:
            media = await self._look([Source(result.data, f"data[{number}]")])
        except InvalidInputError as problem:
            raise OutsideError(
                "The upstream's picture cannot be read.",
                code="upstream_invalid",
                diagnostics=problem.message,
            ) from problem
        judging = self._gateway.judge.answer(
            result.revised,
            self.account.who,
            self.account.names[1 + number],
            self._caller.snapshot,
            self._scores,
            media,
        )
        verdict = await self._in_time(judging, self._caller.profile.window_ms, Stage.IMAGE)
        stops = verdict is not None and verdict.stops and not self._is_observed(verdict.decision)
        self.account.judged_chars += len(result.revised) if verdict else 0
        mime = media[0].mime if media else sniff(result.data)
        return _Seen(result, mime or PNG, verdict, stops)

    async def _finished(self, answered: Answered, seen: Sequence[_Seen]) -> Finished:
        """Sign what may leave, record everything, then return it."""
        shown = [await self._shown(one) for one in seen]
        left = [one for one in shown if one.made is not None]
        ordered = sorted(seen, key=lambda one: one.stops)
        judged = [Judged(v.subject, v.decision) for v in (one.verdict for one in ordered) if v]
        self.account.made = len(left)
        self.account.released_chars = sum(len(one.revised) for one in left)
        stopped = len(left) < len(shown)
        await self.account.end_with(
            Ending.CUT if stopped else Ending.RELEASED, judged, Stage.IMAGE if stopped else None
        )
        self.account.first()
        if not left:
            return Finished(refusal=shown[-1].refusal)
        return Finished(shown, answered)

    async def _shown(self, one: _Seen) -> Shown:
        if one.verdict is not None and one.stops:
            return Shown(None, refusal=self._stopped(one.verdict.decision, Stage.IMAGE))
        photos = self._request.sources[: self._request.photos]
        sources = [Made(photo.data, sniff(photo.data) or PNG) for photo in photos]
        made = await self._provenance.of(Made(one.result.data, one.mime), sources)
        return Shown(made, one.result.revised)

    # -- ends -----------------------------------------------------------------

    def _stopped(self, decision: Decision, stage: Stage) -> Refusal:
        refusal = refusals.stopped(
            decision, stage, self._caller.snapshot.law, self._language, self._gateway.addresses
        )
        self.account.category = refusal.category
        return refusal

    def _told(self, problem: VigieError) -> Refusal:
        if isinstance(problem, OutsideError):
            message = refusals.text(self._language, "upstream")
            return Refusal(message=message, code=problem.code, status=502)
        return refusals.of_error(problem, self._language)

    async def _its_words(self, problem: RefusingUpstreamError) -> Refusal:
        """Return an upstream's refusal; its words where they pass as an answer would."""
        words = refusals.words_of(problem.said)[:MOST_WORDS]
        judging = self._gateway.judge.answer(
            words, self.account.who, self.account.names[1], self._caller.snapshot, ()
        )
        try:
            verdict = await asyncio.wait_for(judging, self._caller.profile.window_ms / 1000)
        except Exception:  # noqa: BLE001 - words that could not be judged are left out
            return refusals.refused_upstream(problem, "")
        harmless = not verdict.stops and not verdict.decision.blind
        return refusals.refused_upstream(problem, words if harmless else "")

    async def _refused(self, refusal: Refusal, ending: Ending, stage: Stage | None) -> Finished:
        """Record an exchange that has no answer, and say why."""
        try:
            await self.account.end_with(ending, (), stage)
        except VigieError as problem:
            refusal = self._told(problem)
        return Finished(refusal=refusal)
