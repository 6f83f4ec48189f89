# SPDX-License-Identifier: Apache-2.0
"""Requests and answers at the machine door: bodies, keys, one error shape."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import Any, Final, Self

import msgspec
from starlette.types import Receive, Scope, Send

from vigie.core.errors import ErrorEnvelope, InvalidInputError, VigieError
from vigie.screening.access import AccessKey, AccessTable

_JSON: Final = msgspec.json.Encoder()
_TYPE: Final = (b"content-type", b"application/json; charset=utf-8")
_STORE: Final = (b"cache-control", b"no-store")
DRAIN_BYTES: Final = 64 * 2**20
DRAIN_SECONDS: Final = 5
RETRY_AFTER: Final = {503: b"2", 507: b"30", 429: b"1"}


class UnauthorisedError(VigieError):
    """No key, or one that is not in force."""

    code = "unauthorised"
    http_status = 401


class ClientGone(Exception):  # noqa: N818 - not an error of ours
    """The client left before its body was read."""


class RequestHeaders(dict[bytes, bytes]):
    """A request's headers by lower-case name, read once; of a repeated one the last."""

    @classmethod
    def of(cls, scope: Scope) -> Self:
        """Return the headers of an ASGI scope, whose names are lower-case already."""
        return cls(scope["headers"])

    def text(self, name: bytes) -> str:
        """Return a header as text, empty where it was not sent."""
        return self.get(name, b"").decode("latin-1")


async def read_body(receive: Receive, headers: RequestHeaders, limit: int) -> bytes:
    """Return the body. Raises InvalidInputError (413) where it is too long."""
    declared = headers.text(b"content-length")
    if declared.isdecimal() and int(declared) > limit:
        await _take_rest(receive)
        raise _too_long(limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            if message.get("more_body", False):
                await _take_rest(receive)
            raise _too_long(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _take_rest(receive: Receive) -> None:
    """Read on for a while and keep nothing of it.

    A client that is still sending would see a broken connection, and no answer.
    """
    left = DRAIN_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while left > 0:
                message = await receive()
                if not message.get("more_body", False):
                    return
                left -= len(message.get("body", b""))


def _too_long(limit: int) -> InvalidInputError:
    return InvalidInputError(
        "The body is too long.",
        code="body_too_long",
        fix=f"Send at most {limit // 2**20} MiB in one request.",
        http_status=413,
    )


def find_key(headers: RequestHeaders, access: AccessTable) -> AccessKey:
    """Return the key of a request. Raises UnauthorisedError."""
    key = access.find(headers.text(b"authorization"))
    if key is None:
        raise UnauthorisedError(
            "There is no such key, or it was revoked.",
            field="Authorization",
            fix="Send `Authorization: Bearer vg_...`; `vigie key create` makes one.",
        )
    return key


async def send_json(send: Send, status: int, body: bytes, *more: tuple[bytes, bytes]) -> None:
    """Send a JSON answer."""
    length = (b"content-length", str(len(body)).encode())
    headers = [_TYPE, _STORE, length, *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_error(send: Send, problem: VigieError, request_id: str) -> None:
    """Send the one error shape, with `Retry-After` where trying again is right."""
    body = _JSON.encode(ErrorEnvelope(problem.body(request_id)))
    retry = RETRY_AFTER.get(problem.http_status)
    more = [(b"retry-after", retry)] if retry else []
    if problem.http_status == 401:
        more.append((b"www-authenticate", b"Bearer"))
    await send_json(send, problem.http_status, body, *more)


def request_id_of(scope: Scope) -> str:
    """Return the caller's request id if it is a plain one, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and 0 < len(value) <= 64 and value.isalnum():
            return str(value.decode())
    return secrets.token_hex(8)


def encode(value: Any) -> bytes:
    """Return a value as JSON."""
    return _JSON.encode(value)
