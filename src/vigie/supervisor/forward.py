# SPDX-License-Identifier: Apache-2.0
"""From the web process to the processes of people's pages, over private sockets.

A page is milliseconds of Python; in the machine door's process it would hold up
verdicts, and in one process all pages share one interpreter lock. So pages have
processes of their own, and the web process passes their requests on.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import httpx2
import structlog

from vigie.supervisor.child import PEOPLE_SOCKETS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PEER: Final = b"x-vigie-peer"
"""Who asked, and at which address: set here, believed on a private socket alone."""
ANSWER_S: Final = 300.0
IDLE_S: Final = 30.0
_BUSY: Final = b"The pages are starting or overloaded. Try again in a few seconds.\n"
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Line:
    """One process behind a socket."""

    transport: httpx2.AsyncHTTPTransport
    waiting: int = 0


class Forward:
    """An ASGI application that passes a request to the least busy process."""

    def __init__(self, paths: Sequence[str]) -> None:
        limits = httpx2.Limits(
            max_connections=None, max_keepalive_connections=32, keepalive_expiry=IDLE_S
        )
        self._lines = [
            _Line(httpx2.AsyncHTTPTransport(uds=path, limits=limits, trust_env=False))
            for path in paths
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, and its answer back, piece by piece."""
        line = min(self._lines, key=lambda one: one.waiting)
        line.waiting += 1
        try:
            await _pass_on(line.transport, scope, receive, send)
        finally:
            line.waiting -= 1

    async def close(self) -> None:
        """Let go of the connections, in the loop that opened them."""
        for line in self._lines:
            await line.transport.aclose()


class _GoneError(Exception):
    """The client went away while it was sending."""


async def _pass_on(
    transport: httpx2.AsyncHTTPTransport, scope: Scope, receive: Receive, send: Send
) -> None:
    try:
        answer = await transport.handle_async_request(_request(scope, receive))
    except _GoneError:
        return
    except httpx2.TransportError as problem:
        log.warning("pages_unreachable", problem=type(problem).__name__)
        await _refuse(send)
        return
    try:
        headers = [(n.lower(), value) for n, value in answer.headers.raw if n.lower() != b"date"]
        await send(
            {"type": "http.response.start", "status": answer.status_code, "headers": headers}
        )
        async for piece in answer.aiter_raw():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        await answer.aclose()


def _request(scope: Scope, receive: Receive) -> httpx2.Request:
    path = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string", b"")
    target = path + (b"?" + query if query else b"")
    headers = [pair for pair in scope["headers"] if pair[0] not in {PEER, b"expect"}]
    headers.append((PEER, _peer(scope)))
    timeout = {"connect": ANSWER_S, "read": ANSWER_S, "write": ANSWER_S, "pool": ANSWER_S}
    return httpx2.Request(
        scope["method"],
        "http://people/",
        headers=headers,
        stream=_Body(receive, _has_body(scope)),
        # The very bytes that came: no address is put together anew.
        extensions={"target": target, "timeout": timeout},
    )


def _has_body(scope: Scope) -> bool:
    names = {name for name, _ in scope["headers"]}
    return bool(names & {b"content-length", b"transfer-encoding"})


def _peer(scope: Scope) -> bytes:
    client = (scope.get("client") or ("", 0))[0]
    host, port = scope.get("server") or ("", 0)
    return f"{client} {host} {port or 0} {scope['scheme']}".encode("ascii", "replace")


class _Body(httpx2.AsyncByteStream):
    """The body as it comes in."""

    def __init__(self, receive: Receive, expected: bool) -> None:
        self._receive = receive
        self._expected = expected

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield pieces until the last."""
        more = self._expected
        while more:
            message: Message = await self._receive()
            if message["type"] == "http.disconnect":
                raise _GoneError
            if message.get("body"):
                yield message["body"]
            more = message.get("more_body", False)


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"5")]
    headers += [(b"cache-control", b"no-store"), (b"content-length", b"%d" % len(_BUSY))]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": _BUSY})


class Peer:
    """On the other side: puts back who asked, where the socket is a private one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the header, and take it away."""
        if scope["type"] != "http" or scope.get("client"):
            await self._app(scope, receive, send)
            return
        told = next((value for name, value in scope["headers"] if name == PEER), b"")
        known: dict[str, Any] = {**scope, "headers": [h for h in scope["headers"] if h[0] != PEER]}
        if told:
            client, host, port, scheme = told.decode("ascii").split(" ")
            known |= {"client": (client, 0), "server": (host, int(port)), "scheme": scheme}
        await self._app(known, receive, send)


def sockets() -> list[str]:
    """Return the paths that the supervisor named; none: pages run in this process."""
    return [path for path in os.environ.get(PEOPLE_SOCKETS, "").split(os.pathsep) if path]
