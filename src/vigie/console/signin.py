# SPDX-License-Identifier: Apache-2.0
"""Who is at the desk: sign-in with brakes, links that work once, sessions that end.

After five wrong passwords an account rests for 30 s, then twice as long each
time, 15 minutes at most, so that nobody can lock a person out for good; a
network has a brake of its own (OWASP ASVS 5.0, 6.1.1, 6.3.1). A second factor
follows where there is one, whichever way somebody came (6.3.4, 6.4.3). A
session ends after one hour of rest and after twelve hours in all (7.3.1,
7.3.2); any number of sessions may run at once (7.1.2), and a changed password
ends all others (7.4.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.contrib.auth import authenticate, get_user_model, login
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes, force_str
from django.utils.http import (
    url_has_allowed_host_and_scheme,
    urlsafe_base64_decode,
    urlsafe_base64_encode,
)
from django.utils.translation import gettext as _

from vigie.console import agents, brake
from vigie.console.identity import required
from vigie.core.clock import SystemClock
from vigie.core.errors import RefusedError
from vigie.store.models import User
from vigie.store.permissions import Role

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

FREE_TRIES: Final = 5
FIRST_REST_MS: Final = 30_000
LONGEST_REST_MS: Final = 15 * 60_000
IDLE_MS: Final = 60 * 60_000
WHOLE_MS: Final = 12 * 60 * 60_000
TOUCH_MS: Final = 60_000
ONCE_SECONDS: Final = 15 * 60
STARTED: Final = "started_ms"
SEEN: Final = "seen_ms"
AGENT: Final = "agent"
LANGUAGE: Final = "language"
"""In a session: the language that somebody chose in it."""
ROOMS: Final = "/console/"

clock: Final = SystemClock()
log = structlog.get_logger(__name__)


def sign_in(request: HttpRequest, name: str, password: str, asked: str = "") -> HttpResponse:
    """Take name and password; lead to the page that was asked for, or to the second factor.

    Raises RefusedError with the same words for every wrong answer, so that
    nobody learns which names exist.
    """
    now = clock.now_ms()
    brake.PASSWORDS.check(request, now)
    known = User.objects.filter(username=User.objects.normalise(name)).first()
    if known is not None and known.locked_until > now:
        log.warning("sign_in_refused", code="login_rests", account=known.pk)
        raise RefusedError(
            _("Too many wrong passwords. Wait a little, then try again."), code="login_rests"
        )
    user = authenticate(request, username=name, password=password)
    if user is None:
        brake.PASSWORDS.count(request, now)
        _count_failure(known, now)
        log.warning("sign_in_refused", code="login_refused", account=known.pk if known else None)
        raise RefusedError(_("Name or password is not right."), code="login_refused")
    return enter(request, user, "password", asked)


def _count_failure(user: User | None, now: int) -> None:
    """Remember a wrong password and let the account rest."""
    if user is None:
        return
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        row.failed_logins += 1
        over = row.failed_logins - FREE_TRIES
        if over >= 0:
            row.locked_until = now + min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** min(over, 8))
        row.save(update_fields=["failed_logins", "locked_until"])


def enter(request: HttpRequest, user: User, method: str, asked: str = "") -> HttpResponse:
    """Go on from the first factor: to the second one where the person has one.

    Who has none yet has just shown all they have, and sets one up without being
    asked again.
    """
    fresh = not required.has_factor(user)
    record_authentication(request, user, method, reauthenticated=fresh or None)
    answer: HttpResponse = perform_login(request, user, redirect_url=way_back(asked, user))
    return answer


def open_session(request: HttpRequest, user: User) -> None:
    """Start a session under a new token (ASVS 7.2.4); every way in ends here."""
    if user.failed_logins or user.locked_until:
        user.failed_logins, user.locked_until = 0, 0
        user.save(update_fields=["failed_logins", "locked_until"])
    request.session.clear_expired()
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session[STARTED] = request.session[SEEN] = clock.now_ms()
    log.info("signed_in", account=user.pk)
    request.session[AGENT] = agents.name_of(request.headers.get("User-Agent", ""))


def is_ours(asked: str) -> bool:
    """Say whether an address is a page of the console."""
    return url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.startswith(ROOMS)


def way_back(asked: str, user: User | None = None) -> str:
    """Return where to go after signing in: a page of our own, never elsewhere."""
    begins = "scope" if user is not None and user.role == Role.OFFICER else "start"
    return asked if is_ours(asked) else reverse(f"console:{begins}")


def has_ended(request: HttpRequest) -> bool:
    """Say whether the session rested too long or is too old; else remember the visit."""
    now = clock.now_ms()
    started = int(request.session.get(STARTED, 0))
    seen = int(request.session.get(SEEN, 0))
    if now - started > WHOLE_MS or now - seen > IDLE_MS:
        return True
    if now - seen > TOUCH_MS:
        request.session[SEEN] = now
    return False


class _Once(PasswordResetTokenGenerator):
    """Tokens that die with the first sign-in, the next password, or after 15 minutes."""

    key_salt = "vigie.console.signin.once"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        """Bind the token to the very moment of the last sign-in, not to its second."""
        last = user.last_login.isoformat() if user.last_login else ""
        return f"{super()._make_hash_value(user, timestamp)}{last}"

    def check_token(self, user: object, token: str | None) -> bool:
        """Say whether the token is the user's, unused and young enough."""
        if not token or "-" not in token or not super().check_token(user, token):  # type: ignore[arg-type]
            return False
        return self._age(token) <= ONCE_SECONDS

    def _age(self, token: str) -> int:
        """Return the token's age in seconds; it carries its time in base 36."""
        stamp = int(token.split("-", maxsplit=1)[0], 36)
        return self._num_seconds(self._now()) - stamp


_once: Final = _Once()


def once_token(user: User) -> str:
    """Make the last part of `/console/login/once/<token>`.

    Bound to the user's last sign-in and password: using it once, or changing
    either, ends it; after 15 minutes it is void anyway.
    """
    return f"{urlsafe_base64_encode(force_bytes(user.pk))}.{_once.make_token(user)}"


def once_user(token: str) -> User | None:
    """Return whom a link would sign in, or None where it works no more."""
    name, _dot, secret = token.partition(".")
    try:
        key = int(force_str(urlsafe_base64_decode(name)))
    except (ValueError, UnicodeDecodeError):
        return None
    user = get_user_model().objects.filter(pk=key, is_active=True).first()
    return user if user is not None and _once.check_token(user, secret) else None


def redeem(request: HttpRequest, token: str) -> HttpResponse | None:
    """Use a link up and go on from it; of two uses at the same moment one wins.

    A link is one factor: who has a second one is asked for it (ASVS 6.4.3).
    """
    with transaction.atomic():
        found = once_user(token)
        if found is None:
            return None
        user = User.objects.select_for_update().get(pk=found.pk)
        if once_user(token) is None:
            return None
        user.last_login = timezone.now()
        user.save(update_fields=["last_login"])
    return enter(request, user, "link")
