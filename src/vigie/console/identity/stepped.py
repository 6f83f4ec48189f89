# SPDX-License-Identifier: Apache-2.0
"""When somebody last proved who they are: what opens evidence asks for it to be fresh.

Who has a second factor must have shown it; a password alone is no proof for them
(OWASP ASVS 5.0, 7.5.3).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, cast

from allauth.account.authentication import get_authentication_records
from django.utils.translation import gettext as _

from vigie.console.identity import required
from vigie.core.errors import RefusedError

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.flow.house import House
    from vigie.store.models import User

FRESH_S: Final = 300
SECOND: Final = "mfa"


def stepped_at(request: HttpRequest, here: House) -> int:
    """Return the moment, by the house's clock, at which the person proved who they are.

    Raises RefusedError `step_up` where that was too long ago, or without the factor
    that they have.
    """
    user = cast("User", request.user)
    needs_factor = required.has_factor(user)
    now = time.time()
    ages = [
        now - float(one["at"])
        for one in get_authentication_records(request, user)
        if not needs_factor or one.get("method") == SECOND
    ]
    fresh = [age for age in ages if -1 <= age <= FRESH_S]
    if not fresh:
        raise RefusedError(
            _("Prove anew who you are first."),
            code="step_up",
            fix=_("Confirm with your passkey or code on the page of your account."),
        )
    return here.now() - round(max(0.0, min(fresh)) * 1000)
