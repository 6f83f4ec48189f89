# SPDX-License-Identifier: Apache-2.0
"""The witness over HTTP (C2SP tlog-witness v1.0.0): a small app and nothing else.

Nobody signs in: what counts is the signature under the checkpoint. Requests are
capped; who should not reach it is the proxy's business.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from vigie.core.errors import VigieError
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.notes import MAX_NOTE_BYTES
from vigie.ledger.witness import TEXT_TYPE, Answer, Witness
from vigie.witness.home import WitnessHome

MAX_BODY: Final = MAX_NOTE_BYTES + 8 * 1024
"""A checkpoint and 63 lines of proof."""
log = structlog.get_logger(__name__)


def _now() -> int:
    return int(time.time())


def create_app(home: WitnessHome, clock: Callable[[], int] = _now) -> Starlette:
    """Return the app of a witness. Raises UnavailableError where the folder is not set up."""
    cosigner = home.cosigner()

    def witness() -> Witness:
        return Witness([cosigner], home.trusted(), home.store)

    async def add_checkpoint(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return _response(Answer(413))
        return await _answered(lambda: witness().add_checkpoint(body, clock()))

    async def checkpoint(request: Request) -> Response:
        name = request.path_params["name"]
        return await _answered(lambda: witness().latest(name))

    async def about(_: Request) -> Response:
        return _response(Answer(200, f"{cosigner.vkey}\n"))

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{name:str}/checkpoint", checkpoint, methods=["GET"]),
            Route("/", about, methods=["GET"]),
        ]
    )


async def _body(request: Request) -> bytes | None:
    """Return the body; None where it is longer than any request."""
    taken = bytearray()
    try:
        async for part in request.stream():
            taken += part
            if len(taken) > MAX_BODY:
                return None
    except ClientDisconnect:
        return None
    return bytes(taken)


async def _answered(ask: Callable[[], Answer]) -> Response:
    """Answer; where our own files fail, nothing is cosigned and the caller tries again."""
    try:
        return _response(await run_in_threadpool(ask))
    except (LedgerError, VigieError, OSError) as problem:
        log.error("witness_failed", kind=type(problem).__name__)  # noqa: TRY400 - no values
        return _response(Answer(500))


def _response(answer: Answer) -> Response:
    headers = {
        "content-type": answer.content_type or TEXT_TYPE,
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    return Response(answer.body, answer.status, headers=headers)
