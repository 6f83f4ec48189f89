# SPDX-License-Identifier: Apache-2.0
"""The way to the upstreams: one session per process, kept connections, failover.

Nothing of a client goes along but the body that its dialect wrote and the few headers
of `PASSED`. No redirect is followed, no proxy of the environment used, no cookie kept.
Addresses of an inner network are called only where the operator marked the upstream
private. A key is read from its file, and stands in no log and no error.
"""

from __future__ import annotations

import asyncio
import io
import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from vigie.core.errors import OutsideError, UnavailableError
from vigie.core.gateway import Upstream, UpstreamKind
from vigie.exchange import upstream as outside
from vigie.exchange.outbound import is_public, leads_inside

CONNECT_SECONDS: Final = 5.0
HEAD_SECONDS: Final = 600.0
"""Until the head of an answer: a plain one comes when all of it is generated."""
BODY_SECONDS: Final = 600.0
"""For the rest of a plain answer."""
REFUSAL_SECONDS: Final = 5.0
"""For the words of an upstream that refuses."""
MOST_DIGITS: Final = 6
"""Of the seconds that it asks to wait."""
MOST_BYTES: Final = 10 * 2**20
"""Of a plain answer."""
REST_SECONDS: Final = 0.25
REST_BYTES: Final = 4_096
"""What may follow the last event of a stream before its connection is given up."""
PIECE: Final = 2**16
LARGE: Final = 2**20
KEY_SECONDS: Final = 2.0
"""A key's file is looked at no more often."""
PASSED: Final = (b"anthropic-version", b"anthropic-beta")
_BUSY: Final = 429


class UpstreamError(OutsideError):
    """An upstream failed, or all that serve a model did."""

    code = "upstream_failed"
    http_status = 502


class RefusingUpstreamError(OutsideError):
    """An upstream read the request and refused it; its words are not passed on unjudged."""

    code = "upstream_refused"

    def __init__(self, status: int, said: bytes, retry_after: int = 0) -> None:
        super().__init__("The upstream refused the request.", http_status=status)
        self.said = said
        self.retry_after = retry_after


class Opened(NamedTuple):
    """An answer whose head has come."""

    upstream: Upstream
    response: aiohttp.ClientResponse

    async def whole(self, most: int = MOST_BYTES) -> bytes:
        """Return all of a plain answer. Raises UpstreamError where it breaks off or is too long."""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._read(most)
        except (aiohttp.ClientError, OSError) as problem:
            self.response.close()
            raise UpstreamError("The upstream broke off.") from problem

    async def _read(self, most: int) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while piece := await self.response.content.readany():
            pieces.append(piece)
            size += len(piece)
            if size > most:
                self.response.close()
                raise UpstreamError("The upstream's answer is too long.", code="upstream_long")
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def let_go(self) -> None:
        """Read what ends the answer, so that its connection serves the next; else close it."""
        left = REST_BYTES
        try:
            async with asyncio.timeout(REST_SECONDS):
                while left > 0 and (piece := await self.response.content.readany()):
                    left -= len(piece)
        except (aiohttp.ClientError, OSError):
            return
        finally:
            if not self.response.content.at_eof():
                self.response.close()


class _PublicOnly(AbstractResolver):
    """Gives out public addresses alone."""

    def __init__(self) -> None:
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host. Raises OSError where one is of an inner network."""
        found = await self._inner.resolve(host, port, family)
        if not all(is_public(one["host"]) for one in found):
            raise OSError("the name leads into an inner network")
        return found

    async def close(self) -> None:
        """Close nothing."""


class Upstreams:
    """Asks upstreams. Made outside the event loop, used inside it."""

    def __init__(self, keys_dir: Path) -> None:
        self._keys_dir = keys_dir
        self._keys: dict[tuple[str, str], tuple[float, str]] = {}
        """By name and address: a new server never gets the key of the one before."""
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def open(
        self,
        upstreams: Sequence[Upstream],
        path: str,
        body: bytes,
        headers: Mapping[bytes, bytes],
        content_type: str = "application/json",
    ) -> Opened:
        """Return the first answer that comes; the next upstream is asked where one fails.

        Raises UpstreamError where none answers, RefusingUpstreamError where one
        refuses, UnavailableError where none serves the model.
        """
        if not upstreams:
            raise UnavailableError(
                "No upstream serves this model.", code="model_not_found", http_status=404
            )
        last: Exception | None = None
        for n, upstream in enumerate(upstreams):
            try:
                response = await self._send(upstream, path, body, headers, content_type)
            except (aiohttp.ClientError, OSError, TimeoutError) as problem:
                last = problem
                continue
            if response.status == 200:
                return Opened(upstream, response)
            is_last = n == len(upstreams) - 1
            last = await _refusal(response, is_last=is_last)
            if isinstance(last, RefusingUpstreamError):
                raise last
        raise UpstreamError("No upstream answered.") from last

    async def get(self, upstream: Upstream, path: str) -> bytes:
        """Return what an upstream says at a path. Raises UpstreamError."""
        try:
            response = await self._session(upstream.private).get(
                outside.address(upstream, path),
                headers=self._headers(upstream, {}),
                allow_redirects=False,
            )
            if response.status != 200:
                response.close()
                raise UpstreamError("The upstream does not answer.")
            return await Opened(upstream, response).whole()
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            raise UpstreamError("The upstream does not answer.") from problem

    async def close(self) -> None:
        """Close every connection."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    async def _send(
        self,
        upstream: Upstream,
        path: str,
        body: bytes,
        headers: Mapping[bytes, bytes],
        content_type: str,
    ) -> aiohttp.ClientResponse:
        address = outside.address(upstream, path)
        _check(upstream)
        asked = self._session(upstream.private).post(
            address,
            # Large ones in pieces: the event loop goes on meanwhile.
            data=body if len(body) < LARGE else io.BytesIO(body),
            headers={**self._headers(upstream, headers), "Content-Type": content_type},
            allow_redirects=False,
        )
        return await asyncio.wait_for(asked, HEAD_SECONDS)

    def _session(self, private: bool) -> aiohttp.ClientSession:
        session = self._sessions.get(private)
        if session is None:
            connector = aiohttp.TCPConnector(
                limit=0,
                ttl_dns_cache=30,
                keepalive_timeout=60,
                resolver=None if private else _PublicOnly(),
            )
            session = self._sessions[private] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                read_bufsize=PIECE,
                timeout=aiohttp.ClientTimeout(
                    total=None, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS
                ),
                skip_auto_headers=("User-Agent", "Accept-Encoding"),
            )
        return session

    def _headers(self, upstream: Upstream, given: Mapping[bytes, bytes]) -> dict[str, str]:
        found = {"User-Agent": "vigie-gateway", **outside.headers(upstream, self._key(upstream))}
        if upstream.kind is UpstreamKind.ANTHROPIC:
            for name in PASSED:
                if name in given:
                    found[name.decode()] = given[name].decode("latin-1")[:200]
        return found

    def _key(self, upstream: Upstream) -> str:
        now = time.monotonic()
        name = (upstream.name, upstream.url)
        known = self._keys.get(name)
        if known is not None and now - known[0] < KEY_SECONDS:
            return known[1]
        found = outside.read_key(outside.key_file(self._keys_dir, upstream.name))
        self._keys[name] = (now, found)
        return found


def _check(upstream: Upstream) -> None:
    """Raise OSError where a host is known to lead inside; names are checked when resolved."""
    if not upstream.private and leads_inside(urlsplit(upstream.url).hostname or ""):
        raise OSError("the address is one of an inner network")


async def _refusal(response: aiohttp.ClientResponse, *, is_last: bool) -> Exception:
    """Return what an answer that is none means, and let go of the connection."""
    status = response.status
    said = b""
    try:
        async with asyncio.timeout(REFUSAL_SECONDS):
            said = await response.content.read(PIECE)
    except (aiohttp.ClientError, OSError):
        status = 502
    wait = response.headers.get("Retry-After", "")[:MOST_DIGITS]
    response.close()
    if status == _BUSY and is_last:
        return RefusingUpstreamError(status, said, int(wait) if wait.isdecimal() else 1)
    if status in (400, 404, 409, 413, 422):
        return RefusingUpstreamError(status, said)
    return UpstreamError("The upstream does not answer.")
