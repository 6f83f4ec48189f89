# SPDX-License-Identifier: Apache-2.0
"""A password is not made of the words that everybody here would try first.

The list (OWASP ASVS 5.0, 6.1.2, 6.2.11): Vigie, the operator's name, the host,
the roles, the person's own name, and the words of every bad password.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from vigie.flow import house
from vigie.store.permissions import Role

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

COMMON: Final = ("vigie", "password", "passwort", "motdepasse", "moderation", "login", "secret")
LEAST_OWN: Final = 8
"""Characters that must be left when these words are taken out."""
_SHORT: Final = 3


class ContextWords:
    """Refuses passwords that consist of the words of this place."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError where too little is left without the words."""
        letters = rest = _letters(password)
        for word in sorted(words_of(user), key=len, reverse=True):
            rest = rest.replace(word, "")
        taken = len(letters) - len(rest)
        if taken and len(password) - taken < LEAST_OWN:
            raise ValidationError(
                _("This password is made of words that others would try here first."),
                code="password_of_this_place",
            )

    def get_help_text(self) -> str:
        """Say what is asked, for forms."""
        return _("Not made of the name of this place, of a role or of your own name.")


def words_of(user: Any) -> set[str]:
    """Return the words, as letters and digits alone."""
    settings = house.current().settings
    host = urlsplit(settings.base_url).hostname or ""
    name = getattr(user, "username", "")
    found = {*COMMON, *Role, *settings.operator.split(), settings.operator, *host.split("."), name}
    return {word for one in found if len(word := _letters(one)) > _SHORT}


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
