# SPDX-License-Identifier: Apache-2.0
"""Load and exposure of the people who decide: for the quality lead, never a ranking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vigie.console.clocks import span
from vigie.console.desk import needs, person, show
from vigie.core.errors import RefusedError
from vigie.flow import exposure, house
from vigie.flow.exposure import Figures
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@needs(Permission.QUALITY_READ)
@require_safe
def quality(request: HttpRequest) -> HttpResponse:
    """Show load and exposure of everyone, by role number; or that it is switched off."""
    try:
        rows, off = exposure.of_everyone(house.current(), person(request)), ""
    except RefusedError as refused:
        rows, off = [], _(refused.message)
    context: dict[str, object] = {"room": "quality", "off": off, "own": False}
    return _page(request, rows, context)


@needs(Permission.CASE_DECIDE)
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """Show a person their own figures, if they asked for them."""
    try:
        rows, off = [exposure.own(house.current(), person(request))], ""
    except RefusedError as refused:
        rows, off = [], _(refused.message)
    return _page(request, rows, {"room": "shift", "off": off, "own": True})


def _page(request: HttpRequest, rows: list[Figures], context: dict[str, object]) -> HttpResponse:
    shown = [(one, span(one.worked_ms)) for one in rows]
    return show(request, "quality.html", context | {"rows": shown, "days": exposure.DAYS})
