# SPDX-License-Identifier: Apache-2.0
"""What a person reads when something is refused or failed: fact first, then what to do.

Never a trace and never the request's own words (OWASP ASVS 5.0, 16.5.1).
"""

from __future__ import annotations

from http.client import responses
from typing import TYPE_CHECKING, Final

import structlog
from django.http import JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from vigie.core.errors import VigieError
from vigie.core.ids import random_id
from vigie.web import work
from vigie.web.limits import RateLimitedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

API: Final = "/api/"
BAD: Final = 400
REFUSED: Final = 403
_OURS: Final = ("csrfmiddlewaretoken", work.FIELD)
"""Fields that each form gets anew."""
logger = structlog.get_logger(__name__)


class Refusals:
    """Turns the errors that a caller can act on into a page with the right status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as the view does; to machines every refusal has the one shape."""
        response = self.get_response(request)
        plain = not response.get("Content-Type", "").startswith("application/json")
        if request.path.startswith(API) and response.status_code >= BAD and plain:
            return _for_machines(response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a refusal; leave everything else to Django."""
        if not isinstance(error, VigieError):
            return None
        if error.http_status == REFUSED or isinstance(error, RateLimitedError):
            _note(request, error)
        if isinstance(error, RateLimitedError):
            return too_much(request, error)
        return page(request, error.http_status, error.message, error.fix or "", error.code)


def _note(request: HttpRequest, error: VigieError) -> None:
    """Log who was refused what: account and route, never an address or a word of theirs."""
    match = request.resolver_match
    user = getattr(request, "user", None)
    logger.warning(
        "access_refused",
        code=error.code,
        route=match.route if match is not None else "",
        method=request.method,
        account=user.pk if user is not None else None,
    )


def _for_machines(refused: HttpResponse) -> HttpResponse:
    """Put a refusal of the framework into the one JSON shape."""
    words = responses.get(refused.status_code, "Refused")
    code = words.lower().replace(" ", "_")
    shape = {"error": {"code": code, "message": f"{words}.", "request_id": random_id()}}
    answer = JsonResponse(shape, status=refused.status_code)
    if "Allow" in refused:
        answer["Allow"] = refused["Allow"]
    return answer


def page(
    request: HttpRequest, status: int, fact: str, then: str = "", code: str = ""
) -> HttpResponse:
    """Render one refusal."""
    context = {"status": status, "fact": fact, "then": then, "code": code}
    return render(request, "vigie/refused.html", context, status=status)


def too_much(request: HttpRequest, error: RateLimitedError) -> HttpResponse:
    """Say how long to wait, and keep what was typed in a form that can be sent again."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in _OURS
    ]
    context = {
        "fact": error.message,
        "then": error.fix,
        "code": error.code,
        "fields": fields,
        "path": request.path,
        "retry_after": error.retry_after,
        "challenge": error.challenge,
        "bits": work.BITS,
        "work_field": work.FIELD,
    }
    answer = render(request, "vigie/wait.html", context, status=error.http_status)
    answer["Retry-After"] = str(error.retry_after)
    return answer


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form was not sent from one of our pages, or is too old."""
    logger.info("form_refused", reason=reason)
    return page(
        request,
        403,
        _("This form is too old, or it was not sent from our page. Nothing was recorded."),
        _("Go back, load the page again and send it once more."),
        "csrf",
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Say that there is nothing at this address."""
    return page(request, 404, _("There is nothing at this address."), "", "not_found")


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Say that this person may not see it."""
    return page(request, 403, _("You may not open this page."), "", "forbidden")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Say that the request is not understood."""
    return page(request, 400, _("This request is not understood."), "", "bad_request")


def failed(request: HttpRequest) -> HttpResponse:
    """Say that Vigie failed; the details stay in its log."""
    return page(
        request,
        500,
        _("Something failed on our side. Nothing was recorded."),
        _("Try again in a minute; what you typed is still in your browser."),
        "failed",
    )
