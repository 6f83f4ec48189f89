# SPDX-License-Identifier: Apache-2.0
"""The bench at which items wait to be judged together.

Requests that arrive in one turn of the event loop share one call of `judge`;
single posts go before slices of batches, and between two slices everybody else
gets a turn. Nothing here holds the loop longer than one slice takes.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from vigie.machine.turns import Turns
from vigie.screening.snapshot import Snapshot

SLICE: Final = 24
PATIENCE: Final = 0.002
"""Longest time, in seconds, that an item waits for as many others as came last time."""


A = TypeVar("A")
"""What is asked."""
M = TypeVar("M")
"""What is made of it."""


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[A, M]):
    subjects: Sequence[A]
    snapshot: Snapshot
    future: asyncio.Future[list[M]]
    weight: int


class Bench(Generic[A, M]):
    """Gathers subjects and judges them in slices."""

    def __init__(
        self,
        judge: Callable[[Sequence[A], Snapshot], list[M]],
        turns: Turns | None = None,
        weight: Callable[[A], int] = lambda _: 1,
    ) -> None:
        """Take what judges. `weight`: how much of a slice one subject takes."""
        self._judge = judge
        self._weight = weight
        self._turns = turns or Turns()
        self._singles: deque[_Waiting[A, M]] = deque()
        self._slices: deque[_Waiting[A, M]] = deque()
        self._running = False
        self._timer: asyncio.TimerHandle | None = None
        self.longest = 0.0
        """Seconds that the longest slice so far held the event loop."""
        self._company = 1
        """How many single items came together lately."""

    async def judged(self, subjects: Sequence[A], snapshot: Snapshot) -> list[M]:
        """Return what was made of the subjects under one Snapshot, in order."""
        if len(subjects) == 1:
            return await self._put(self._singles, subjects, snapshot)
        parts = [
            self._put(self._slices, subjects[at : at + SLICE], snapshot)
            for at in range(0, len(subjects), SLICE)
        ]
        return [one for part in await asyncio.gather(*parts) for one in part]

    def ask(self, subjects: Sequence[A], snapshot: Snapshot) -> asyncio.Future[list[M]]:
        """Return a future of what is made of a few subjects: at most one slice.

        For who waits with a callback and not in a task of its own.
        """
        return self._put(self._singles, subjects, snapshot)

    def _put(
        self, queue: deque[_Waiting[A, M]], subjects: Sequence[A], snapshot: Snapshot
    ) -> asyncio.Future[list[M]]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[M]] = loop.create_future()
        queue.append(_Waiting(subjects, snapshot, future, sum(map(self._weight, subjects))))
        if not self._running:
            self._begin(loop)
        return future

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start judging: at once for a batch or a full company, else after a moment.

        A wave of answers brings a wave of requests; judged together they cost a
        third of what they cost one by one. A lonely client waits for nobody.
        """
        if self._slices or len(self._singles) >= self._company:
            self._running = True
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            loop.call_soon(self._turn)
        elif self._timer is None:
            self._timer = loop.call_later(PATIENCE, self._late)

    def _late(self) -> None:
        self._timer = None
        if not self._running:
            self._running = True
            self._turn()

    def _turn(self) -> None:
        waiting = len(self._singles)
        group = self._take()
        began = time.perf_counter()
        self._work(group)
        self.longest = max(self.longest, time.perf_counter() - began)
        if waiting:
            self._company = min(max(waiting, self._company - 1), SLICE)
        if self._singles or self._slices:
            self._turns.after_others(self._turn)
        else:
            self._running = False

    def _take(self) -> list[_Waiting[A, M]]:
        group: list[_Waiting[A, M]] = []
        count = 0
        for queue in (self._singles, self._slices):
            while queue and (not group or _joins(queue[0], group[0], count)):
                group.append(queue.popleft())
                count += group[-1].weight
        return group

    def _work(self, group: list[_Waiting[A, M]]) -> None:
        subjects = [one for waiting in group for one in waiting.subjects]
        try:
            made = self._judge(subjects, group[0].snapshot)
        except Exception as problem:  # noqa: BLE001 - handed to whoever waits
            self._fail(group, problem)
            return
        at = 0
        for waiting in group:
            part = made[at : at + len(waiting.subjects)]
            at += len(waiting.subjects)
            if not waiting.future.done():
                waiting.future.set_result(part)

    def _fail(self, group: list[_Waiting[A, M]], problem: Exception) -> None:
        """Tell who waits; where several did, one request's fault is not the others'."""
        if len(group) > 1:
            for waiting in group:
                self._work([waiting])
        elif not group[0].future.done():
            group[0].future.set_exception(problem)


def _joins(waiting: _Waiting[A, M], first: _Waiting[A, M], count: int) -> bool:
    """Say whether it fits into the slice; a slice has one Snapshot."""
    return waiting.snapshot is first.snapshot and count + waiting.weight <= SLICE
