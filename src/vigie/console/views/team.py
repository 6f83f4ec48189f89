# SPDX-License-Identifier: Apache-2.0
"""The people of the desk: who may do what, and how they sign in. Nobody is measured here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from vigie.console import roles, signin
from vigie.console.desk import needs, person, show
from vigie.console.identity.again import shown_again
from vigie.core.errors import InvalidInputError, NotFoundError, VigieError
from vigie.flow import accounts, factors, house
from vigie.flow.queues import manage
from vigie.flow.queues.first import all_queues
from vigie.law.categories import load as categories
from vigie.store.models import DeskSession, QueueMember, User
from vigie.store.permissions import Permission, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse, QueryDict

Shown = dict[str, object] | None
"""What is shown instead of leading back: once, or nothing."""
MOST: Final = 500
"""People on the page; a desk is smaller."""


@dataclass(frozen=True, slots=True)
class Row:
    """One person as the page lists them."""

    person: User
    role: str
    queues: list[str]
    barred: list[str]
    factor: bool


@needs(Permission.CASE_ASSIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest) -> HttpResponse:
    """Show the people; make an account, whose way in is shown once."""
    if request.method != "POST":
        return _page(request)
    given = request.POST
    try:
        user, _password = accounts.create_account(
            house.current(),
            given.get("name", ""),
            given.get("role", ""),
            given.get("language", ""),
            by=person(request),
        )
    except VigieError as problem:
        return _page(request, status=problem.http_status, problem=problem, typed=given)
    return _page(request, made=user, link=_link(user))


def _page(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    people = list(User.objects.order_by("-is_active", "username")[:MOST])
    context: dict[str, object] = {
        "room": "team",
        "rows": _rows(people),
        "manages": person(request).has_perm(Permission.USER_MANAGE),
        "roles": [(one, words, roles.MAY[one]) for one, words in roles.TITLES.items()],
        "admin": Role.ADMIN.value,
        "languages": settings.LANGUAGES,
    }
    return show(request, "team.html", context | more, status=status)


def _rows(people: list[User]) -> list[Row]:
    """Return the people with what they are given, in two queries for all."""
    having = factors.with_factor(people)
    member: dict[int, list[str]] = {}
    for row in QueueMember.objects.filter(user__in=people).select_related("queue"):
        member.setdefault(row.user_id, []).append(row.queue.title)
    names = _category_names()
    return [
        Row(
            one,
            roles.title(one.role),
            sorted(member.get(one.pk, [])),
            [names.get(code, code) for code in one.barred],
            one.pk in having,
        )
        for one in people
    ]


def _category_names() -> dict[str, str]:
    language = get_language() or "en"
    return {code: one.title(language) for code, one in categories().items()}


def _link(user: User) -> str:
    """Make the address that lets somebody in once, within a quarter of an hour."""
    base = house.current().settings.base_url
    return base + reverse("console:once", args=[signin.once_token(user)])


@needs(Permission.USER_MANAGE)
@require_http_methods(["GET", "HEAD"])
def member(request: HttpRequest, account: int) -> HttpResponse:
    """Show one person, with all that can be changed."""
    return _member(request, _found(account))


@needs(Permission.USER_MANAGE)
@require_POST
@shown_again
def change(request: HttpRequest, account: int) -> HttpResponse:
    """Do one thing with an account; who does it has just shown who they are."""
    user = _found(account)
    act = ACTS.get(request.POST.get("do", ""))
    if act is None:
        raise InvalidInputError(_("There is no such act."), field="do")
    try:
        shown = act(person(request), user, request.POST)
    except VigieError as problem:
        return _member(request, user, {"problem": problem}, problem.http_status)
    if shown:
        return _member(request, _found(account), shown)
    return HttpResponseRedirect(reverse("console:member", args=[account]) + "?saved=1")


def _found(account: int) -> User:
    user = User.objects.filter(pk=account).first()
    if user is None:
        raise NotFoundError(_("There is no such account."), code="no_account")
    return user


def _member(
    request: HttpRequest, user: User, more: Shown = None, status: int = 200
) -> HttpResponse:
    mine = set(QueueMember.objects.filter(user=user).values_list("queue__slug", flat=True))
    closed = [row for row in all_queues().values() if row.restricted and row.active]
    context: dict[str, object] = {
        "room": "team",
        "member": user,
        "role": roles.title(user.role),
        "itself": user.pk == person(request).pk,
        "is_admin": user.role == Role.ADMIN,
        "roles": [(one, words, roles.MAY[one]) for one, words in roles.TITLES.items()],
        "admin": Role.ADMIN.value,
        "queues": [(row.slug, row.title, row.slug in mine) for row in closed],
        "categories": [(c, n, c in user.barred) for c, n in _category_names().items()],
        "factor": bool(factors.with_factor([user])),
        "sessions": DeskSession.objects.filter(account=user.pk).count(),
        "saved": request.GET.get("saved") == "1",
    }
    return show(request, "member.html", context | (more or {}), status=status)


def _role(by: User, user: User, given: QueryDict) -> Shown:
    role, reason = given.get("role", ""), given.get("reason", "")
    at_once = accounts.ask_for_role(house.current(), by, user.pk, role, reason)
    return None if at_once else {"asked": True}


def _queues(by: User, user: User, given: QueryDict) -> Shown:
    chosen = set(given.getlist("queue"))
    for row in all_queues().values():
        if row.restricted and row.active:
            manage.set_member(house.current(), by, row.slug, user, on=row.slug in chosen)
    return None


def _barred(by: User, user: User, given: QueryDict) -> Shown:
    accounts.set_barred(house.current(), user.pk, given.getlist("barred"), by)
    return None


def _close(by: User, user: User, _given: QueryDict) -> Shown:
    accounts.deactivate(house.current(), user.pk, by)
    return None


def _open(by: User, user: User, _given: QueryDict) -> Shown:
    return {"link": _link(accounts.activate(house.current(), user.pk, by))}


def _reset(by: User, user: User, _given: QueryDict) -> Shown:
    return {"link": _link(factors.reset(house.current(), user.pk, by))}


def _sessions(by: User, user: User, _given: QueryDict) -> Shown:
    accounts.end_sessions(house.current(), user.pk, by)
    return None


ACTS: Final[dict[str, Callable[[User, User, QueryDict], Shown]]] = {
    "role": _role,
    "queues": _queues,
    "barred": _barred,
    "close": _close,
    "open": _open,
    "reset": _reset,
    "sessions": _sessions,
}
