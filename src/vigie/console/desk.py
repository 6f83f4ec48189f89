# SPDX-License-Identifier: Apache-2.0
"""The doorkeeper of every console page: signed in, own password, permission."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from vigie.console import drafts
from vigie.console.signin import has_ended
from vigie.core.errors import RefusedError
from vigie.store.models import User
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")


def person(request: HttpRequest) -> User:
    """Return who is signed in; the doorkeeper has checked it."""
    return cast("User", request.user)


def needs(
    permission: Permission | None,
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponse]],
    Callable[Concatenate[HttpRequest, P], HttpResponse],
]:
    """Let only signed-in people with the permission in; deny by default."""

    def around(
        view: Callable[Concatenate[HttpRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            turned = _turn_away(request)
            if turned is not None:
                return turned
            if permission is not None and not person(request).has_perm(permission):
                raise RefusedError(_("Your role may not open this page."))
            return view(request, *args, **kwargs)

        return guarded

    return around


def _turn_away(request: HttpRequest) -> HttpResponse | None:
    """Send somebody to sign in or to choose a password first."""
    if not request.user.is_authenticated:
        return _to_login(request, ended=False)
    if has_ended(request):
        name = person(request).username
        logout(request)
        drafts.keep(request, name)
        return _to_login(request, ended=True)
    account = reverse("console:account")
    if person(request).must_change_password and request.path != account:
        return HttpResponseRedirect(account)
    return None


def _to_login(request: HttpRequest, *, ended: bool) -> HttpResponse:
    """Keep the way back; a form that was sent is not sent again by itself."""
    here = request.get_full_path() if request.method == "GET" else request.path
    query = {"next": here} | ({"ended": "1"} if ended or request.method == "POST" else {})
    return HttpResponseRedirect(f"{reverse('console:login')}?{urlencode(query)}")


def way_back(asked: str) -> str:
    """Return where to go after signing in: a page of our own, never elsewhere."""
    ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    if ours and asked.startswith("/console/"):
        return asked
    return reverse("console:decisions") + "?waiting=1"


def show(
    request: HttpRequest, template: str, context: dict[str, object], status: int = 200
) -> HttpResponse:
    """Render a console page; the bar finds its rooms itself."""
    return render(request, f"console/{template}", context, status=status)
