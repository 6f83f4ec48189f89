# SPDX-License-Identifier: Apache-2.0
"""Who acts on the gateway: a person of the desk, the operator's command line, or Vigie itself."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from vigie.core.errors import InvalidInputError, RefusedError
from vigie.flow.house import House
from vigie.flow.letters.write import write_letter
from vigie.store.models import User
from vigie.store.permissions import Permission

COMMAND_LINE: Final = "command line"
ITSELF: Final = "vigie"
PAGE: Final = "/console/gateway"
NAME: Final = 64


def named(user: User | None) -> str:
    """Return how a row names who acted; nobody: the operator's command line."""
    return COMMAND_LINE if user is None else user.username[:NAME]


def check_may(user: User | None, permission: Permission) -> None:
    """Raise RefusedError where a person's role does not allow it; the command line may."""
    if user is not None and not user.has_perm(permission):
        raise RefusedError(_("Your role may not do this."), code="no_permission")


def check_text(text: str, most: int, field: str) -> str:
    """Return a text without spaces around it. Raises InvalidInputError: empty or too long."""
    found = text.strip()
    if not 0 < len(found) <= most:
        raise InvalidInputError(_("Write 1 to %(most)s characters.") % {"most": most}, field=field)
    return found


def tell(house: House, template: str, context: dict[str, str]) -> None:
    """Write to whoever is on call; without an address the console alone shows it."""
    full = context | {"url": f"{house.settings.base_url}{PAGE}"}
    for address in house.settings.alarm_mail:
        write_letter(house, template=template, to=address, language="en", context=full)
