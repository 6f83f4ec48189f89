# SPDX-License-Identifier: Apache-2.0
"""Waiting for the journal from the event loop: one wake-up per group."""

from __future__ import annotations

import asyncio

from vigie.core.errors import VigieError
from vigie.journal.rows import Row
from vigie.journal.writer import Journal


class Commits:
    """Hands rows to the journal in groups and answers after the commit."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._rows: list[Row] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._busy = False

    def commit(self, rows: list[Row]) -> asyncio.Future[None]:
        """Return a future that is done when the rows are durable, or raises."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._rows.extend(rows)
        self._waiting.append(future)
        if not self._busy:
            self._busy = True
            loop.call_soon(self._send)
        return future

    def _send(self) -> None:
        rows, waiting = self._rows, self._waiting
        self._rows, self._waiting = [], []
        loop = asyncio.get_running_loop()

        def done(problem: VigieError | None) -> None:
            loop.call_soon_threadsafe(self._finish, waiting, problem)

        self._journal.append(rows, done)

    def _finish(self, waiting: list[asyncio.Future[None]], problem: VigieError | None) -> None:
        for future in waiting:
            if future.done():
                continue
            if problem is None:
                future.set_result(None)
            else:
                future.set_exception(problem)
        if self._waiting:
            self._send()
        else:
            self._busy = False
