# SPDX-License-Identifier: Apache-2.0
"""The doorkeeper of every console page: signed in, own password, second factor, permission."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from vigie.console import drafts, once
from vigie.console.identity import required
from vigie.console.signin import LANGUAGE, has_ended
from vigie.core.errors import InvalidInputError, RefusedError
from vigie.flow import house
from vigie.flow.search_day import officers
from vigie.store.models import User
from vigie.store.permissions import Permission, Role
from vigie.web.errors import csrf_failed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

A = TypeVar("A")
P = ParamSpec("P")


def person(request: HttpRequest) -> User:
    """Return who is signed in; the doorkeeper has checked it."""
    return cast("User", request.user)


def needs(
    permission: Permission | None, *, before_factor: bool = False, repeats: bool = False
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponse]],
    Callable[Concatenate[HttpRequest, P], HttpResponse],
]:
    """Let only signed-in people with the permission in; deny by default.

    `before_factor` is for the pages on which a second factor is set up; `repeats` for
    what the same form may do again. Everywhere else it does its work once.
    """

    def around(
        view: Callable[Concatenate[HttpRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            turned = _turn_away(request, before_factor=before_factor)
            if turned is not None:
                return turned
            if permission is not None and not person(request).has_perm(permission):
                raise RefusedError(_("Your role may not open this page."))
            _as_they_like(request)
            if repeats:
                return view(request, *args, **kwargs)
            return once.only(request, lambda: view(request, *args, **kwargs))

        return guarded

    return around


def _turn_away(request: HttpRequest, *, before_factor: bool) -> HttpResponse | None:
    """Send somebody to sign in, to choose a password or to set up a second factor first."""
    if not request.user.is_authenticated:
        return _to_login(request, drafts.keep(request))
    if has_ended(request):
        user = person(request)
        logout(request)
        return _to_login(request, drafts.keep(request, user), ended=True)
    first = (reverse("console:account"), reverse("console:language"))
    if person(request).must_change_password and request.path not in first:
        return HttpResponseRedirect(first[0])
    if _is_over(person(request)):
        logout(request)
        return _to_login(request, "", ended=True)
    if not before_factor and required.is_missing(request):
        return HttpResponseRedirect(reverse("mfa_index"))
    return None


def _is_over(user: User) -> bool:
    """Say whether an officer's access has ended: by time, by a person, by the search's closing."""
    return user.role == Role.OFFICER and not officers.is_in_force(user, house.current().now())


def _as_they_like(request: HttpRequest) -> None:
    """Speak the person's language, and leave single letters alone where they ask for it.

    A language chosen in this session (by a link, or when signing in) goes before
    the account's.
    """
    user = person(request)
    chosen = request.GET.get("lang", "")
    if chosen in dict(settings.LANGUAGES):
        request.session[LANGUAGE] = chosen
    translation.activate(request.session.get(LANGUAGE) or user.language)
    request.LANGUAGE_CODE = translation.get_language() or user.language
    request.keys_on = request.keys_on and user.single_keys  # type: ignore[attr-defined]


def chosen(request: HttpRequest, acts: Mapping[str, A]) -> A:
    """Return what the pressed button asks for, among what a page can do.

    Raises InvalidInputError where it is none of them.
    """
    act = acts.get(request.POST.get("do", ""))
    if act is None:
        raise InvalidInputError(_("Choose what to do."), field="do")
    return act


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer to a form without a valid token against forgery: nothing is carried out.

    A page of ours loses its token when cookies are cleared or somebody signs in
    beside it: then the words wait behind the sign-in, or on the page itself.
    """
    elsewhere = request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
    foreign = elsewhere or not reason.startswith("CSRF")  # Origin or Referer is another's
    if foreign or drafts.written_by(request) is None:
        return csrf_failed(request, reason)
    turned = _turn_away(request, before_factor=True)
    return turned or HttpResponseRedirect(drafts.keep(request))


def _to_login(request: HttpRequest, back: str, *, ended: bool = False) -> HttpResponse:
    """Keep the way back; a form that was sent is not sent again by itself."""
    here = request.get_full_path() if request.method == "GET" else back or request.path
    query = {"next": here} | ({"ended": "1"} if ended or request.method == "POST" else {})
    return HttpResponseRedirect(f"{reverse('console:login')}?{urlencode(query)}")


def show(
    request: HttpRequest, template: str, context: dict[str, object], status: int = 200
) -> HttpResponse:
    """Render a console page; the bar finds its rooms itself."""
    return render(request, f"console/{template}", context, status=status)
