# SPDX-License-Identifier: Apache-2.0
"""The page of the queues: which there are, what waits, take the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vigie.console import ageing, cases, undo
from vigie.console.clocks import span
from vigie.console.desk import needs, person, show
from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.flow import house as houses
from vigie.flow.queues import access, figures, first, listing, moves, queued, serve
from vigie.flow.queues.preferences import set_preferences
from vigie.flow.search import SearchError, parse
from vigie.law.categories import load as categories
from vigie.store.models import Queue
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

    from vigie.flow.house import House
    from vigie.flow.queues.figures import Ageing
    from vigie.flow.queues.listing import Page
    from vigie.store.models import ReviewQueue, User

LATE: Final = "late"
MINE: Final = "mine"
HOURS: Final = (2, 8, 24, 72)
"""For how long somebody leaves a queue."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the rail."""

    link: str
    title: str
    number: str
    words: str
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the address asks for."""

    slug: str
    queue: ReviewQueue | None
    page: Page
    problem: SearchError | None


@needs(Permission.CASE_READ)
@require_safe
def queues(request: HttpRequest) -> HttpResponse:
    """Show one queue with the rail of all others."""
    user, house = person(request), houses.current()
    if request.GET.get("queue") == Queue.CHILD:
        return HttpResponseRedirect(reverse("console:child"))
    seen = [row for row in access.queues_of(user) if row.slug != Queue.CHILD]
    view = _view(request, house, user, seen)
    by_slug = {row.slug: row for row in seen}
    context: dict[str, object] = {
        "room": "queues",
        "undo": undo.notice(request),
        "slug": view.slug,
        "q": request.GET.get("q", "")[:2_000],
        "problem": view.problem,
        "page": view.page,
        "rows": cases.rows(view.page.cases, user, house.now(), by_slug),
        "rail": list(_rail(house, user, seen, view.slug)),
        "may_take": user.has_perm(Permission.CASE_DECIDE),
        "may_manage": user.has_perm(Permission.QUEUE_MANAGE),
        "may_read_child": user.has_perm(Permission.CHILD_READ),
        "mask_word": _("masked"),
        **_heading(house, user, view),
        **_find(request, house, user, by_slug),
        **_preferences(user),
    }
    return show(request, "queues.html", context)


def _view(request: HttpRequest, house: House, user: User, seen: list[ReviewQueue]) -> View:
    """Return what is shown: a queue, what is late, or what the person holds."""
    asked = request.GET.get("queue", "")
    number = _number(request.GET.get("page", ""))
    if asked in {LATE, MINE}:
        listed = listing.late if asked == LATE else listing.mine
        page = listed(house, user, seen, number)
        return View(slug=asked, queue=None, page=page, problem=None)
    queue = _queue(asked, seen)
    if queue is None:
        empty = listing.Page([], 1, more=False)
        return View(slug="", queue=None, page=empty, problem=None)
    text, problem = request.GET.get("q", ""), None
    try:
        node = parse(text) if text.strip() else None
        page = listing.of_queue(house, user, queue, number, node)
    except SearchError as wrong:
        page, problem = listing.Page([], 1, more=False), wrong
    return View(slug=queue.slug, queue=queue, page=page, problem=problem)


def _queue(asked: str, seen: list[ReviewQueue]) -> ReviewQueue | None:
    """Return the queue that is asked for, or the first; NotFoundError for an unknown one."""
    if not asked:
        return seen[0] if seen else None
    for row in seen:
        if row.slug == asked:
            return row
    raise NotFoundError(_("There is no such queue."), code="no_queue")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1


def _rail(house: House, user: User, seen: list[ReviewQueue], here: str) -> Iterable[Entry]:
    """Yield what can be chosen: late and own cases first, then every queue."""
    now, base = house.now(), reverse("console:queues")
    slugs = [row.slug for row in seen]
    late = figures.count(figures.late(now).filter(queue__in=slugs))
    words = _("not reviewed in time") if late.number else _("none")
    yield Entry(
        f"{base}?queue={LATE}", _("Past their clock"), ageing.number(late), words, here == LATE
    )
    held = len(listing.mine(house, user, seen).cases)
    words = _("claimed by me or given to me")
    yield Entry(f"{base}?queue={MINE}", _("Mine"), str(held), words, here == MINE)
    left = serve.paused(house, user)
    for row in seen:
        opened = figures.oldest(row.slug)
        words = _("nothing waits")
        if opened is not None:
            words = _("oldest %(time)s") % {"time": span(now - opened)}
        if row.slug in left:
            words = _("%(words)s; left for %(time)s") % {
                "words": words,
                "time": span(left[row.slug] - now),
            }
        count = ageing.number(figures.count(figures.waiting(row.slug)))
        link = f"{base}?{urlencode({'queue': row.slug})}"
        yield Entry(link, first.title(row), count, words, here == row.slug)


def _heading(house: House, user: User, view: View) -> dict[str, object]:
    """Return the title of the page, and how a queue ages."""
    titles = {LATE: _("Past their clock"), MINE: _("Mine")}
    if view.queue is None:
        return {"title": titles.get(view.slug, _("Queues"))}
    now = house.now()
    found = figures.ageing(view.queue, now)
    left = serve.paused(house, user).get(view.queue.slug)
    return {
        "title": first.title(view.queue),
        "description": first.description(view.queue),
        "queue": view.queue,
        "bar": ageing.bar(found) if found.waiting.number else None,
        "numbers": _numbers(found),
        "aim": span(view.queue.aim_minutes * 60_000),
        "hours": HOURS,
        "left_for": span(left - now) if left is not None else "",
        "resting": view.queue.slug
        not in {row.slug for row in serve.served(house, user, view.queue.slug)},
    }


def _numbers(found: Ageing) -> dict[str, str]:
    return {
        "waiting": ageing.number(found.waiting),
        "late": ageing.number(found.late),
        "soon": ageing.number(found.soon),
    }


def _find(
    request: HttpRequest, house: House, user: User, by_slug: dict[str, ReviewQueue]
) -> dict[str, object]:
    """Answer *Is this already queued?*; of class child nothing is said here."""
    asked = request.GET.get("find", "").strip()[: queued.MAX_TEXT]
    if not asked:
        return {"asked": ""}
    found = [
        case for case in queued.find(asked) if Queue.CHILD not in {case.queue, case.decision.cls}
    ]
    seen = [case for case in found if access.may_see(user, case)]
    return {
        "asked": asked,
        "found": cases.rows(seen, user, house.now(), by_slug),
        "elsewhere": len(found) - len(seen),
    }


def _preferences(user: User) -> dict[str, object]:
    language = get_language() or "en"
    return {
        "languages": " ".join(user.languages),
        "barred": [
            {"code": code, "title": one.title(language), "on": code in user.barred}
            for code, one in categories().items()
        ],
    }


@needs(Permission.CASE_DECIDE, repeats=True)
@require_http_methods(["GET", "HEAD", "POST"])
def next_case(request: HttpRequest) -> HttpResponse:
    """Lead to the next case, held for the person; or to the queues, which say why none comes."""
    asked = request.POST.get("queue") or request.GET.get("queue") or None
    if request.method == "HEAD":
        return HttpResponseRedirect(reverse("console:queues"))
    case = serve.next_case(houses.current(), person(request), asked)
    if case is not None:
        return HttpResponseRedirect(cases.review_link(case))
    if asked == Queue.CHILD:
        return HttpResponseRedirect(reverse("console:child") + "?none=1")
    query = {"none": "1", **({"queue": asked} if asked else {})}
    return HttpResponseRedirect(f"{reverse('console:queues')}?{urlencode(query)}")


@needs(Permission.CASE_DECIDE)
@require_POST
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave a queue for some hours, or come back; no reason is asked."""
    user = person(request)
    queue = _queue(slug, access.queues_of(user))
    if queue is None:
        raise NotFoundError(_("There is no such queue."), code="no_queue")
    hours = request.POST.get("hours", "")
    if hours == "0":
        moves.come_back(queue, user)
    elif hours.isascii() and hours.isdigit() and len(hours) < 4:
        moves.leave_queue(houses.current(), queue, user, int(hours))
    else:
        raise InvalidInputError(_("Say for how many hours."), code="bad_hours", field="hours")
    return HttpResponseRedirect(f"{reverse('console:queues')}?{urlencode({'queue': slug})}")


@needs(Permission.CASE_DECIDE)
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep what a person reads and is not given."""
    words = request.POST.get("languages", "")[:200]
    set_preferences(
        person(request), words.replace(",", " ").split(), request.POST.getlist("barred")
    )
    return HttpResponseRedirect(reverse("console:queues"))
