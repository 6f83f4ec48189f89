# SPDX-License-Identifier: Apache-2.0
"""One exchange about pictures: all of it judged, forwarded, each result judged and signed.

Prompt, photos, mask and markup are judged together before anything is forwarded. Of
several results a stopped one is left out, with the reason in its place; where none is
left the whole request is refused. No picture is written to a disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from vigie.core.errors import InvalidInputError, OutsideError, VigieError
from vigie.core.gateway import Ending, Stage, Upstream
from vigie.core.item import MediaFacts
from vigie.gateway.caller import Caller
from vigie.gateway.dialects.base import Refusal
from vigie.gateway.guarding import Guarding, StopError
from vigie.gateway.images import results
from vigie.gateway.images.account import ImageAccount
from vigie.gateway.images.provenance import Made, Provenance
from vigie.gateway.images.request import ImageRequest
from vigie.gateway.images.results import Answered, Result
from vigie.gateway.judging import Verdict
from vigie.gateway.pictures import Source
from vigie.gateway.services import Gateway, Judged
from vigie.screening.media.formats import PNG, sniff

LOOK_SECONDS: Final = 0.5
"""Between two looks at the brake while an upstream is at work."""
T = TypeVar("T")


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


class ImageExchange(Guarding):
    """One request, read. `run` returns what is answered, after it is recorded."""

    def __init__(
        self, gateway: Gateway, provenance: Provenance, caller: Caller, request: ImageRequest
    ) -> None:
        super().__init__(gateway, caller)
        self._provenance = provenance
        self._request = request
        self.account = self._account = ImageAccount(gateway, caller, request)
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
            answered, upstream = await self._unbraked(self._answered())
            seen = [await self._seen(n, one) for n, one in enumerate(answered.results)]
            self.account.upstream = upstream.name
            self.account.check()
            return await self._finished(answered, seen)
        except (StopError, VigieError) as problem:
            return await self._refused(*await self._because(problem))

    # -- prompt ---------------------------------------------------------------

    async def _judge_prompt(self) -> None:
        """Judge words, photos, mask and markup together. Raises StopError."""
        self.account.check()
        sources = self._request.sources
        await self._judge(self.account.parts, self._look(sources) if sources else None)

    def _look(self, sources: Sequence[Source]) -> Awaitable[tuple[MediaFacts, ...]]:
        return self._gateway.pictures.look(sources, self._caller.profile.image_ms)

    # -- results --------------------------------------------------------------

    async def _unbraked(self, asked: Coroutine[Any, Any, T]) -> T:
        """Return what is asked for. Raises BrakedError: a brake does not wait for an upstream."""
        task = asyncio.create_task(asked)
        try:
            while not (await asyncio.wait({task}, timeout=LOOK_SECONDS))[0]:
                self.account.check()
            return task.result()
        finally:
            task.cancel()

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
            raw = await results.whole(opened)
        finally:
            opened.response.release()
        answered = await results.read(raw, opened.upstream, self._request.count)
        self.account.usage = answered.tokens
        return answered, opened.upstream

    async def _seen(self, number: int, result: Result) -> _Seen:
        """Judge one result with what the upstream made of the prompt."""
        try:
            media = await self._looked(self._look([Source(result.data, f"data[{number}]")]))
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
            self._earlier,
            media,
        )
        verdict = await self._in_time(judging, self._caller.profile.window_ms, Stage.IMAGE)
        stops = verdict is not None and verdict.stops and not self._only_observed(verdict.decision)
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

    async def _refused(self, refusal: Refusal, ending: Ending, stage: Stage | None) -> Finished:
        """Record an exchange that has no answer, and say why."""
        try:
            await self.account.end_with(ending, (), stage)
        except VigieError as problem:
            refusal = self._told(problem)
        return Finished(refusal=refusal)
