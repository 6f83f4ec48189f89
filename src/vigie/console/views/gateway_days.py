# SPDX-License-Identifier: Apache-2.0
"""The digest of a day of the AI gateway: tables, the picture of the same numbers, CSV."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final, cast

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vigie.console import gateway_words as words
from vigie.console.desk import needs, show
from vigie.core.errors import InvalidInputError
from vigie.core.gateway import DAY_MS, Ending, day_of
from vigie.flow import house
from vigie.flow.gateway import digest as digests
from vigie.store.permissions import Permission
from vigie.web import charts, csv_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

    from vigie.flow.gateway.digest import Digest, Figure, Line

TODAY: Final = "today"
STYLES: Final = {Ending.REFUSED: "fa", Ending.CUT: "fb"}
SHOWN: Final = (Ending.REFUSED, Ending.CUT, Ending.BRAKED, Ending.FAILED, Ending.LEFT)


@needs(Permission.GATEWAY_READ)
@require_safe
def digest(request: HttpRequest) -> HttpResponse:
    """Show what was asked, refused, cut and failed on a day."""
    here = house.current()
    found = digests.digest(here, _day(request))
    today = day_of(here.now())
    context: dict[str, object] = {
        "room": "gateway",
        "tab": "digest",
        "day": found.day * DAY_MS or 1,
        "value": _iso(found.day),
        "latest": _iso(today),
        "running": found.running,
        "before": _iso(found.day - 1) if found.day else "",
        "after": _iso(found.day + 1) if found.day < today else "",
        "figures": _figures(found),
        "picture": _picture(found),
        "countries": [words.country(one) for one in found.countries],
        "features": [words.of(words.FEATURES, one) for one in found.features],
        "rows": [_row(one) for one in found.lines],
        "asked": _row(found.asked),
        "empty": not found.lines,
    }
    return show(request, "gateway_digest.html", context)


@needs(Permission.GATEWAY_READ)
@require_safe
def days(request: HttpRequest) -> HttpResponse:
    """Send the tables of a day as CSV: a number that is not shown is empty."""
    found = digests.digest(house.current(), _day(request))
    head = [
        _("What became of it"),
        *(words.country(one) for one in found.countries),
        *(words.of(words.FEATURES, one) for one in found.features),
        _("All"),
    ]
    rows = [_cells(words.what(one.ending, one.category), one) for one in found.lines]
    rows.append(_cells(_("asked"), found.asked))
    answer = StreamingHttpResponse(
        csv_rows.lines(head, rows), content_type="text/csv; charset=utf-8"
    )
    name = f"vigie-gateway-{_iso(found.day)}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return cast("HttpResponse", answer)


def _cells(name: str, line: Line) -> list[object]:
    figures = (*line.countries, *line.features, line.total)
    return [name, *(one.exchanges for one in figures)]


def _day(request: HttpRequest) -> int | None:
    """Return the day that the address names; none: the last one that is over."""
    text = request.GET.get("day", "").strip()
    if not text:
        return None
    if text == TODAY:
        return day_of(house.current().now())
    try:
        asked = date.fromisoformat(text)
    except ValueError as problem:
        raise InvalidInputError(_("Give a day, such as 2026-11-22."), field="day") from problem
    return (asked - date(1970, 1, 1)).days


def _iso(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_MS / 1000, UTC).date().isoformat()


def _figures(found: Digest) -> list[tuple[str, str]]:
    sums = [(words.of(words.ENDINGS, one), words.total(found.sum_of(one))) for one in SHOWN]
    return [
        (_("asked"), words.number(found.asked.total)),
        (words.of(words.ENDINGS, Ending.RELEASED), words.total(found.sum_of(Ending.RELEASED))),
        *sums,
        (_("released unjudged, in tens"), words.number(found.unjudged)),
        (_("judgements that failed, in tens"), words.number(found.failures)),
    ]


def _row(line: Line) -> dict[str, object]:
    return {
        "name": words.what(line.ending, line.category),
        "countries": _numbers(line.countries),
        "features": _numbers(line.features),
        "total": _numbers([line.total])[0],
    }


def _numbers(figures: Sequence[Figure]) -> list[tuple[str, bool]]:
    return [(words.number(one), one.exchanges is None) for one in figures]


def _picture(found: Digest) -> SafeString | str:
    """Draw what was not released, one bar a line; a hidden number has words and no bar."""
    lines = [one for one in found.lines if one.ending != Ending.RELEASED]
    if not lines:
        return ""
    bars = [
        charts.Bar(
            words.what(one.ending, one.category),
            one.total.exchanges,
            words.number(one.total),
            STYLES.get(Ending(one.ending), "fc") if one.ending in set(Ending) else "fc",
        )
        for one in lines
    ]
    said = [_("%(name)s: %(number)s.") % {"name": one.name, "number": one.words} for one in bars]
    return charts.bars("stopped", _("What was not released"), " ".join(said), bars)
