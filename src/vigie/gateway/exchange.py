# SPDX-License-Identifier: Apache-2.0
"""One exchange: prompt judged, refused or forwarded, answer judged, released or cut, recorded.

The decision on the prompt is durable before the first byte of a stream leaves, the one
on the answer before the last; a plain answer waits for both. Nothing is forwarded that
was not judged, unless the operator's profile says so, and then the record says it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

from starlette.types import Receive, Send

from vigie.core.errors import InvalidInputError, VigieError
from vigie.core.gateway import Ending, Stage
from vigie.gateway import refusals
from vigie.gateway.account import Account
from vigie.gateway.caller import Caller
from vigie.gateway.channels import End, Terms, digest_of_slots
from vigie.gateway.dialects.base import Answer, ChannelKind, Conversation, Dialect, Refusal
from vigie.gateway.guarding import STOPPING, Guarding, StopError
from vigie.gateway.inline import Inline
from vigie.gateway.judging import MOST_CHARS, Verdict, variants
from vigie.gateway.services import Gateway, Judged
from vigie.gateway.stream import Stream
from vigie.gateway.upstream import Opened
from vigie.machine.http import send_json

Headers = list[tuple[bytes, bytes]]
SSE: Final = (b"content-type", b"text/event-stream; charset=utf-8")
NO_STORE: Final = (b"cache-control", b"no-store")
_ENDINGS: Final = {"left": Ending.LEFT, refusals.BRAKED: Ending.BRAKED}
T = TypeVar("T")
UNBUFFERED: Final = (b"x-accel-buffering", b"no")


class Exchange(Guarding):
    """One request on one of the text routes. `run` answers it; nothing is raised."""

    def __init__(self, gateway: Gateway, dialect: Dialect, caller: Caller, send: Send) -> None:
        super().__init__(gateway, caller)
        self._dialect = dialect
        self._send = send
        self._stream: Stream | None = None
        self._task: asyncio.Task[Any] | None = None
        self._why = ""
        """Why the exchange is to end early, where it is: `left`, or a code."""
        self._started = False
        self._waits = False
        """An upstream is being waited for, and nothing was said yet."""

    async def run(self, raw: bytes, receive: Receive) -> None:
        """Answer. Raises VigieError where the request is refused before it is an exchange."""
        conversation = self._dialect.parse(raw)
        _check_size(conversation)
        self._talk = conversation
        self._account = Account(self._gateway, self._caller, self._dialect, conversation)
        self._account.admit()
        self._task = asyncio.current_task()
        self._gateway.live.add(self)
        watch = asyncio.get_running_loop().create_task(self._watch(receive))
        try:
            await self._exchange()
        finally:
            watch.cancel()
            self._gateway.live.discard(self)
            self._account.close()

    def tick(self, now: int) -> None:
        """Look at the brake, at pauses and budgets of time; called a few times a second."""
        if self._stream is None and not self._waits:
            return
        if self._account.brake() is not None:
            self.stop(refusals.BRAKED)
        elif self._caller.is_revoked(self._gateway.holder.snapshot):
            self.stop(refusals.REVOKED)
        if self._stream is not None:
            self._stream.tick(now)

    def stop(self, why: str) -> None:
        """End early: the client left, the server stops, a brake holds, the key was revoked."""
        self._why = self._why or why
        if self._stream is not None:
            self._stream.conclude(_ENDINGS.get(why, Ending.FAILED), code=why)
        elif self._task is not None and not self._started:
            self._task.cancel()

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.stop("left")

    async def _exchange(self) -> None:
        try:
            await self._judge_prompt()
            await self._answer()
        except (StopError, VigieError) as problem:
            await self._refuse(*await self._because(problem))
        except asyncio.CancelledError:
            if self._task is not None:
                self._task.uncancel()
            await self._broken()

    # -- prompt ---------------------------------------------------------------

    async def _judge_prompt(self) -> None:
        """Judge the conversation. Raises StopError where it may not be forwarded."""
        self._account.check()
        looking = None
        if self._talk.pictures:
            budget_ms = self._caller.profile.image_ms
            looking = self._gateway.pictures.facts_of(self._talk.pictures, budget_ms)
        await self._judge(self._talk.parts, looking)

    # -- answer ---------------------------------------------------------------

    async def _answer(self) -> None:
        account = self._account
        if self._talk.stream:
            account.write_prompt()
        asked = self._gateway.upstreams.open(
            account.upstreams(),
            self._dialect.path,
            self._dialect.forward(self._talk, account.user),
            self._caller.headers,
        )
        opened = await self._waited(asked)
        account.upstream = opened.upstream.name
        try:
            if self._talk.stream:
                await self._streamed(opened)
            else:
                await self._plain(opened)
        finally:
            await opened.let_go()

    async def _waited(self, asked: Awaitable[T]) -> T:
        """Return what an upstream gives; a brake need not wait for it."""
        self._waits = True
        try:
            return await asked
        finally:
            self._waits = False

    async def _plain(self, opened: Opened) -> None:
        """Judge a whole answer, record both sides, send it."""
        account = self._account
        answer = self._dialect.answer(await self._waited(opened.whole()))
        account.usage = answer.usage
        account.check()
        judging = self._gateway.judge.answer(
            _text_of(answer), account.who, account.names[1], self._caller.snapshot, self._earlier
        )
        verdict = await self._in_time(judging, self._caller.profile.window_ms, Stage.ANSWER)
        chars = sum(len(one.text) for one in answer.slots)
        account.judged_chars = chars if verdict and Stage.ANSWER not in account.opened else 0
        judged = Judged(verdict.subject, verdict.decision) if verdict else None
        if verdict is not None and verdict.stops:
            refusal = self._stopped(verdict.decision, Stage.ANSWER)
            if not self._only_observed(verdict.decision):
                body = self._moderated(self._dialect.cut(answer, refusal), verdict)
                await account.end(Ending.CUT, judged, Stage.ANSWER)
                await self._send_whole(body)
                return
        account.released_chars, account.answer_sha256 = chars, digest_of_slots(answer.slots)
        body = self._moderated(self._dialect.written(answer), verdict)
        await account.end(Ending.RELEASED, judged)
        await self._send_whole(body)

    def _moderated(self, body: bytes, verdict: Verdict | None) -> bytes:
        if not self._talk.moderation:
            return body
        decisions = [verdict.decision] if verdict else []
        return self._dialect.moderated(body, self._moderation(decisions))

    async def _send_whole(self, body: bytes) -> None:
        self._started = True
        self._account.first()
        await send_json(self._send, 200, body, *self._account.headers())

    async def _streamed(self, opened: Opened) -> None:
        account, caller = self._account, self._caller
        terms = Terms(caller.snapshot, caller.profile, account.who, account.names[1], self._earlier)
        self._stream = stream = Stream(
            self._dialect.stream(self._talk),
            self._gateway.judge,
            terms,
            self._release,
            opened.response.close,
            self._gateway.clock.now_ms,
        )
        if self._why:
            self.stop(self._why)
        await self._finish(stream, await self._run(stream, opened))

    async def _run(self, stream: Stream, opened: Opened) -> End:
        try:
            return await stream.run(opened.response.content)
        except asyncio.CancelledError:
            if self._task is not None:
                self._task.uncancel()
            self.stop(STOPPING)
            return await stream.ended()

    async def _release(self, data: bytes) -> None:
        """Send what may leave; the first time only after the prompt's decision is durable."""
        if not self._started:
            await self._account.prompt_written()
            self._account.first()
            self._started = True
            headers = [SSE, NO_STORE, UNBUFFERED, *self._account.headers()]
            await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def _finish(self, stream: Stream, end: End) -> None:
        """Record how a stream ended, then say it."""
        account = self._account
        account.take_over(stream)
        ending, said = end.ending, end.final
        if not stream.is_open and not stream.channels.is_sound(ending):
            self._gateway.metrics.breaches.inc()
            ending, end = Ending.FAILED, End(Ending.FAILED, code="invariant_broken")
        dialect = stream.dialect
        stopped, stage = stream.stopped, None
        refusal = self._stopped(stopped.decision, Stage.ANSWER) if stopped else None
        if refusal is not None:
            stage = Stage.ANSWER
        if ending is Ending.RELEASED:
            said = self._inline(stream) + said
        elif ending is Ending.CUT and refusal is not None:
            said = self._inline(stream) + dialect.cut(refusal)
        elif ending is Ending.BRAKED:
            said = dialect.cut(account.braked(self._language))
        elif ending is Ending.FAILED:
            problem = self._failure(end.code)
            stage = Stage.ANSWER if stream.failures else None
            if not self._started:
                raise StopError(problem, ending, stage)
            said = dialect.failed(problem)
        try:
            await account.end(ending, stream.stopped or stream.last, stage)
        except VigieError as problem:
            said = dialect.failed(self._told(problem))
        if ending is not Ending.LEFT:
            await self._last(said)

    def _inline(self, stream: Stream) -> bytes:
        """Return what carries the inline `moderation` object, where it was asked for."""
        if not self._talk.moderation:
            return b""
        stopped = [stream.stopped.decision] if stream.stopped else []
        return stream.dialect.moderated(self._moderation([*stream.decisions, *stopped]))

    async def _last(self, said: bytes) -> None:
        if not self._started:
            await self._release(b"")
        await self._send({"type": "http.response.body", "body": said})

    # -- ends -----------------------------------------------------------------

    def _moderation(self, answer: list[Any]) -> dict[str, Any]:
        prompt = [self._prompt.decision] if self._prompt else []
        inline = Inline(self._caller.snapshot, self._caller.key.trusted, prompt, list(answer))
        return inline.of_response() if self._dialect.name == "responses" else inline.of_chat()

    async def _refuse(self, refusal: Refusal, ending: Ending, stage: Stage | None) -> None:
        """Record an exchange that has no answer, and say why."""
        try:
            await self._account.end(ending, None, stage)
        except VigieError as problem:
            refusal = self._told(problem)
        self._started = True
        body = self._dialect.problem(refusal, self._caller.request_id)
        headers = [*self._account.headers(), *refusals.headers_of(refusal)]
        self._gateway.metrics.refused.labels(refusal.code).inc()
        await send_json(self._send, refusals.status_of(refusal), body, *headers)

    async def _broken(self) -> None:
        """End an exchange whose client left, or whose server stops, before it had an answer."""
        if self._why == "left":
            with contextlib.suppress(VigieError):
                await self._account.end(Ending.LEFT, None, None)
            return
        if self._why == refusals.BRAKED:
            await self._refuse(self._account.braked(self._language), Ending.BRAKED, None)
            return
        await self._refuse(self._failure(self._why or STOPPING), Ending.FAILED, None)


def _check_size(conversation: Conversation) -> None:
    if sum(len(one.text) for one in conversation.parts) > MOST_CHARS:
        raise InvalidInputError(
            "The conversation is too long.",
            code="context_too_long",
            fix=f"Send at most {MOST_CHARS:,} characters.",
            http_status=413,
        )


def _text_of(answer: Answer) -> str:
    """Return all texts of an answer; arguments of calls as they will be read, too."""
    found: list[str] = []
    for slot in answer.slots:
        if slot.channel.kind is ChannelKind.ARGUMENTS:
            found += variants(slot.text)
        else:
            found.append(slot.text)
    return "\n".join(found)
