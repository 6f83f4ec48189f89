# SPDX-License-Identifier: Apache-2.0
"""The routes of the machine door. A path it does not know is refused here."""

from __future__ import annotations

from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from vigie.core.errors import ErrorEnvelope, NotFoundError, VigieError
from vigie.intake.decisions import DecisionEndpoint
from vigie.intake.health import JSON, Health
from vigie.intake.items import ItemsEndpoint
from vigie.intake.services import Services
from vigie.machine.http import encode, request_id_of

Lifespan = Any
ITEMS: Final = "/v1/items"


class MethodError(VigieError):
    """The path exists; the method does not."""

    code = "method_not_allowed"
    http_status = 405


class IntakeApp:
    """The door as an ASGI application: items first, all else by route."""

    def __init__(self, services: Services, lifespan: Lifespan = None) -> None:
        self._items = ItemsEndpoint(services)
        self._rest = _routes(services, self._items, lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; the hot path skips the middleware of the routes."""
        if scope["type"] == "http" and scope["path"] == ITEMS and scope["method"] == "POST":
            await self._items(scope, receive, send)
        else:
            await self._rest(scope, receive, send)


def _routes(services: Services, items: ItemsEndpoint, lifespan: Lifespan) -> Starlette:
    health = Health(services)
    decision = DecisionEndpoint(services)
    app = Starlette(
        routes=[
            Route(ITEMS, items, methods=["POST"]),
            Route("/v1/decisions/{decision_id}", decision, methods=["GET"]),
            Route("/v1/decisions/{decision_id}/effect", decision, methods=["POST"]),
            Route("/healthz", health.alive, methods=["GET"]),
            Route("/readyz", health.ready, methods=["GET"]),
            Route("/metrics", health.metrics, methods=["GET"]),
        ],
        exception_handlers={404: _unknown_path, 405: _wrong_method, 500: _failed},
        lifespan=lifespan,
    )
    # A path with a slash too many is unknown, not somewhere else.
    app.router.redirect_slashes = False
    return app


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
