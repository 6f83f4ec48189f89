# SPDX-License-Identifier: Apache-2.0
"""The routes of the machine door. A path it does not know is refused here."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vigie.core.errors import ErrorEnvelope, NotFoundError, VigieError
from vigie.intake.decisions import DecisionEndpoint
from vigie.intake.health import JSON, Health
from vigie.intake.http import encode, request_id_of
from vigie.intake.items import ItemsEndpoint
from vigie.intake.services import Services

Lifespan = Any


class MethodError(VigieError):
    """The path exists; the method does not."""

    code = "method_not_allowed"
    http_status = 405


def create_app(services: Services, lifespan: Lifespan = None) -> Starlette:
    """Return the door as an ASGI application."""
    health = Health(services)
    decision = DecisionEndpoint(services)
    return Starlette(
        routes=[
            Route("/v1/items", ItemsEndpoint(services), methods=["POST"]),
            Route("/v1/decisions/{decision_id}", decision, methods=["GET"]),
            Route("/v1/decisions/{decision_id}/effect", decision, methods=["POST"]),
            Route("/healthz", health.alive, methods=["GET"]),
            Route("/readyz", health.ready, methods=["GET"]),
            Route("/metrics", health.metrics, methods=["GET"]),
        ],
        exception_handlers={404: _unknown_path, 405: _wrong_method, 500: _failed},
        lifespan=lifespan,
    )


async def _unknown_path(request: Request, _problem: Exception) -> Response:
    return _refusal(
        request,
        NotFoundError(
            "There is nothing at this path.",
            code="no_such_path",
            fix="The machine door answers /v1/items and /v1/decisions/{id}.",
        ),
    )


async def _wrong_method(request: Request, problem: Exception) -> Response:
    allowed: str = (getattr(problem, "headers", None) or {}).get("Allow", "")
    response = _refusal(
        request,
        MethodError("This path does not take that method.", fix=f"Use {allowed}."),
    )
    response.headers["allow"] = allowed
    return response


async def _failed(request: Request, _problem: Exception) -> Response:
    return _refusal(request, VigieError("Something failed inside; nothing was recorded."))


def _refusal(request: Request, problem: VigieError) -> Response:
    envelope = ErrorEnvelope(problem.body(request_id_of(request.scope)))
    return Response(encode(envelope), problem.http_status, media_type=JSON)
