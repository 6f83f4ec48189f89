# SPDX-License-Identifier: Apache-2.0
"""One error shape for every refusal, declared on every operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import structlog
from ninja.errors import HttpError, ValidationError

from vigie.api.schemas import ErrorEnvelope
from vigie.core.errors import VigieError
from vigie.core.ids import random_id
from vigie.web.limits import RateLimitedError

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from ninja import NinjaAPI

logger = structlog.get_logger(__name__)

REFUSALS: Final[dict[Any, Any]] = dict.fromkeys((400, 401, 403, 422, 500, 503), ErrorEnvelope)
FOUND: Final[dict[Any, Any]] = REFUSALS | {404: ErrorEnvelope}
CHANGES: Final[dict[Any, Any]] = FOUND | {409: ErrorEnvelope}
LIMITED: Final[dict[Any, Any]] = FOUND | {429: ErrorEnvelope}
_PLACES: Final = ("body", "query", "path", "header", "form")


def install(api: NinjaAPI) -> None:
    """Answer every error in the one shape."""

    @api.exception_handler(VigieError)
    def refused(request: HttpRequest, error: VigieError) -> HttpResponse:
        if error.diagnostics:
            logger.warning("api_refused", code=error.code, diagnostics=error.diagnostics)
        answer = _answer(api, request, error)
        if isinstance(error, RateLimitedError):
            answer["Retry-After"] = str(error.retry_after)
        return answer

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        first = error.errors[0] if error.errors else {}
        return _answer(api, request, _invalid(first))

    @api.exception_handler(HttpError)
    def plain(request: HttpRequest, error: HttpError) -> HttpResponse:
        refusal = VigieError(str(error), code="bad_request", http_status=error.status_code)
        return _answer(api, request, refusal)

    @api.exception_handler(Exception)
    def failed(request: HttpRequest, error: Exception) -> HttpResponse:
        logger.error("api_failed", problem=type(error).__name__, exc_info=error)
        refusal = VigieError("Something failed on our side; nothing was recorded.")
        return _answer(api, request, refusal)


def _invalid(first: dict[str, Any]) -> VigieError:
    """Turn the framework's finding into one field with words; never echo the value."""
    message = str(first.get("msg", "The request does not fit."))
    field = _path(list(first.get("loc", ())))
    return VigieError(message, code="invalid", http_status=422, field=field or None)


def _path(place: list[str | int]) -> str:
    """Write a place as `policies[0].source`; names of types are no part of it."""
    # A parameter may be called as a place is: `form`.
    while place and place[0] in _PLACES and place != ["form"]:
        place = place[1:]
    path = ""
    for part in place:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part.isidentifier():
            path += f".{part}" if path else part
    return path


def _answer(api: NinjaAPI, request: HttpRequest, error: VigieError) -> HttpResponse:
    request_id = random_id()
    body = error.body(request_id)
    shape = {
        "error": {
            "code": body.code,
            "message": body.message,
            "field": body.field,
            "fix": body.fix,
            "request_id": request_id,
        }
    }
    return api.create_response(request, shape, status=error.http_status)
