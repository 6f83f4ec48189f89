# SPDX-License-Identifier: Apache-2.0
"""Signing in and out, and one's own account: password, wishes, sessions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.account.internal.flows.login import record_authentication
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from vigie.console import drafts, roles, signin
from vigie.console.desk import needs, person, show
from vigie.console.identity import oidc, required
from vigie.console.identity.adapters import SAID
from vigie.console.identity.again import shown_again
from vigie.core.errors import ConflictError, RefusedError
from vigie.flow import accounts, house
from vigie.store.models import DeskSession
from vigie.web.conf import LEAST_PASSWORD

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from vigie.store.models import User

MAX_PASSWORD = 1_000
SWITCHES = ("single_keys", "mask_words", "own_figures")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a field, in words."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Session:
    """One of a person's own sessions."""

    handle: str
    """Names it in forms; the key itself is a secret."""
    agent: str
    started: int
    seen: int
    here: bool


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Show the form; sign in; go back to the page that was asked for."""
    asked = request.POST.get("next", "") or request.GET.get("next", "")
    context: dict[str, object] = {
        "next": asked,
        "lang": request.POST.get("lang", "") or request.GET.get("lang", ""),
        "ended": request.GET.get("ended") == "1",
        "kept": drafts.DRAFT in request.session,
        "provider": oidc.name_of(house.current().settings),
        "problem": request.session.pop(SAID, "") if SAID in request.session else "",
    }
    if request.method != "POST":
        return show(request, "login.html", context)
    name = request.POST.get("name", "")[: accounts.MAX_NAME + 1]
    _choose_language(request)
    try:
        return signin.sign_in(request, name, request.POST.get("password", "")[:MAX_PASSWORD], asked)
    except RefusedError as refusal:
        words = {"problem": refusal.message, "fix": refusal.fix, "name": name, "ended": False}
        return show(request, "login.html", context | words, status=refusal.http_status)


def _choose_language(request: HttpRequest) -> None:
    """Keep the language that somebody chose on the sign-in page for this session."""
    chosen = request.POST.get("lang", "")
    if chosen in dict(settings.LANGUAGES):
        request.session[signin.LANGUAGE] = chosen


@require_http_methods(["GET", "HEAD", "POST"])
def once(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in by a link that works one time; looking at it does not use it up."""
    if request.method != "POST":
        found = signin.once_user(token)
        return show(request, "once.html", {"person": found}, status=200 if found else 410)
    answer = signin.redeem(request, token)
    if answer is None:
        return show(request, "once.html", {"person": None}, status=410)
    return answer


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session on the server (ASVS 7.4.1)."""
    logout(request)
    return HttpResponseRedirect(reverse("console:login"))


@sensitive_post_parameters("old", "new", "again")
@needs(None, before_factor=True)
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show the account; change the password."""
    user = person(request)
    context = _page(request, user)
    if request.method != "POST":
        return show(request, "account.html", context)
    problems = _problems(request, user)
    if problems:
        return show(request, "account.html", context | {"problems": problems}, status=422)
    user.set_password(request.POST["new"])
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    update_session_auth_hash(request, user)
    record_authentication(request, user, "password", reauthenticated=True)
    return HttpResponseRedirect(reverse("console:account") + "?changed=1")


def _page(request: HttpRequest, user: User) -> dict[str, object]:
    """Return what the page shows; to somebody who begins, the first steps alone."""
    known = user.has_usable_password() and not user.must_change_password
    begins: dict[str, object] = {
        "least": LEAST_PASSWORD,
        "must_change": user.must_change_password,
        "ask_old": known,
        "provider": oidc.name_of(house.current().settings),
        "problem": request.session.pop(SAID, "") if SAID in request.session else "",
        "languages": settings.LANGUAGES,
    }
    if user.must_change_password:
        return begins
    return begins | {
        "changed": request.GET.get("changed") == "1",
        "saved": request.GET.get("saved") == "1",
        "ended": request.GET.get("ended"),
        "role": roles.title(user.role),
        "has_factor": required.has_factor(user),
        "factor_required": required.is_required(user),
        "connected": SocialAccount.objects.filter(user=user).exists(),
        "sessions": sessions_of(request, user),
    }


def _problems(request: HttpRequest, user: User) -> list[Problem]:
    """Say what is wrong with a new password, each at its field."""
    new, again = request.POST.get("new", ""), request.POST.get("again", "")
    known = user.has_usable_password() and not user.must_change_password
    problems = []
    if known and not user.check_password(request.POST.get("old", "")[:MAX_PASSWORD]):
        problems.append(Problem("old", _("The password until now is not right.")))
    if len(new) > MAX_PASSWORD:
        return [Problem("new", _("A password has at most 1,000 characters."))]
    if user.must_change_password and user.check_password(new):
        problems.append(Problem("new", _("Choose another password than the one you were given.")))
    if new != again:
        problems.append(Problem("again", _("The two new passwords differ.")))
    try:
        validate_password(new, user)
    except ValidationError as wrong:
        problems += [Problem("new", str(words)) for words in wrong.messages]
    return problems


@needs(None, before_factor=True)
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language of the console: the first step of a new account."""
    user = person(request)
    chosen = request.POST.get("language", "")
    accounts.check_account(user.username, user.role, chosen)
    user.language = chosen
    user.save(update_fields=["language"])
    request.session[signin.LANGUAGE] = chosen
    return HttpResponseRedirect(reverse("console:account"))


@needs(None)
@require_POST
def wishes(request: HttpRequest) -> HttpResponse:
    """Change language, keys, masking and whether one sees one's own figures."""
    user = person(request)
    chosen = request.POST.get("language", "")
    accounts.check_account(user.username, user.role, chosen)
    user.language = chosen
    for name in SWITCHES:
        setattr(user, name, request.POST.get(name) == "1")
    user.save(update_fields=["language", *SWITCHES])
    request.session.pop(signin.LANGUAGE, None)
    return HttpResponseRedirect(reverse("console:account") + "?saved=1")


def sessions_of(request: HttpRequest, user: User) -> list[Session]:
    """Return a person's sessions, the one in use first (ASVS 7.5.2)."""
    rows = DeskSession.objects.filter(account=user.pk)
    found = [_session(row, request.session.session_key or "") for row in rows]
    return sorted(found, key=lambda one: (not one.here, -one.seen))


def _session(row: DeskSession, here: str) -> Session:
    data = row.get_decoded()
    return Session(
        handle=_handle(row.session_key),
        agent=str(data.get(signin.AGENT, "")),
        started=int(data.get(signin.STARTED, 0)),
        seen=int(data.get(signin.SEEN, 0)),
        here=row.session_key == here,
    )


def _handle(key: str) -> str:
    return hashlib.sha256(f"vigie/session/{key}".encode()).hexdigest()[:32]


@needs(None)
@require_POST
@shown_again
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End one of one's own sessions, or all others."""
    user = person(request)
    asked = request.POST.get("session", "")
    here = request.session.session_key or ""
    ended = 0
    if asked == "others":
        ended = accounts.close_sessions(user, but=here)
    for row in DeskSession.objects.filter(account=user.pk).exclude(session_key=here):
        if asked == _handle(row.session_key):
            ended, _gone = DeskSession.objects.filter(pk=row.pk).delete()
    return HttpResponseRedirect(f"{reverse('console:account')}?ended={ended}")


@needs(None)
@require_POST
@shown_again
def disconnect(request: HttpRequest) -> HttpResponse:
    """Stop signing in at the provider; a password must be there to go on with."""
    user = person(request)
    if not user.has_usable_password():
        raise ConflictError(
            _("You have no password here yet."),
            code="no_password",
            fix=_("Choose one first."),
        )
    SocialAccount.objects.filter(user=user).delete()
    return HttpResponseRedirect(reverse("console:account"))
