# SPDX-License-Identifier: Apache-2.0
"""Signing in and out, and one's own password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from vigie.console import signin
from vigie.console.desk import needs, person, show, way_back
from vigie.core.errors import RefusedError
from vigie.web.conf import LEAST_PASSWORD

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from vigie.store.models import User


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a field, in words."""

    field: str
    words: str


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Show the form; sign in; go back to the page that was asked for."""
    asked = request.POST.get("next", "") or request.GET.get("next", "")
    context: dict[str, object] = {"next": asked, "ended": request.GET.get("ended") == "1"}
    if request.method != "POST":
        return show(request, "login.html", context)
    name = request.POST.get("name", "")
    try:
        signin.sign_in(request, name, request.POST.get("password", ""))
    except RefusedError as refusal:
        context |= {"problem": refusal.message, "name": name, "ended": False}
        return show(request, "login.html", context, status=refusal.http_status)
    return HttpResponseRedirect(way_back(asked))


@require_http_methods(["GET", "HEAD", "POST"])
def once(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in by a link that works one time; looking at it does not use it up."""
    if request.method != "POST":
        found = signin.once_user(token)
        return show(request, "once.html", {"person": found}, status=200 if found else 410)
    user = signin.redeem(request, token)
    if user is None:
        return show(request, "once.html", {"person": None}, status=410)
    return HttpResponseRedirect(way_back(""))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session on the server (ASVS 7.4.1)."""
    logout(request)
    return HttpResponseRedirect(reverse("console:login"))


@sensitive_post_parameters("old", "new", "again")
@needs(None)
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show the account; change the password."""
    user = person(request)
    context: dict[str, object] = {
        "least": LEAST_PASSWORD,
        "must_change": user.must_change_password,
        "ask_old": not user.must_change_password,
        "changed": request.GET.get("changed") == "1",
        "role": user.role,
    }
    if request.method != "POST":
        return show(request, "account.html", context)
    problems = _problems(request, user)
    if problems:
        return show(request, "account.html", context | {"problems": problems}, status=422)
    user.set_password(request.POST["new"])
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    update_session_auth_hash(request, user)
    return HttpResponseRedirect(reverse("console:account") + "?changed=1")


def _problems(request: HttpRequest, user: User) -> list[Problem]:
    """Say what is wrong with a new password, each at its field."""
    new, again = request.POST.get("new", ""), request.POST.get("again", "")
    problems = []
    if not user.must_change_password and not user.check_password(request.POST.get("old", "")):
        problems.append(Problem("old", _("The password until now is not right.")))
    if user.must_change_password and user.check_password(new):
        problems.append(Problem("new", _("Choose another password than the one you were given.")))
    if new != again:
        problems.append(Problem("again", _("The two new passwords differ.")))
    try:
        validate_password(new, user)
    except ValidationError as wrong:
        problems += [Problem("new", str(words)) for words in wrong.messages]
    return problems
