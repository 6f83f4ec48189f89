# SPDX-License-Identifier: Apache-2.0
"""Settings of the desk: each with its effect beside it, its range, and who changed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vigie.console.desk import needs, person, show
from vigie.core.errors import InvalidInputError
from vigie.flow import desk_settings, house
from vigie.flow.desk_settings import SETTINGS, Setting
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse


@dataclass(frozen=True, slots=True)
class Field:
    """One setting as the form shows it."""

    setting: Setting
    value: Any
    """What stands in the field: what holds, or what was typed."""
    problem: str


@dataclass(frozen=True, slots=True)
class Line:
    """One change, in words."""

    at: int
    title: str
    was: str
    now: str
    by: str


@needs(Permission.SETTING_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Show all settings; change those that were changed, all or none."""
    if request.method != "POST":
        return _page(request, {}, {})
    typed = {key: _typed(request, one) for key, one in SETTINGS.items()}
    read: dict[str, desk_settings.Value] = {}
    problems: dict[str, str] = {}
    for key, text in typed.items():
        try:
            read[key] = desk_settings.read(key, text)
        except InvalidInputError:
            problems[key] = _range(SETTINGS[key])
    if problems:
        return _page(request, typed, problems, status=422)
    for key, value in read.items():
        desk_settings.set(house.current(), person(request), key, value)
    return HttpResponseRedirect(reverse("console:settings") + "?saved=1")


def _typed(request: HttpRequest, one: Setting) -> str:
    """Return what was typed; a field that was not sent keeps what holds."""
    if one.is_switch:
        return "yes" if request.POST.get(one.key) == "yes" else "no"
    return request.POST.get(one.key, str(desk_settings.get(one.key)))[:100]


def _page(
    request: HttpRequest,
    typed: Mapping[str, str],
    problems: Mapping[str, str],
    status: int = 200,
) -> HttpResponse:
    values = desk_settings.all_values()
    fields = [
        Field(one, typed.get(key, values[key]), problems.get(key, ""))
        for key, one in SETTINGS.items()
    ]
    context: dict[str, object] = {
        "room": "settings",
        "numbers": [one for one in fields if not (one.setting.is_switch or one.setting.is_list)],
        "lists": [one for one in fields if one.setting.is_list],
        "switches": [
            Field(one.setting, one.value in {True, "yes"}, one.problem)
            for one in fields
            if one.setting.is_switch
        ],
        "problems": [one for one in fields if one.problem],
        "saved": request.GET.get("saved") == "1",
        "history": [_line(one) for one in desk_settings.history(20)],
    }
    return show(request, "settings.html", context, status=status)


def _range(one: Setting) -> str:
    if one.is_list:
        return _("Codes with spaces between them, of: %(codes)s.") % {"codes": " ".join(one.codes)}
    return _("A whole number from %(least)s to %(most)s.") % {"least": one.least, "most": one.most}


def _line(change: desk_settings.Change) -> Line:
    known = SETTINGS.get(change.key)
    title = str(known.title) if known else change.key
    return Line(change.at, title, _value(change.was), _value(change.now), change.by or "—")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
