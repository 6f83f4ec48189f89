# SPDX-License-Identifier: Apache-2.0
"""The routes of the gateway, under `/ai/`. What it cannot read is refused, never passed on.

A plain ASGI application: nothing on its way decodes a request twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from vigie.core.errors import NotFoundError, VigieError
from vigie.gateway import passing, refusals
from vigie.gateway.caller import LANGUAGE, Caller
from vigie.gateway.dialects.base import Dialect
from vigie.gateway.dialects.chat import Chat
from vigie.gateway.dialects.completions import Completions
from vigie.gateway.dialects.messages import Messages
from vigie.gateway.dialects.responses import Responses
from vigie.gateway.exchange import Exchange
from vigie.gateway.services import Gateway
from vigie.machine.http import ClientGone, RequestHeaders, read_body, request_id_of, send_json

MAX_BODY: Final = 24 * 2**20
"""Pictures come inside a request as base64."""
PREFIX: Final = "/ai/v1"
ANTHROPIC: Final = f"{PREFIX}/messages"
Endpoint = Callable[[Gateway, AsgiScope, Receive, Send], Awaitable[None]]
"""Answers one path for a caller of scope `ai`; may raise VigieError before it has answered."""
DIALECTS: Final[dict[str, Dialect]] = {
    f"{PREFIX}/chat/completions": Chat(),
    f"{PREFIX}/completions": Completions(),
    f"{PREFIX}/responses": Responses(),
    ANTHROPIC: Messages(),
}


class MethodError(VigieError):
    """The path exists; the method does not."""

    code = "method_not_allowed"
    http_status = 405


class GatewayApp:
    """The gateway as an ASGI application.

    Args:
        gateway: what exchanges need.
        more: endpoints by path and method, for what is no exchange of text.
    """

    def __init__(
        self, gateway: Gateway, more: Mapping[tuple[str, str], Endpoint] | None = None
    ) -> None:
        self._gateway = gateway
        self._more: dict[tuple[str, str], Endpoint] = {
            ("GET", f"{PREFIX}/models"): passing.models,
            ("POST", f"{PREFIX}/embeddings"): passing.embeddings,
            **(more or {}),
        }
        self._paths = {path for _, path in self._more} | set(DIALECTS)

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Answer one request; every refusal has the shape of the route's interface."""
        path = scope["path"]
        dialect = DIALECTS.get(path)
        try:
            if dialect is not None and scope["method"] == "POST":
                await self._exchange(dialect, scope, receive, send)
            else:
                await self._rest(path, scope, receive, send)
        except VigieError as problem:
            self._gateway.metrics.refused.labels(problem.code).inc()
            await refuse(problem, scope, send)
        except ClientGone:
            return
        except Exception:
            self._gateway.metrics.refused.labels("failed").inc()
            await refuse(VigieError("Something failed inside."), scope, send)
            raise

    async def _exchange(
        self, dialect: Dialect, scope: AsgiScope, receive: Receive, send: Send
    ) -> None:
        caller = Caller.of(self._gateway, scope)
        body = await read_body(receive, caller.headers, MAX_BODY)
        await Exchange(self._gateway, dialect, caller, send).run(body, receive)

    async def _rest(self, path: str, scope: AsgiScope, receive: Receive, send: Send) -> None:
        endpoint = self._more.get((scope["method"], path))
        if endpoint is not None:
            await endpoint(self._gateway, scope, receive, send)
            return
        if path in self._paths:
            raise MethodError("This path does not take that method.", fix="See the documentation.")
        raise NotFoundError(
            "There is nothing at this path that the guard can read.",
            code="no_such_path",
            fix="The gateway speaks /ai/v1/chat/completions, responses, messages and others.",
        )


async def refuse(problem: VigieError, scope: AsgiScope, send: Send) -> None:
    """Answer with an error in the shape of the route's interface."""
    headers = RequestHeaders.of(scope)
    language = refusals.language_of(headers.text(LANGUAGE), headers.text(b"accept-language"))
    refusal = refusals.of_error(problem, language)
    body = _dialect_of(scope).problem(refusal, request_id_of(scope))
    await send_json(send, refusals.status_of(refusal), body, *refusals.headers_of(refusal))


def _dialect_of(scope: Any) -> Dialect:
    """Return in whose shape errors of a path are written."""
    path: str = scope["path"]
    return DIALECTS[ANTHROPIC if path.startswith(ANTHROPIC) else f"{PREFIX}/chat/completions"]
