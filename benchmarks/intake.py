# SPDX-License-Identifier: Apache-2.0
"""`POST /v1/items`, whole and durable, against the door with a Null screener.

Key check, idempotency and receipts on; 16 connections; the client runs in this
process, the server in its own, and only the server's CPU time counts.
"""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import server
from benchmarks.common import Figure, tree_cpu, tree_rss
from benchmarks.workload import Text, texts

CONNECTIONS = 16
SINGLES = 9_600
BATCHES = 150
ENCODER = msgspec.json.Encoder()

Body = Callable[[], bytes]


class Client:
    """Posts items over kept connections and keeps every answer's time."""

    def __init__(self, port: int, seed: int, key: str = server.SECRET) -> None:
        self._port = port
        self._key = key.encode()
        self._numbers = itertools.count()
        self._texts: Iterator[Text] = itertools.cycle(texts(seed))
        self._seed = seed
        self._requests = itertools.count()
        self.seconds: list[float] = []

    def item(self) -> dict[str, Any]:
        """Return the next item; an item's text is never sent twice in one run."""
        number, one = next(self._numbers), next(self._texts)
        return {
            "id": f"p{self._seed}-{number}",
            "surface": "post",
            "author": {"id": f"a{number % 5000}", "account_age_days": number % 900},
            "text": one.text,
            "language": one.language,
        }

    def single(self) -> bytes:
        """Return the body of one post."""
        return ENCODER.encode(self.item())

    def batch(self, size: int = 100) -> bytes:
        """Return the body of a batch."""
        return ENCODER.encode({"items": [self.item() for _ in range(size)]})

    async def post(self, body: Body, times: int, connections: int = CONNECTIONS) -> None:
        """Send `times` bodies over several connections at once."""
        left = iter(range(times))
        await asyncio.gather(*(self._connection(body, left) for _ in range(connections)))

    async def send_one(self, body: bytes) -> None:
        """Send one body over a connection of its own."""
        await self._connection(lambda: body, iter(range(1)))

    async def _connection(self, body: Body, left: Iterator[int]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**24)
        for _ in left:
            await self._one(reader, writer, body(), next(self._requests))
        writer.close()

    async def _one(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes, number: int
    ) -> None:
        began = time.perf_counter()
        writer.write(
            b"POST /v1/items HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer %s\r\nIdempotency-Key: %d-%d\r\nContent-Length: %d\r\n\r\n%s"
            % (self._key, self._seed, number, len(body), body)
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head[:16]:
            raise SystemExit(f"refused: {head[:200]!r}")
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        await reader.readexactly(length)
        self.seconds.append(time.perf_counter() - began)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def percentile(values: list[float], share: float) -> float:
    """Return a percentile in milliseconds."""
    return sorted(values)[int(len(values) * share)] * 1000


def _rate(port: int, pid: int, seed: int, *, batches: bool) -> float:
    client = Client(port, seed)
    times = BATCHES if batches else SINGLES
    before = tree_cpu(pid)
    asyncio.run(client.post(client.batch if batches else client.single, times))
    return times * (100 if batches else 1) / (tree_cpu(pid) - before)


def _busy(port: int) -> None:
    """Post batches of 1,000 until ended: runs in a process of its own."""
    client = Client(port, 31)
    asyncio.run(client.post(lambda: client.batch(1000), 10_000, connections=1))


async def _quiet(port: int, times: int) -> list[float]:
    client = Client(port, 32)
    for _ in range(times):
        await client.post(client.single, 1, connections=1)
        await asyncio.sleep(0.02)
    return client.seconds


def _beside(port: int) -> list[float]:
    """Post singles while another process posts batches of 1,000."""
    busy = multiprocessing.get_context("spawn").Process(target=_busy, args=(port,), daemon=True)
    busy.start()
    time.sleep(3)
    try:
        return asyncio.run(_quiet(port, 300))
    finally:
        busy.terminate()
        busy.join()


def measure() -> list[Figure]:
    """Return rates per CPU second of the server, and waiting times."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server.make_folder(folder)
        port = free_port()
        with server.door(folder, port) as pid:
            _rate(port, pid, 10, batches=True)
            single = _rate(port, pid, 11, batches=False)
            batch = _rate(port, pid, 12, batches=True)
            beside = _beside(port)
            memory = tree_rss(pid) / 2**20
        port = free_port()
        with server.door(folder, port, null=True) as pid:
            _rate(port, pid, 20, batches=True)
            null_single = _rate(port, pid, 21, batches=False)
            null_batch = _rate(port, pid, 22, batches=True)
    return [
        Figure("single requests, whole and durable", single, "/CPU s", 2_500),
        Figure("items in batches of 100, whole and durable", batch, "/CPU s", 4_500),
        Figure("single requests, Null screener", null_single, "/CPU s", 6_000),
        Figure("items in batches of 100, Null screener", null_batch, "/CPU s", 60_000),
        Figure(
            "single post beside batches of 1,000, p95", percentile(beside, 0.95), "ms", 30, False
        ),
        Figure("resident memory of the door", memory, "MiB"),
    ]
