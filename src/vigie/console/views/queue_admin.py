# SPDX-License-Identifier: Apache-2.0
"""Queues, members and routing rules: one page, a rule is tried before it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vigie.console import cases
from vigie.console.desk import needs, person, show
from vigie.core.errors import InvalidInputError, VigieError
from vigie.flow import house as houses
from vigie.flow.queues import first, manage
from vigie.flow.queues.manage import QueueForm, RuleForm, Trial
from vigie.flow.queues.route import FIXED
from vigie.flow.queues.severity import SEVERITY
from vigie.law.categories import load as categories
from vigie.store.models import QueueMember, ReviewQueue, RoutingRule, User
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponse, QueryDict

SHOWN: Final = 20
"""Cases that a trial lists; all are counted."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One queue as the page lists it."""

    queue: ReviewQueue
    title: str
    built_in: bool
    asks: bool
    """A permission of its own is asked for."""
    members: list[str]
    rules: int


@needs(Permission.QUEUE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def manage_queues(request: HttpRequest) -> HttpResponse:
    """Show everything, or do one thing and show it again."""
    if request.method != "POST":
        return _page(request)
    do = request.POST.get("do", "")
    if do == "try":
        return _tried(request)
    act = ACTS.get(do)
    if act is None:
        raise InvalidInputError(_("There is no such act."), field="do")
    try:
        act(person(request), request.POST)
    except VigieError as problem:
        return _page(request, problem=problem)
    return HttpResponseRedirect(reverse("console:queues_manage") + "?saved=1")


def _tried(request: HttpRequest) -> HttpResponse:
    """Try a rule against recent cases; nothing is kept."""
    words = request.POST.get("expression", "")
    try:
        trial = manage.try_rule(houses.current(), person(request), words)
    except VigieError as problem:
        return _page(request, problem=problem)
    return _page(request, trial=trial)


def _page(
    request: HttpRequest, *, trial: Trial | None = None, problem: VigieError | None = None
) -> HttpResponse:
    user, house = person(request), houses.current()
    queues = first.all_queues()
    found = trial.taken[:SHOWN] if trial else []
    context: dict[str, object] = {
        "room": "queues",
        "queues": _queues(list(queues.values())),
        "rules": list(RoutingRule.objects.select_related("queue")),
        "targets": [
            (row.slug, first.title(row))
            for row in queues.values()
            if row.active and row.slug not in FIXED
        ],
        "edited": queues.get(request.GET.get("queue", "")),
        "rule": _edited_rule(request),
        "typed": request.POST,
        "problem": problem,
        "trial": trial,
        "taken": len(trial.taken) if trial else 0,
        "rows": cases.rows(found, user, house.now(), queues),
        "saved": request.GET.get("saved") == "1",
        "severities": _severities(),
        "hardest": range(manage.HARDEST + 1),
        "people": list(
            User.objects.filter(is_active=True)
            .order_by("username")
            .values_list("username", flat=True)
        ),
        "mask_word": _("masked"),
    }
    return show(request, "queues_manage.html", context, problem.http_status if problem else 200)


def _queues(rows: list[ReviewQueue]) -> list[QueueRow]:
    members: dict[int, list[str]] = {}
    named = QueueMember.objects.order_by("user__username")
    for queue, name in named.values_list("queue", "user__username"):
        members.setdefault(queue, []).append(name)
    rules = list(RoutingRule.objects.filter(active=True).values_list("queue", flat=True))
    return [
        QueueRow(
            row,
            first.title(row),
            row.slug in first.BUILT_IN,
            row.slug in first.BUILT_IN and first.BUILT_IN[row.slug].needs is not None,
            members.get(row.pk, []),
            rules.count(row.pk),
        )
        for row in rows
    ]


def _edited_rule(request: HttpRequest) -> RoutingRule | None:
    """Return the rule that the address names, to fill the form."""
    number = _whole(request.GET.get("rule", ""), -1)
    return RoutingRule.objects.select_related("queue").filter(pk=number).first()


def _severities() -> list[tuple[str, int]]:
    language = get_language() or "en"
    known = categories()
    return [(known[code].title(language), weight) for code, weight in SEVERITY.items()]


def _whole(text: str, otherwise: int) -> int:
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 else otherwise


def _save_queue(user: User, given: QueryDict) -> None:
    form = QueueForm(
        slug=given.get("slug", "").strip(),
        title=given.get("title", "").strip(),
        description=given.get("description", "").strip(),
        restricted=given.get("restricted") == "1",
        hardness=_whole(given.get("hardness", ""), -1),
        aim_minutes=_whole(given.get("aim_minutes", ""), 0),
        position=_whole(given.get("position", ""), -1),
        two_persons=given.get("two_persons") == "1",
        active=given.get("active") == "1",
    )
    manage.save_queue(houses.current(), user, form)


def _member(user: User, given: QueryDict, *, on: bool) -> None:
    name = given.get("name", "").strip().casefold()
    member = User.objects.filter(username=name).first()
    if member is None:
        raise InvalidInputError(_("There is no such account."), code="no_account", field="name")
    manage.set_member(houses.current(), user, given.get("slug", ""), member, on=on)


def _save_rule(user: User, given: QueryDict) -> None:
    form = RuleForm(
        expression=given.get("expression", ""),
        queue=given.get("target", ""),
        position=_whole(given.get("position", ""), -1),
        priority=_whole(given.get("priority", ""), -1),
        active=given.get("active") == "1",
    )
    number = _whole(given.get("rule", ""), -1)
    manage.save_rule(houses.current(), user, form, None if number < 0 else number)


def _delete_rule(user: User, given: QueryDict) -> None:
    manage.delete_rule(houses.current(), user, _whole(given.get("rule", ""), -1))


ACTS: Final[Mapping[str, Callable[[User, QueryDict], None]]] = {
    "queue": _save_queue,
    "member": lambda user, given: _member(user, given, on=True),
    "no_member": lambda user, given: _member(user, given, on=False),
    "rule": _save_rule,
    "no_rule": _delete_rule,
}
