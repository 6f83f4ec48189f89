# SPDX-License-Identifier: Apache-2.0
"""The pages of a search day: open it, write its record, let officers look, close it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from vigie.console import moments, signin
from vigie.console.desk import chosen, needs, person, show
from vigie.core.errors import InvalidInputError, VigieError
from vigie.flow import house
from vigie.flow.erase import DEFAULT_SERVICE
from vigie.flow.search_day import days, entries, officers, signed, told, unfound
from vigie.flow.search_day.scope import Scope, ScopeGiven
from vigie.flow.search_day.scope import of as scope_of
from vigie.store.models import EvidencePackage, Matter, OfficerAccess, SearchDay, SearchEntryKind
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, QueryDict
    from django.utils.functional import _StrPromise

    from vigie.store.models import User

Shown = dict[str, object] | None
"""What is shown instead of leading back: once, or nothing."""
SHOWN: Final = 100
VIEWS: Final = 500
SCOPE: Final = (
    "items", "authors", "service", "services", "orders", "notices", "after", "until",
)  # fmt: skip
"""Fields of the form that says what a warrant names."""
KINDS: Final[dict[str, _StrPromise]] = {
    SearchEntryKind.EVENT: gettext_lazy("event"),
    SearchEntryKind.PERSON: gettext_lazy("person"),
    SearchEntryKind.OBJECT: gettext_lazy("thing taken"),
    SearchEntryKind.COPY: gettext_lazy("copy made"),
    SearchEntryKind.PRIVILEGED: gettext_lazy("document of counsel, set apart"),
}


@needs(Permission.SEARCH_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def searches(request: HttpRequest) -> HttpResponse:
    """Show the searches; open one."""
    if request.method != "POST":
        return _list(request)
    try:
        opened = days.open_search(house.current(), person(request), _given(request.POST))
    except VigieError as problem:
        return _list(request, problem, status=problem.http_status)
    return HttpResponseRedirect(reverse("console:search_day", args=[opened.search.number]))


def _list(
    request: HttpRequest, problem: VigieError | None = None, status: int = 200
) -> HttpResponse:
    rows = SearchDay.objects.order_by("-number")[:SHOWN]
    context: dict[str, object] = {
        "room": "searches",
        "standing": [one for one in rows if one.closed_at is None],
        "closed": [one for one in rows if one.closed_at is not None],
        "matters": Matter.objects.filter(closed_at=None).order_by("-number")[:SHOWN],
        "now": {"service": DEFAULT_SERVICE} | _typed(request.POST),
        "given": request.POST,
        "problem": problem,
    }
    return show(request, "searches.html", context, status=status)


def _given(post: QueryDict) -> days.SearchGiven:
    return days.SearchGiven(
        authority_name=post.get("authority_name", ""),
        warrant=post.get("warrant", ""),
        scope_text=post.get("scope_text", ""),
        scope=_scope(post),
        persons=moments.lines(post.get("persons", "")),
        counsel=post.get("counsel", ""),
        counsel_called_at=moments.moment(post.get("counsel_called_at", ""), "counsel_called_at"),
        matter=moments.number(post.get("matter", "")),
    )


def _scope(post: QueryDict) -> ScopeGiven:
    return ScopeGiven(
        service=post.get("service", ""),
        items=moments.lines(post.get("items", "")),
        authors=moments.lines(post.get("authors", "")),
        services=moments.lines(post.get("services", "")),
        orders=moments.numbers(post.get("orders", ""), "orders"),
        notices=moments.numbers(post.get("notices", ""), "notices"),
        after=moments.moment(post.get("after", ""), "after"),
        until=moments.moment(post.get("until", ""), "until"),
    )


@needs(Permission.SEARCH_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def search_day(request: HttpRequest, number: int) -> HttpResponse:
    """Show one search; write a line, enter the scope again, let officers look, close it."""
    if request.method != "POST":
        return _page(request, number)
    try:
        shown = chosen(request, ACTS)(person(request), number, request.POST)
    except VigieError as problem:
        return _page(request, number, {"problem": problem}, problem.http_status)
    if shown:
        return _page(request, number, shown)
    return HttpResponseRedirect(reverse("console:search_day", args=[number]))


def _page(request: HttpRequest, number: int, more: Shown = None, status: int = 200) -> HttpResponse:
    search = days.find(number)
    meant = scope_of(search)
    lines = list(search.entries.order_by("pk"))
    context: dict[str, object] = {
        "room": "searches",
        "search": search,
        "scope": meant,
        "unfound": unfound.of(meant),
        "now": _typed(request.POST) if request.POST.get("do") == "scope" else _lines_of(meant),
        "lines": [(one, KINDS.get(one.kind, one.kind)) for one in lines],
        "kinds": list(KINDS.items()),
        "officers": search.officers.select_related("user").order_by("pk"),
        "packages": EvidencePackage.objects.filter(search=number).order_by("at"),
        "views": told.views(search)[-VIEWS:],
        "standing": search.closed_at is None,
        "languages": settings.LANGUAGES,
        "hours": officers.USUAL_HOURS,
        "most_hours": officers.MOST_HOURS,
        "given": request.POST,
        "signed": signed.settle(search),
    }
    return show(request, "search_day.html", context | (more or {}), status=status)


def _typed(post: QueryDict) -> dict[str, str]:
    """Return the fields of the scope as they were sent."""
    return {name: post.get(name, "") for name in SCOPE if name in post}


def _lines_of(meant: Scope) -> dict[str, str]:
    """Return the scope as its form takes it; authors stand by pseudonym and are typed anew."""
    services = {service for service, _name in (*meant.items, *meant.authors)}
    return {
        "service": next(iter(sorted(services)), DEFAULT_SERVICE),
        "items": "\n".join(name for _service, name in meant.items),
        "services": "\n".join(meant.services),
        "orders": "\n".join(str(one) for one in meant.orders),
        "notices": "\n".join(str(one) for one in meant.notices),
    }


def _entry(user: User, number: int, post: QueryDict) -> Shown:
    given = entries.EntryGiven(
        kind=post.get("kind", ""),
        label=post.get("label", ""),
        serial=post.get("serial", ""),
        sha256=post.get("sha256", ""),
        seal=post.get("seal", ""),
        note=post.get("note", ""),
        happened_at=moments.moment(post.get("happened_at", ""), "happened_at"),
    )
    entries.add_entry(house.current(), user, number, given)
    return None


def _set_scope(user: User, number: int, post: QueryDict) -> Shown:
    entries.set_scope(house.current(), user, number, _scope(post))
    return None


def _officer(user: User, number: int, post: QueryDict) -> Shown:
    hours = moments.number(post.get("hours", "")) or 0
    label, language = post.get("officer", ""), post.get("language", "")
    access = officers.give_access(house.current(), user, number, label, hours, language)
    base = house.current().settings.base_url
    link = base + reverse("console:once", args=[signin.once_token(access.user)])
    return {"made": access, "link": link}


def _new_link(user: User, number: int, post: QueryDict) -> Shown:
    """Make another link for an officer who has not chosen a password yet."""
    days.check_right(user)
    chosen = moments.number(post.get("access", "")) or 0
    access = OfficerAccess.objects.select_related("user").filter(
        pk=chosen, search=number, ended_at=None, user__must_change_password=True
    )
    if not access:
        raise InvalidInputError(_("This officer signs in with a password now."), field="access")
    base = house.current().settings.base_url
    link = base + reverse("console:once", args=[signin.once_token(access[0].user)])
    return {"made": access[0], "link": link}


def _end(user: User, _number: int, post: QueryDict) -> Shown:
    officers.end_access(house.current(), user, moments.number(post.get("access", "")) or 0)
    return None


def _close(user: User, number: int, post: QueryDict) -> Shown:
    if moments.number(post.get("again", "")) != number:
        raise InvalidInputError(
            _("The number differs: the search still stands."), code="other_number", field="again"
        )
    days.close_search(house.current(), user, number, post.get("note", ""))
    return None


ACTS: Final[dict[str, Callable[[User, int, QueryDict], Shown]]] = {
    "entry": _entry,
    "scope": _set_scope,
    "officer": _officer,
    "link": _new_link,
    "end": _end,
    "close": _close,
}


@needs(Permission.SEARCH_MANAGE)
@require_safe
def record(_request: HttpRequest, number: int) -> HttpResponse:
    """Hand out the record of a search as JSON, for counsel's file and for the officers."""
    body = json.dumps(told.as_json(days.find(number)), ensure_ascii=False, indent=1)
    headers = {"Content-Disposition": f'attachment; filename="search-{number}.json"'}
    return HttpResponse(body, content_type="application/json; charset=utf-8", headers=headers)


@needs(Permission.OVERVIEW_READ)
@require_safe
def checklist(request: HttpRequest) -> HttpResponse:
    """Show the checklist of the day, for printing before it comes."""
    return show(request, "search_checklist.html", {"room": "searches"})
