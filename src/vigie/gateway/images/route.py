# SPDX-License-Identifier: Apache-2.0
"""The image routes as endpoints: bodies in, pictures out as data, by address or as events.

Pictures are large, so few requests are under way at once; more wait, and beyond that
they are told to come again.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from vigie.core.errors import InvalidInputError, NotFoundError, UnavailableError
from vigie.gateway import refusals
from vigie.gateway.caller import Caller
from vigie.gateway.dialects.openai import JSON, error_body, told
from vigie.gateway.images.exchange import Finished, ImageExchange, Shown
from vigie.gateway.images.held import PATH, Held
from vigie.gateway.images.provenance import Made, Provenance
from vigie.gateway.images.request import ImageRequest, ImageRoute, read
from vigie.gateway.pictures import ScreeningMissingError
from vigie.gateway.services import Gateway
from vigie.machine.http import read_body, send_json

MAX_BODY: Final = 48 << 20
BODY_SECONDS: Final = 30.0
"""Within which a request must have arrived."""
TOGETHER: Final = 4
"""Requests under way at once in one process."""
WAITING: Final = 32
"""More than these are told to come again."""
_IMAGE_HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
_NO_USAGE: Final = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
_EVENTS: Final = ((b"content-type", b"text/event-stream; charset=utf-8"), _IMAGE_HEADERS[0])


class ImageRoutes:
    """Answers the image routes of one process.

    `provenance`: None where the library that signs is not installed; then, and where
    no image detector is, every request is refused with 501 before it is read.
    """

    def __init__(self, provenance: Provenance | None, held: Held) -> None:
        self._provenance = provenance
        self._held = held
        self._turns = asyncio.Semaphore(TOGETHER)
        self._waiting = 0

    async def generations(
        self, gateway: Gateway, scope: AsgiScope, receive: Receive, send: Send
    ) -> None:
        """Make pictures of a prompt."""
        await self._answer(ImageRoute.GENERATION, gateway, scope, receive, send)

    async def edits(self, gateway: Gateway, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Change photos as a prompt says."""
        await self._answer(ImageRoute.EDIT, gateway, scope, receive, send)

    async def variations(
        self, gateway: Gateway, scope: AsgiScope, receive: Receive, send: Send
    ) -> None:
        """Make pictures like a photo."""
        await self._answer(ImageRoute.VARIATION, gateway, scope, receive, send)

    async def held(
        self, _gateway: Gateway, scope: AsgiScope, _receive: Receive, send: Send
    ) -> None:
        """Answer a picture that was asked for by address: who has the address has the picture."""
        named = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        made = self._held.find(named.get("t", [""])[0])
        if made is None:
            raise NotFoundError("This picture is no longer here.", code="no_picture")
        length = (b"content-length", str(len(made.data)).encode())
        headers = [(b"content-type", made.mime.encode()), length, *_IMAGE_HEADERS]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": made.data})

    async def _answer(
        self, route: ImageRoute, gateway: Gateway, scope: AsgiScope, receive: Receive, send: Send
    ) -> None:
        caller = Caller.of(gateway, scope)
        gateway.pictures.check()
        if self._provenance is None:
            raise ScreeningMissingError(
                "Pictures are not made here: nothing is installed that signs them.",
                fix="The operator installs it: pip install 'vigie[images]'.",
            )
        if self._waiting >= WAITING:
            raise UnavailableError(
                "Too many pictures are being made.", code="images_busy", fix="Try again soon."
            )
        self._waiting += 1
        try:
            async with self._turns:
                request = await _request(route, caller, receive)
                exchange = ImageExchange(gateway, self._provenance, caller, request)
                finished = await exchange.run()
        finally:
            self._waiting -= 1
        await self._send(gateway, exchange, request, finished, send)

    async def _send(
        self,
        gateway: Gateway,
        exchange: ImageExchange,
        request: ImageRequest,
        finished: Finished,
        send: Send,
    ) -> None:
        headers = exchange.account.headers()
        refusal = finished.refusal
        if refusal is not None:
            gateway.metrics.refused.labels(refusal.code).inc()
            headers += refusals.headers_of(refusal)
            body = error_body(refusal, exchange.request_id)
            await send_json(send, refusals.status_of(refusal), body, *headers)
        elif request.stream:
            await _send_events(send, request, finished, headers)
        else:
            await send_json(send, 200, self._body(request, finished), *headers)

    def _body(self, request: ImageRequest, finished: Finished) -> bytes:
        body: dict[str, Any] = {
            **_said(finished),
            "data": [self._one(request, one) for one in finished.shown],
        }
        return JSON.encode(body)

    def _one(self, request: ImageRequest, shown: Shown) -> dict[str, Any]:
        """Return one result; a stopped one says why, under the name of an extension."""
        if shown.refusal is not None:
            return {"b64_json": None, "url": None, "error": told(shown.refusal)}
        found: dict[str, Any] = {}
        if shown.made is not None and request.wants_url:
            found["url"] = self._held.keep(shown.made)
        elif shown.made is not None:
            found["b64_json"] = _encoded(shown.made)
        if shown.revised:
            found["revised_prompt"] = shown.revised
        return found


async def _request(route: ImageRoute, caller: Caller, receive: Receive) -> ImageRequest:
    """Read a request; its body is forgotten here. A slow one must not keep a turn."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await read_body(receive, caller.headers, MAX_BODY)
    except TimeoutError:
        raise InvalidInputError(
            "The body did not arrive in time.", code="body_too_slow", http_status=408
        ) from None
    kind = caller.headers.text(b"content-type")
    return await asyncio.to_thread(read, route, body, kind)


def _said(finished: Finished, created: str = "created") -> dict[str, Any]:
    """Return what the upstream said beside its pictures, as far as it is passed on."""
    answered = finished.answered
    if answered is None:
        return {}
    usage = {"usage": answered.usage} if answered.usage is not None else {}
    return {created: answered.created, **answered.said, **usage}


def _encoded(made: Made) -> str:
    return base64.b64encode(made.data).decode()


async def _send_events(
    send: Send, request: ImageRequest, finished: Finished, headers: list[tuple[bytes, bytes]]
) -> None:
    """Send each picture as the event that ends its stream; there are no partial ones."""
    start = [*_EVENTS, *headers]
    await send({"type": "http.response.start", "status": 200, "headers": start})
    for event in _events(request, finished):
        frame = b"event: %b\ndata: %b\n\n" % (event["type"].encode(), JSON.encode(event))
        await send({"type": "http.response.body", "body": frame, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _events(request: ImageRequest, finished: Finished) -> Iterator[Mapping[str, Any]]:
    said = {"usage": _NO_USAGE, **_said(finished, "created_at")}
    for one in finished.shown:
        if one.made is not None:
            yield {"type": request.route.event, "b64_json": _encoded(one.made), **said}
        elif one.refusal is not None:
            yield {"type": "error", "error": told(one.refusal)}


def endpoints(routes: ImageRoutes) -> dict[tuple[str, str], Any]:
    """Return what is answered at which path."""
    base = "/ai/v1"
    return {
        ("POST", base + ImageRoute.GENERATION.path): routes.generations,
        ("POST", base + ImageRoute.EDIT.path): routes.edits,
        ("POST", base + ImageRoute.VARIATION.path): routes.variations,
        ("GET", PATH): routes.held,
    }
