# SPDX-License-Identifier: Apache-2.0
"""Notices: the list, one notice with its cases and letters, and a look at who gave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vigie.console import notices
from vigie.console.desk import needs, person, show
from vigie.core.errors import VigieError
from vigie.flow import house, looks
from vigie.flow.notices.form import CHILD
from vigie.flow.notices.unfounded import mark_unfounded
from vigie.store.models import LookKind, Notice, NoticeState
from vigie.store.permissions import Permission
from vigie.web.numbers import whole_number

if TYPE_CHECKING:
    from django.http import HttpRequest


@needs(Permission.CASE_READ)
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List notices, the newest first; those of class `child` only where asked for."""
    child = request.GET.get("room") == CHILD
    user = person(request)
    found = notices.visible(user, child=child)
    state = request.GET.get("state", "")
    if state in notices.STATES:
        found = found.filter(state=state)
    kind = request.GET.get("kind", "")
    if kind in {"illegal", "terms"}:
        found = found.filter(kind=kind)
    if request.GET.get("trusted"):
        found = found.filter(flagger__isnull=False)
    before = whole_number(request.GET.get("before", ""))
    if before is not None:
        found = found.filter(number__lt=before)
    rows = list(found.select_related("flagger").order_by("-number")[: notices.PAGE + 1])
    shown = rows[: notices.PAGE]
    context: dict[str, object] = {
        "room": "child" if child else "notices",
        "rows": [(row, notices.title(row)) for row in shown],
        "older": shown[-1].number if len(rows) > notices.PAGE else None,
        "state": state,
        "kind": kind,
        "trusted": bool(request.GET.get("trusted")),
        "child": child,
        "may_read_child": user.has_perm(Permission.CHILD_READ),
        "states": [
            (NoticeState.RECEIVED.value, _("waits")),
            (NoticeState.DECIDED.value, _("decided")),
            (NoticeState.CLOSED.value, _("closed")),
        ],
    }
    return show(request, "notices.html", context)


@needs(Permission.CASE_READ)
@require_safe
def notice(request: HttpRequest, number: int) -> HttpResponse:
    """Show one notice with its cases and letters; never who gave it."""
    return _page(request, notices.find(person(request), number))


def _page(
    request: HttpRequest,
    row: Notice,
    *,
    shown: dict[str, str] | None = None,
    problem: VigieError | None = None,
) -> HttpResponse:
    user = person(request)
    child = notices.is_child(row)
    decided = row.state == NoticeState.DECIDED
    context: dict[str, object] = {
        "room": "child" if child else "notices",
        "notice": row,
        "title": notices.title(row),
        "missing": notices.missing(row),
        "discreet": notices.is_discreet(row),
        "child": child,
        "lines": notices.lines(user, row),
        "letters": notices.letters(row),
        "contact": shown,
        "has_contact": bool(row.name or row.email),
        "may_look": user.has_perm(Permission.NOTIFIER_READ),
        "may_mark": user.has_perm(Permission.CASE_DECIDE) and decided and not child,
        "problem": problem,
    }
    return show(request, "notice.html", context, problem.http_status if problem else 200)


@needs(Permission.NOTIFIER_READ)
@require_POST
def who(request: HttpRequest, number: int) -> HttpResponse:
    """Show name and mail once, after a reason; recorded before anything is shown."""
    row = notices.find(person(request), number)
    item = row.items.select_related("case").order_by("position").first()
    try:
        looks.look(
            house.current(),
            person(request),
            kind=LookKind.NOTIFIER,
            reason=request.POST.get("reason", ""),
            case=item.case if item is not None else None,
            category=row.category,
            about={"notice": row.number},
        )
    except VigieError as problem:
        return _page(request, row, problem=problem)
    return _page(request, row, shown={"name": row.name, "email": row.email})


@needs(Permission.CASE_DECIDE)
@require_POST
def unfounded(request: HttpRequest, number: int) -> HttpResponse:
    """Mark a notice as manifestly unfounded, or take the mark back."""
    row = notices.find(person(request), number)
    try:
        mark_unfounded(
            house.current(),
            person(request),
            row,
            request.POST.get("reason", ""),
            unfounded=request.POST.get("mark", "") != "back",
        )
    except VigieError as problem:
        return _page(request, row, problem=problem)
    return HttpResponseRedirect(reverse("console:notice", args=[row.number]))
