# SPDX-License-Identifier: Apache-2.0
"""One-time tokens of forms: the same form sent twice does its work once.

A token is made with the form; the answer to its first use is kept in the
session, so that a second use leads to the same place. Two uses at the same
moment meet in the store, where one wins and the other sees it.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from django.http import HttpRequest

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
