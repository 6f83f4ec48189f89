# SPDX-License-Identifier: Apache-2.0
"""One stream on its way: read, guard, judge, release, cut.

The task that reads upstream writes what may leave at once. Windows are judged beside it
and report by callback, so no frame has a task or a timer of its own; a clock of the
process calls `tick` for budgets of time, pauses and brakes. Text leaves through the
guards alone; an event whose text all leaves in one piece passes as the bytes it came in.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

import aiohttp

from vigie.core.decision import Decision
from vigie.core.errors import OutsideError, VigieError
from vigie.core.gateway import Ending, Mode, Stage
from vigie.core.item import Surface
from vigie.gateway.channels import Asked, Channels, Content, End, Held, Run, Send, Terms
from vigie.gateway.dialects.base import Event, Slot, StreamDialect, Usage
from vigie.gateway.judging import CONJUNCT, Ask, Judge, scores_of, stops, subject, variants
from vigie.gateway.services import Judged
from vigie.gateway.sse import Frame, Reader
from vigie.screening.streaming import Window

STALL_MS: Final = 120_000
"""Pause of an upstream after which it counts as gone."""
_ENDED: Final = Ending.RELEASED


class Stream:
    """One stream. `run` returns how it ended; what is then said is the exchange's."""

    def __init__(
        self,
        dialect: StreamDialect,
        judge: Judge,
        terms: Terms,
        send: Send,
        close: Callable[[], None],
        now_ms: Callable[[], int],
    ) -> None:
        loop = asyncio.get_running_loop()
        self.dialect = dialect
        self._judge = judge
        self._terms = terms
        self._send = send
        self._close = close
        self._now = now_ms
        self._reader = Reader()
        self.channels = Channels(terms, joined=dialect.joined)
        self._queue: deque[Held] = deque()
        self._asked: dict[asyncio.Future[list[Decision]], Asked] = {}
        self._out: list[bytes] = []
        self._lock = asyncio.Lock()
        self._flushes: set[asyncio.Task[None]] = set()
        self._said: dict[str, float] = {}
        self._rank = (False, False, -1)
        self._plan: End | None = None
        """How it ends once everything is judged."""
        self._is_mute = False
        self._end: asyncio.Future[End] = loop.create_future()
        self._heard = now_ms()
        self.stopped: Judged | None = None
        """What was stopped, whether or not that ended the stream."""
        self.last: Judged | None = None
        """The decision on the longest channel, or the newest window before its end."""
        self.decisions: list[Decision] = []
        """On whole channels, for the inline `moderation` object."""
        self.usage = Usage()
        self.failures = 0
        self.late = 0
        self.unjudged = 0
        """Characters that were released unjudged."""
        self.is_open = False
        """Something was released unjudged by the operator's choice."""
        self.windows = 0

    async def run(self, content: Content) -> End:
        """Read until the end, the cut or the failure. Nothing more leaves afterwards."""
        try:
            await self._read(content)
        except (aiohttp.ClientError, OSError):
            self._broke_off("upstream_failed")
        except OutsideError as problem:
            self.finish(Ending.FAILED, code=problem.code)
        return await self.ended()

    async def ended(self) -> End:
        """Return how it ended, once all that the guards let go is sent."""
        end = await asyncio.shield(self._end)
        await self._flush()
        return end

    async def _read(self, content: Content) -> None:
        while self._plan is None and not self._end.done():
            piece = await content.readany()
            if not piece:
                self._feed(self._reader.end())
                self._broke_off("upstream_incomplete")
                return
            self._heard = self._now()
            self._feed(self._reader.feed(piece))
            if self._out:
                await self._flush()

    def _feed(self, frames: list[Frame]) -> None:
        for frame in frames:
            if self._plan is not None or self._end.done():
                return
            self._take(self.dialect.read(*frame))

    def conclude(self, ending: Ending, *, code: str = "") -> None:
        """End as soon as what was released is judged; nothing more leaves. Upstream closes."""
        if self._end.done():
            return
        self._is_mute = True
        self._queue.clear()
        self._plan = End(ending, code=code)
        self._close()
        self._end_all()

    def finish(self, ending: Ending, final: bytes = b"", code: str = "") -> None:
        """End now; the first word counts. Upstream is closed at once."""
        if self._end.done():
            return
        if ending is not Ending.RELEASED:
            self._is_mute = True
            self._queue.clear()
            for one in self.channels.all:
                one.guard.cut()
        self._end.set_result(End(ending, final, code))
        self._close()

    def tick(self, now: int) -> None:
        """Look at budgets of time and pauses; called a few times a second."""
        if self._end.done():
            return
        for future, asked in list(self._asked.items()):
            if now >= asked.deadline:
                del self._asked[future]
                self.late += 1
                self._unjudged(asked)
        if self._plan is None and now - self._heard > STALL_MS:
            self._broke_off("upstream_stalled")
        for run in self.channels.all:
            if run.guard.waits:
                self._ask(run, now)

    # -- reading --------------------------------------------------------------

    def _take(self, event: Event) -> None:
        """Take in one event: its texts to the guards, itself out or into the queue."""
        if event.usage is not None:
            self.usage = event.usage
        runs = [self._fed(slot) for slot in event.slots]
        if not (event.closes or event.wholes or event.final):
            now = self._heard
            for run in runs:
                self._ask(run, now)
            if not self._queue:
                self._write(event)
                return
            self._queue.append(Held(event, ()))
        else:
            self._take_end(event)
        self._pump()

    def _take_end(self, event: Event) -> None:
        """Take in an event that ends channels, or says them again."""
        wholes = tuple(self.channels.repeat(slot) for slot in event.wholes)
        self._queue.append(Held(event, wholes))
        if event.final:
            self._end_all()
            return
        for channel in event.closes:
            run = self.channels.get(channel)
            if run is not None:
                self._ask(run, self._heard, end=True)
        for run in wholes:
            self._ask(run, self._heard, end=True)

    def _fed(self, slot: Slot) -> Run:
        run = self.channels.of(slot.channel)
        try:
            run.feed(slot.text)
        except ValueError:
            raise OutsideError("Text after its end.", code="upstream_invalid") from None
        return run

    def _end_all(self) -> None:
        """Nothing more will arrive: judge what is left of every channel."""
        for run in self.channels.all:
            self._ask(run, self._heard, end=True)
        self._settle()

    def _broke_off(self, code: str) -> None:
        """The upstream ended without its last event: what came is judged and released."""
        if self._plan is not None or self._end.done():
            return
        final = self.dialect.end() if code == "upstream_incomplete" else None
        self._plan = End(Ending.FAILED, code=code) if final is None else End(_ENDED, final)
        self._close()
        self._end_all()
        self._pump()
        self._settle()
        self._flush_soon()

    # -- judging --------------------------------------------------------------

    def _ask(self, run: Run, now: int, *, end: bool = False) -> None:
        """Have every window judged that is due."""
        while (window := run.guard.due(now, end=end)) is not None:
            self._judge_window(run, window, now)

    def _judge_window(self, run: Run, window: Window, now: int) -> None:
        terms = self._terms
        earlier = (*terms.earlier, *self._said.items())
        asked = [
            Ask(subject(text, Surface.AI_OUTPUT, terms.who, terms.name, earlier), terms.name)
            for text in variants(window.text)
        ]
        future = self._judge.bench.ask(asked, terms.snapshot)
        deadline = now + terms.profile.window_ms
        self._asked[future] = Asked(run, window, asked, deadline)
        future.add_done_callback(self._judged)

    def _judged(self, future: asyncio.Future[list[Decision]]) -> None:
        asked = self._asked.pop(future, None)
        if asked is None or self._end.done() or future.cancelled():
            return
        if future.exception() is not None:
            self._unjudged(asked)
            return
        self.windows += 1
        made = future.result()
        at = next((n for n, one in enumerate(made) if stops(one)), None)
        if at is not None and not self._stop(asked, at, made[at]):
            return
        if at is None and any(one.blind for one in made):
            self._unjudged(asked)
            return
        self._note(asked, made)
        self._approve(asked)

    def _stop(self, asked: Asked, at: int, decision: Decision) -> bool:
        """Stop the stream; True where the operator only observes."""
        run, start = asked.run, asked.window.start
        found = Judged(asked.asked[at].subject, decision)
        if at == 0 and start >= run.base:
            found = Judged(found.subject, decision, "".join(run.kept), start - run.base)
        self.stopped = self.stopped or found
        if self._terms.profile.mode is Mode.OBSERVE and not decision.counted_only:
            return True
        if self._plan is not None and self._is_mute:
            self.finish(self._plan.ending, code=self._plan.code)
        else:
            self.finish(Ending.CUT)
        return False

    def _note(self, asked: Asked, made: list[Decision]) -> None:
        for label, value in scores_of(made):
            if label in CONJUNCT and value > self._said.get(label, 0.0):
                self._said[label] = value
        window = asked.window
        if window.final:
            self.decisions.append(made[0])
        rank = (window.final, asked.run.is_content, window.end)
        if rank > self._rank:
            self._rank = rank
            self.last = Judged(asked.asked[0].subject, made[0])

    def _unjudged(self, asked: Asked) -> None:
        """A window failed or came late: closed, or open by the operator's choice."""
        self.failures += 1
        if not self._terms.profile.fails_open(Stage.ANSWER):
            self.finish(Ending.FAILED, code="screening_unavailable")
            return
        self.is_open = True
        self.unjudged += asked.window.end - asked.window.fresh
        self._approve(asked)

    def _approve(self, asked: Asked) -> None:
        asked.run.guard.approve(asked.window)
        self._pump()
        self._settle()
        self._flush_soon()

    # -- writing --------------------------------------------------------------

    def _pump(self) -> None:
        """Write what may leave now: text that was held, then events in order."""
        if self._is_mute:
            return
        for channel, run in self.channels.items():
            if run.is_open and (text := run.take()):
                self._out.append(self.dialect.delta(channel, text))
        while self._queue and self._is_ready(self._queue[0]):
            held = self._queue.popleft()
            for run in held.wholes:
                run.take()
            if held.event.final:
                self._plan = End(_ENDED, held.event.raw or self.dialect.write(held.event, ()))
                self._queue.clear()
                self._settle()
                return
            self._write(held.event)

    def _is_ready(self, held: Held) -> bool:
        """Say whether everything that an event ends, or says again, is judged."""
        if not all(run.is_judged for run in held.wholes):
            return False
        if held.event.final:
            return all(run.is_judged for run in self.channels.all)
        closing = (self.channels.get(channel) for channel in held.event.closes)
        return all(run.is_judged for run in closing if run is not None)

    def _write(self, event: Event) -> None:
        """Write an event: as it came where all its text leaves in one piece."""
        if not event.slots:
            data = event.raw or self.dialect.write(event, ())
        else:
            texts = []
            as_it_came = bool(event.raw)
            for slot in event.slots:
                run = self.channels.of(slot.channel)
                run.is_open = True
                text = run.take()
                texts.append(text)
                as_it_came = as_it_came and text == slot.text
            data = event.raw if as_it_came else self.dialect.write(event, texts)
        if data:
            self._out.append(data)

    def _settle(self) -> None:
        """End as planned once everything is judged and written."""
        plan = self._plan
        if plan is None or self._asked or self._queue or self._end.done():
            return
        if all(run.is_judged for run in self.channels.all):
            self._end.set_result(plan)
            if plan.ending is not Ending.RELEASED:
                self._close()

    def _flush_soon(self) -> None:
        if self._out and not self._lock.locked():
            task = asyncio.get_running_loop().create_task(self._flush())
            self._flushes.add(task)
            task.add_done_callback(self._flushes.discard)

    async def _flush(self) -> None:
        """Send what waits, in order; a client that reads slowly slows the upstream."""
        async with self._lock:
            while self._out:
                data = self._out[0] if len(self._out) == 1 else b"".join(self._out)
                self._out.clear()
                try:
                    await self._send(data)
                except VigieError as problem:
                    self.finish(Ending.FAILED, code=problem.code)
                    return
