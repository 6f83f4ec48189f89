# SPDX-License-Identifier: Apache-2.0
"""The overview: what the responsible person must know, and what needs a person now."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vigie.console.clocks import span
from vigie.console.desk import needs, person, show
from vigie.console.late import late_first
from vigie.console.overview import period, tables, words
from vigie.flow import house as houses
from vigie.flow.overview import sums
from vigie.flow.overview.alarms import alarms
from vigie.store.permissions import Permission
from vigie.web import csv_rows

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@needs(Permission.OVERVIEW_READ)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show alarms, queues and figures of the last days; every number links."""
    user, house = person(request), houses.current()
    now = house.now()
    asked = period.read(request.GET, now)
    these = asked.these()
    by_policy, picture = tables.appeals(asked)
    state = sums.log_state()
    context: dict[str, object] = {
        "room": "overview",
        "period": asked,
        "choices": period.CHOICES,
        "first": period.short(asked.first),
        "last": period.short(these[-1].day),
        **late_first(house, user),
        "alarms": words.lines(alarms(house, user), now, user),
        "figures": words.figures_of(asked, user, these),
        "waiting": tables.waiting(user, now),
        "sources": tables.sources(asked, these),
        "by_day": tables.by_day(these),
        "day_rows": list(tables.day_rows(these)),
        "outgoing": tables.outgoing(asked),
        "appeals": by_policy,
        "appeals_picture": picture,
        "log": state,
        "log_age": span(now - state.at) if state.at else "",
        "people": sums.people(house),
        "may_read_quality": user.has_perm(Permission.QUALITY_READ),
    }
    return show(request, "overview.html", context)


@needs(Permission.OVERVIEW_READ)
@require_safe
def days(request: HttpRequest) -> HttpResponse:
    """Send the decisions by day as CSV."""
    asked = period.read(request.GET, houses.current().now())
    head = [_("Day"), *(str(one[0]) for one in tables.SOURCES)]
    rows = [
        [period.as_date(day.day).isoformat(), *numbers[1:]]
        for day, numbers in zip(asked.these(), tables.day_rows(asked.these()), strict=True)
    ]
    answer = StreamingHttpResponse(
        csv_rows.lines(head, rows), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="vigie-days.csv"'
    return cast("HttpResponse", answer)
