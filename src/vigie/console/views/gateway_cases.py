# SPDX-License-Identifier: Apache-2.0
"""Cases of repeated stops: facts and no text, and what is kept of one stop, opened with a reason.

What is only counted stands in none of these pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vigie.console import gateway_words as words
from vigie.console.desk import needs, person, show
from vigie.console.gateway_words import State
from vigie.core.errors import VigieError
from vigie.core.gateway import week_begins
from vigie.flow import house
from vigie.flow.gateway import excerpts
from vigie.flow.vault import leaves
from vigie.store.models import GatewayCaseState
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.store.models import GatewayCase, GatewayStop

SHOWN: Final = 100
FACTS: Final = ("prompt_chars", "judged_chars", "released_chars", "took_ms")
"""Numbers of an exchange that say how far it went."""


@needs(Permission.GATEWAY_READ)
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """List cases, those that are open first."""
    rows = excerpts.cases()[:SHOWN]
    context: dict[str, object] = {
        "room": "gateway",
        "tab": "cases",
        "rows": [(one, excerpts.label(one), _state(one)) for one in rows],
    }
    return show(request, "gateway_cases.html", context)


@needs(Permission.GATEWAY_READ)
@require_safe
def case(request: HttpRequest, number: int) -> HttpResponse:
    """Show one case: whose stops, in facts, and what can be done."""
    return _page(request, excerpts.find(number))


@needs(Permission.GATEWAY_EXCERPT, repeats=True)
@require_POST
def excerpt(request: HttpRequest, number: int) -> HttpResponse:
    """Open what is kept of one stop: in the log first, counted, shown once."""
    row, user, post = excerpts.find(number), person(request), request.POST
    decision = post.get("decision", "")
    try:
        text = excerpts.open_excerpt(
            house.current(), user, number, decision, post.get("reason", "")
        )
    except VigieError as problem:
        return _page(request, row, problem)
    context: dict[str, object] = {
        "room": "gateway",
        "tab": "cases",
        "case": row,
        "label": excerpts.label(row),
        "decision": decision,
        "text": text,
        "masked": user.mask_words,
    }
    answer = show(request, "gateway_excerpt.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


@needs(Permission.GATEWAY_STOP)
@require_POST
def close(request: HttpRequest, number: int) -> HttpResponse:
    """Close a case with a note."""
    row = excerpts.find(number)
    try:
        excerpts.close_case(house.current(), person(request), number, request.POST.get("note", ""))
    except VigieError as problem:
        row.refresh_from_db()
        return _page(request, row, problem)
    return HttpResponseRedirect(reverse("console:gateway_case", args=[number]))


def _page(
    request: HttpRequest, row: GatewayCase, problem: VigieError | None = None
) -> HttpResponse:
    user, here = person(request), house.current()
    stops = [_stop(one) for one in excerpts.stops_of(row)[:SHOWN]]
    is_open = row.state == GatewayCaseState.OPEN
    used, cap = excerpts.used(here, user)
    context: dict[str, object] = {
        "room": "gateway",
        "tab": "cases",
        "case": row,
        "label": excerpts.label(row),
        "state": _state(row),
        "since": week_begins(row.period),
        "until": week_begins(row.period + 1),
        "stops": stops,
        "kept": [one for one in stops if one["kept"]] if is_open else [],
        "open": is_open,
        "may_open": user.has_perm(Permission.GATEWAY_EXCERPT),
        "may_close": user.has_perm(Permission.GATEWAY_STOP) and is_open,
        "used": used,
        "cap": cap,
        "problem": problem,
        "chosen": request.POST.get("decision", ""),
        "reason": request.POST.get("reason", ""),
        "note": request.POST.get("note", ""),
        "most": leaves.MAX_REASON,
        "most_note": excerpts.MAX_NOTE,
    }
    return show(request, "gateway_case.html", context, problem.http_status if problem else 200)


def _state(row: GatewayCase) -> State:
    if row.state == GatewayCaseState.OPEN:
        return State("person", _("open"))
    return State("done", _("closed"))


def _stop(row: GatewayStop) -> dict[str, Any]:
    kept = row.evidence is not None and row.evidence.shredded_at is None
    return {
        "row": row,
        "category": words.of(words.CATEGORIES, row.category),
        "stage": words.of(words.STAGES, row.stage),
        "feature": words.of(words.FEATURES, row.feature),
        "country": words.country(row.country),
        "facts": {name: int(row.facts.get(name, 0) or 0) for name in FACTS},
        "kept": kept,
        "until": row.evidence.purge_at if kept and row.evidence is not None else None,
    }
