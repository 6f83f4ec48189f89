# SPDX-License-Identifier: Apache-2.0
"""Waiting for the journal from the event loop: one commit for many answers."""

from __future__ import annotations

import asyncio
from typing import Final

from vigie.core.errors import VigieError
from vigie.journal.rows import Row
from vigie.journal.writer import Journal

PATIENCE: Final = 0.003
"""Longest time, in seconds, that a ready answer waits for others to share its commit."""


class Commits:
    """Hands rows to the journal in groups and answers after the commit.

    While requests are still being judged, ready ones wait a moment for them: a
    commit costs as much for sixteen answers as for one.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._rows: list[Row] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._running = False
        self._timer: asyncio.TimerHandle | None = None
        self.expected = 0
        """Requests that are on their way to a commit, those that wait included."""

    def commit(self, rows: list[Row]) -> asyncio.Future[None]:
        """Return a future that is done when the rows are durable, or raises."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._rows.extend(rows)
        self._waiting.append(future)
        if self._running:
            return future
        if len(self._waiting) >= self.expected:
            self._send()
        elif self._timer is None:
            self._timer = loop.call_later(PATIENCE, self._send)
        return future

    def _send(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        rows, waiting = self._rows, self._waiting
        self._rows, self._waiting = [], []
        self._running = True
        loop = asyncio.get_running_loop()

        def done(problem: VigieError | None) -> None:
            loop.call_soon_threadsafe(self._finish, waiting, problem)

        self._journal.append(rows, done)

    def _finish(self, waiting: list[asyncio.Future[None]], problem: VigieError | None) -> None:
        self._running = False
        for future in waiting:
            if future.done():
                continue
            if problem is None:
                future.set_result(None)
            else:
                future.set_exception(problem)
        if self._waiting:
            self._send()
