# SPDX-License-Identifier: Apache-2.0
"""What runs beside the exchanges of one process: its clock, its settling, its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from vigie.gateway.guarding import STOPPING
from vigie.gateway.services import Gateway
from vigie.screening.snapshot import Snapshot, load_next

TICK_SECONDS: Final = 0.1
GRACE_SECONDS: Final = 3.0
"""That exchanges have to say that they end, once the server stops."""


def load_watched(folder: Path, number: int, before: Snapshot) -> Snapshot:
    """Load a Snapshot with what streams are watched for, so that no stream waits for it."""
    snapshot = load_next(folder, number, before)
    snapshot.terms.get()
    return snapshot


@contextlib.asynccontextmanager
async def running(gateway: Gateway) -> AsyncIterator[None]:
    """Keep time and books; at the end have every exchange end in its dialect."""
    gateway.holder.snapshot.terms.get()
    tasks = [asyncio.create_task(_keep_time(gateway)), asyncio.create_task(gateway.books.keep())]
    try:
        yield
    finally:
        await _end(gateway)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await gateway.upstreams.close()
        await asyncio.to_thread(gateway.pictures.close)


async def _keep_time(gateway: Gateway) -> None:
    """Have every exchange look at brakes, pauses and budgets of time, until cancelled."""
    metrics = gateway.metrics
    while True:
        await asyncio.sleep(TICK_SECONDS)
        now = gateway.clock.now_ms()
        for exchange in tuple(gateway.live):
            exchange.tick(now)
        metrics.live.set(len(gateway.live))
        metrics.block.set(gateway.judge.bench.longest)


async def _end(gateway: Gateway) -> None:
    for exchange in tuple(gateway.live):
        exchange.stop(STOPPING)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GRACE_SECONDS):
            while gateway.live:  # noqa: ASYNC110 - nobody else waits for it
                await asyncio.sleep(0.02)
