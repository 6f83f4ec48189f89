# SPDX-License-Identifier: Apache-2.0
"""The register as a page, and month by month as CSV and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vigie.core.errors import InvalidInputError
from vigie.flow import house, register
from vigie.flow.register import Withholding
from vigie.portal.naming import operator
from vigie.web import csv_rows

PAGE: Final = 50


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the newest lines; older ones follow by link, whole months as files."""
    current = house.current()
    before = request.GET.get("before", "")[:20] or None
    found = register.latest(current, before, PAGE + 1)
    context = {
        "operator": operator(),
        "rows": found[:PAGE],
        "older": found[PAGE - 1].reference if len(found) > PAGE else None,
        "narrow": before is not None,
        "months": register.months(current),
    }
    return render(request, "portal/register.html", context)


@require_safe
def month(request: HttpRequest, name: str, form: str) -> StreamingHttpResponse:  # noqa: ARG001
    """Hand out one month, streamed: nothing is gathered in memory."""
    rows = register.month(house.current(), name)
    body, kind = _FORMS[form]
    answer = StreamingHttpResponse(body(rows), content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="register-{name}.{form}"'
    return answer


def _csv(rows: Iterable[Withholding]) -> Iterator[str]:
    return csv_rows.lines(register.COLUMNS, (_cells(one.row()) for one in rows))


def _cells(row: dict[str, object]) -> list[object]:
    return [" | ".join(one) if isinstance(one, list) else one for one in row.values()]


def _json(rows: Iterable[Withholding]) -> Iterator[str]:
    """Write a list one line at a time."""
    yield '{"register": ['
    for number, one in enumerate(rows):
        yield ("," if number else "") + "\n" + json.dumps(one.row(), ensure_ascii=False)
    yield "\n]}\n"


_FORMS: Final[dict[str, tuple[Any, str]]] = {
    "csv": (_csv, "text/csv; charset=utf-8"),
    "json": (_json, "application/json; charset=utf-8"),
}


class Month:
    """A month in an address, `2026-11`."""

    regex = r"[0-9]{4}-[0-9]{2}"

    def to_python(self, value: str) -> str:
        """Refuse what is no month: the address does not exist."""
        try:
            register.bounds(value)
        except InvalidInputError as problem:
            raise ValueError from problem
        return value

    def to_url(self, value: str) -> str:
        """Write it as it is."""
        return value
