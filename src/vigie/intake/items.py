# SPDX-License-Identifier: Apache-2.0
"""`POST /v1/items`: one item or up to 1,000, answered when durable."""

from __future__ import annotations

import time
from typing import Final

from starlette.types import Receive, Scope, Send

from vigie.core.errors import (
    InvalidInputError,
    RefusedError,
    UnavailableError,
    VigieError,
)
from vigie.intake.engine import Caller
from vigie.intake.parse import MAX_BODY, Parsed, parse_in_turns
from vigie.intake.services import Services
from vigie.machine.http import (
    ClientGone,
    RequestHeaders,
    find_key,
    read_body,
    request_id_of,
    send_error,
    send_json,
)
from vigie.machine.limits import Limits
from vigie.screening.access import AccessKey

MAX_IDEMPOTENCY: Final = 255


class ItemsEndpoint:
    """The hot path, as a plain ASGI application."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._limits = Limits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every refusal has the one error shape."""
        began = time.perf_counter()
        metrics = self._services.metrics
        try:
            body = await self._answer(scope, receive)
        except VigieError as problem:
            metrics.refused.labels(problem.code).inc()
            await send_error(send, problem, request_id_of(scope))
        except ClientGone:
            return
        except Exception:
            metrics.refused.labels("failed").inc()
            inside = VigieError("Something failed inside; nothing was recorded.")
            await send_error(send, inside, request_id_of(scope))
            raise
        else:
            await send_json(send, 200, body)
        metrics.seconds.observe(time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive) -> bytes:
        headers = RequestHeaders.of(scope)
        engine = self._services.engine
        with engine.turns:
            key = self._key(headers)
            body = await read_body(receive, headers, MAX_BODY)
            parsed = await parse_in_turns(body, engine.turns)
            self._services.metrics.items.inc(len(parsed.items))
            self._limits.check(key, len(parsed.items), engine.clock.now_ms())
            if not parsed.is_batch:
                return await self._decide(parsed, key, headers, body)
        self._check_lag()
        return await self._decide(parsed, key, headers, body)

    def _key(self, headers: RequestHeaders) -> AccessKey:
        key = find_key(headers, self._services.engine.holder.snapshot.access)
        if not key.sends:
            raise RefusedError(
                "This key may not send items.",
                code="wrong_scope",
                field="Authorization",
                fix="Use a key of scope trusted or public.",
            )
        return key

    async def _decide(
        self, parsed: Parsed, key: AccessKey, headers: RequestHeaders, body: bytes
    ) -> bytes:
        return await self._services.engine.answer(
            parsed.items,
            _caller(key),
            is_batch=parsed.is_batch,
            idempotency=_idempotency(headers),
            body=body,
        )

    def _check_lag(self) -> None:
        lag = self._services.status().get("fold_lag_seconds", 0)
        if lag > self._services.fold_lag_limit:
            raise UnavailableError(
                "Records are behind; batches wait.",
                code="fold_behind",
                fix="Send the batch again later; single items are still taken.",
            )


def _caller(key: AccessKey) -> Caller:
    return Caller(key_id=key.id, trusted=key.trusted, service=key.service)


def _idempotency(headers: RequestHeaders) -> str:
    value = headers.text(b"idempotency-key")
    if len(value) > MAX_IDEMPOTENCY:
        raise InvalidInputError(
            "The Idempotency-Key is too long.",
            code="bad_idempotency_key",
            field="Idempotency-Key",
            fix=f"Send at most {MAX_IDEMPOTENCY} characters.",
        )
    return value
