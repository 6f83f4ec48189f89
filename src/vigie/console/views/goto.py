# SPDX-License-Identifier: Apache-2.0
"""Go to anything: one thing found is opened, several are listed.

The palette asks the same address for a fragment (`HX-Request`) or for JSON
(`Accept: application/json`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from vigie.console import present, queries, rooms
from vigie.console.desk import needs, person, show
from vigie.flow.search import access
from vigie.flow.search import goto as search
from vigie.flow.search.kinds import Target
from vigie.flow.search.nodes import Operator, Term, write
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from vigie.flow.search.goto import Hit
    from vigie.store.models import DecisionRecord, User

LAST: Final = 5
KINDS: Final = {
    search.HitKind.DECISION: gettext_lazy("Decision %(key)s"),
    search.HitKind.NOTICE: gettext_lazy("Notice %(key)s"),
    search.HitKind.APPEAL: gettext_lazy("Appeal %(key)s"),
    search.HitKind.CASE: gettext_lazy("Case %(key)s"),
    search.HitKind.ITEM: gettext_lazy("Item %(key)s"),
    search.HitKind.AUTHOR: gettext_lazy("Author %(key)s"),
    search.HitKind.HASH: gettext_lazy("Hash %(key)s"),
    search.HitKind.POLICY: gettext_lazy("Policy %(key)s"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One line: where it leads and what it is."""

    title: str
    note: str
    link: str
    exact: bool


@needs(Permission.DECISION_READ)
@require_safe
def goto(request: HttpRequest) -> HttpResponse:
    """Open the one thing that was meant, or list what it can be."""
    user = person(request)
    words = request.GET.get("q", "").strip()[: search.LONGEST]
    places = _places(words, user)
    if "application/json" in request.headers.get("Accept", ""):
        found = [{"title": one.title, "note": one.note, "link": one.link} for one in places]
        return JsonResponse({"results": found})
    groups = [] if words else beginnings(user)
    context: dict[str, object] = {"places": places, "groups": groups, "words": words, "room": ""}
    if request.headers.get("HX-Request") == "true":
        return render(request, "console/_places.html", context)
    exact = [one for one in places if one.exact]
    if len(exact) == 1:
        return HttpResponseRedirect(exact[0].link)
    return show(request, "goto.html", context)


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under one heading."""

    title: str
    places: list[Place]


def beginnings(user: User) -> list[Group]:
    """Return what stands there before anything is typed: what was decided last, and the rooms."""
    last, _more = queries.page(queries.Filters(), access.hidden_from(user))
    entries = [*rooms.entries(user, more=False), *rooms.entries(user, more=True)]
    return [
        Group(_("Decided last"), [_decided(one) for one in last[:LAST]]),
        Group(_("Rooms"), [Place(one.title, "", one.link, exact=False) for one in entries]),
    ]


def _decided(record: DecisionRecord) -> Place:
    link = reverse("console:decision", args=[record.number])
    return Place(record.label, present.state(record).words, link, exact=False)


def _places(words: str, user: User) -> list[Place]:
    """Return what was meant, then rooms whose name holds the words."""
    if not words:
        return []
    found = [place for hit in search.find(words, user) if (place := _place(hit)) is not None]
    small = words.casefold()
    entries = [*rooms.entries(user, more=False), *rooms.entries(user, more=True)]
    return found + [
        Place(one.title, _("room"), one.link, one.title.casefold() == small)
        for one in entries
        if small in one.title.casefold()
    ]


def _place(hit: Hit) -> Place | None:
    title = str(KINDS[hit.kind]) % {"key": hit.key}
    link = _link(hit)
    return None if link is None else Place(title, _note(hit), link, hit.exact)


def _note(hit: Hit) -> str:
    if hit.kind is search.HitKind.ITEM and hit.decision is not None:
        return f"{hit.decision.service}, {hit.decision.label}"
    if hit.decision is not None:
        return present.state(hit.decision).words
    return ""


def _link(hit: Hit) -> str | None:
    """Return where a hit leads; None where there is no page for it."""
    match hit.kind:
        case search.HitKind.AUTHOR:
            return reverse("console:author", args=[hit.key])
        case search.HitKind.HASH:
            return _search("hash", hit.key)
        case search.HitKind.POLICY:
            return _search("policy", hit.key)
        case search.HitKind.NOTICE | search.HitKind.APPEAL:
            return _page(hit) or _of_case(hit)
        case search.HitKind.CASE:
            return _of_case(hit)
    return reverse("console:decision", args=[hit.decision.number]) if hit.decision else None


def _page(hit: Hit) -> str | None:
    try:
        return reverse(f"console:{hit.kind}", args=[int(hit.key[2:])])
    except NoReverseMatch:
        return None


def _of_case(hit: Hit) -> str | None:
    return reverse("console:decision", args=[hit.case.decision_id]) if hit.case else None


def _search(field: str, value: str) -> str:
    query = {"target": Target.DECISIONS.value, "q": write(Term(field, Operator.IS, (value,)))}
    return f"{reverse('console:search')}?{urlencode(query)}"
