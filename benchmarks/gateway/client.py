# SPDX-License-Identifier: Apache-2.0
"""A client on bare asyncio that asks and takes times; it reads no more than it must."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from dataclasses import dataclass, field
from typing import Final, cast

from benchmarks.gateway import words

PATIENCE: Final = 120.0
_TEXT: Final = re.compile(rb'"content": ?"[^"]')
_END: Final = b"0\r\n\r\n"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Target:
    """Where to ask, and with which key."""

    name: str
    port: int
    path: str
    key: str
    pid: int


@dataclass
class Answer:
    """What came of one request; times in seconds since it was sent."""

    began: float
    first: float = 0.0
    """The first character of text."""
    took: float = 0.0
    arrivals: list[float] = field(default_factory=list)
    """When text came in."""

    def stall(self, pace: float) -> float:
        """Return the longest wait between two pieces beyond the upstream's own pace."""
        times = self.arrivals
        gaps = (later - one for one, later in itertools.pairwise(times))
        return max(gaps, default=0.0) - pace


class RefusedError(Exception):
    """The target did not answer as it should."""


def request(target: Target, model: str, *, stream: bool) -> bytes:
    """Return a new request: one system and one short user message."""
    number = next(_NUMBERS)
    body = json.dumps(
        {
            "model": model,
            "stream": stream,
            "user": f"reader-{number % 997}",
            "messages": [
                {"role": "system", "content": "You are the friendly guide of a small town."},
                {"role": "user", "content": words.prompt(number)},
            ],
        }
    ).encode()
    return (
        f"POST {target.path} HTTP/1.1\r\nHost: 127.0.0.1:{target.port}\r\n"
        f"Authorization: Bearer {target.key}\r\nVigie-Country: FR\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


class Connection(asyncio.Protocol):
    """A kept connection that takes the time of every piece of an answer."""

    def __init__(self, *, stream: bool) -> None:
        self._stream = stream
        self._to: asyncio.Transport
        self._tail = b""
        self._head = True
        self._left = 0
        self._chunked = False
        self._now: Answer
        self._done: asyncio.Future[None]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._to = cast("asyncio.Transport", transport)

    def connection_lost(self, _problem: Exception | None) -> None:
        """An answer that breaks off is no answer."""
        if hasattr(self, "_done") and not self._done.done():
            self._done.set_exception(RefusedError("the connection was closed"))

    async def ask(self, body: bytes) -> Answer:
        """Send one request and wait for the whole answer. Raises RefusedError."""
        self._tail, self._head = b"", True
        self._now = Answer(time.perf_counter())
        self._done = asyncio.get_running_loop().create_future()
        self._to.write(body)
        await asyncio.wait_for(self._done, PATIENCE)
        return self._now

    def close(self) -> None:
        """Hang up."""
        self._to.close()

    def data_received(self, data: bytes) -> None:
        """Note when text came; see the end."""
        at = time.perf_counter() - self._now.began
        if self._head:
            data = self._read_head(self._tail + data)
            if self._head:
                return
        if _TEXT.search(data):
            self._now.first = self._now.first or at
            self._now.arrivals.append(at)
        self._left -= len(data)
        self._tail = (self._tail + data)[-400:]
        if self._tail.endswith(_END) if self._chunked else self._left <= 0:
            self._end(at)

    def _read_head(self, data: bytes) -> bytes:
        head, found, rest = data.partition(b"\r\n\r\n")
        if not found:
            self._tail = data
            return b""
        self._head, self._tail = False, b""
        if b" 200 " not in head[:16]:
            self._fail(data)
        lower = head.lower()
        self._chunked = b"transfer-encoding: chunked" in lower
        length = re.search(rb"content-length: *(\d+)", lower)
        self._left = int(length[1]) if length else 0
        return rest

    def _end(self, at: float) -> None:
        self._now.took = at
        ended = b'"stop"' in self._tail and b"[DONE]" in self._tail
        if self._stream and not ended:
            self._fail(self._tail)
        elif not self._done.done():
            self._done.set_result(None)

    def _fail(self, said: bytes) -> None:
        if not self._done.done():
            self._done.set_exception(RefusedError(repr(said[-400:])))


async def ask(
    target: Target, model: str, times: int, connections: int, *, stream: bool
) -> list[Answer]:
    """Send `times` requests over several connections at once; return what came."""
    left = iter(range(times))
    found: list[Answer] = []

    async def one() -> None:
        line = await _connect(target, stream=stream)
        found.extend([await line.ask(request(target, model, stream=stream)) for _ in left])
        line.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return found


async def hold(target: Target, model: str, streams: int, spread: float) -> list[Answer | None]:
    """Run many streams at once, begun one after the other within `spread` seconds.

    None stands for one that was refused or broke off.
    """

    async def one(number: int) -> Answer | None:
        await asyncio.sleep(spread * number / streams)
        line = await _connect(target, stream=True)
        try:
            return await line.ask(request(target, model, stream=True))
        except (RefusedError, OSError, TimeoutError):
            return None
        finally:
            line.close()

    return await asyncio.gather(*(one(number) for number in range(streams)))


async def _connect(target: Target, *, stream: bool) -> Connection:
    loop = asyncio.get_running_loop()
    _, line = await loop.create_connection(
        lambda: Connection(stream=stream), "127.0.0.1", target.port
    )
    return line
