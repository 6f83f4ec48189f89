# SPDX-License-Identifier: Apache-2.0
"""One-time tokens of forms: the same form sent twice does its work once.

The answer to the first use is kept in the session, so that a second use leads
to the same place: every form is known by the token against forgery that its page
was made with (`only`), the weightiest by one of their own (`token`). Two uses at
the same moment meet in the store, where one wins and the other sees it.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from django.http import HttpResponseRedirect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

USED: Final = "forms_sent"
KEPT: Final = 50


def token() -> str:
    """Make the token of a form."""
    return secrets.token_urlsafe(16)


def answer(request: HttpRequest, given: str) -> str | None:
    """Return where the first use of this form led, if it was used."""
    used: dict[str, str] = request.session.get(USED, {})
    return used.get(given)


def keep(request: HttpRequest, given: str, where: str) -> None:
    """Remember where a form led; the oldest are forgotten."""
    if not given:
        return
    used: dict[str, str] = request.session.get(USED, {})
    kept = list(used.items())[-KEPT + 1 :]
    request.session[USED] = dict([*kept, (given[:64], where)])


def lately(request: HttpRequest) -> list[str]:
    """Return the tokens used last."""
    return list(request.session.get(USED, {}))[-4:]


def only(request: HttpRequest, work: Callable[[], HttpResponse]) -> HttpResponse:
    """Do the work of a form that was not sent before; else lead where it led.

    What answers with a page of its own, such as a preview, may be sent again.
    """
    name = _name(request)
    led = answer(request, name) if name else None
    if led is not None:
        return HttpResponseRedirect(led)
    done = work()
    if name and isinstance(done, HttpResponseRedirect):
        keep(request, name, done.url)
    return done


def _name(request: HttpRequest) -> str:
    """Return the digest of address, token and everything typed; empty for what is no form."""
    if request.method != "POST" or not request.POST.get("csrfmiddlewaretoken"):
        return ""
    sent = f"{request.get_full_path()}\n{request.POST.urlencode()}"
    return hashlib.sha256(sent.encode()).hexdigest()[:32]
