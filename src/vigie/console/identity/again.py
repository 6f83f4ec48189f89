# SPDX-License-Identifier: Apache-2.0
"""Who changes how they sign in shows once more who they are (OWASP ASVS 5.0, 7.5.1, 7.5.2)."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.reauthentication import (
    get_reauthentication_flows,
    raise_if_reauthentication_required,
)
from django.utils.translation import gettext as _

from vigie.console import signin
from vigie.core.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

FRESH_MS = 300_000


def shown_again(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ask for password or factor first, unless one was shown within five minutes.

    What was sent goes on by itself afterwards. Who has neither, since they come
    by the provider, must have come within five minutes.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        check_came_lately(request)
        raise_if_reauthentication_required(request, app="allauth.mfa")
        return view(request, *args, **kwargs)

    return guarded


def check_came_lately(request: HttpRequest) -> None:
    """Raise RefusedError for an old session of somebody who has nothing else to show."""
    if get_reauthentication_flows(request.user):
        return
    if signin.clock.now_ms() - int(request.session.get(signin.STARTED, 0)) > FRESH_MS:
        raise RefusedError(
            _("You signed in too long ago to change how you sign in."),
            fix=_("Sign out, sign in again and come back."),
        )
