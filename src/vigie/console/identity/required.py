# SPDX-License-Identifier: Apache-2.0
"""Who must have a second factor, and whether they have one.

VIGIE_REQUIRE_MFA says for whom: by default for those who can change accounts
and for child safety. A one-time link and a password are one factor each; a
passkey, and a provider that says so (`amr` contains `mfa`, RFC 8176), are two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from allauth.mfa.models import Authenticator

from vigie.flow import house
from vigie.store.permissions import Role

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.flow.house import House
    from vigie.store.models import User

ROLES: Final = frozenset({Role.ADMIN, Role.CHILD_SAFETY})
FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
BY_PROVIDER: Final = "mfa_by_provider"
"""In a session: the account for which the provider said that it asked for two factors."""
_SEEN: Final = "has_factor"


def is_required(user: User, here: House | None = None) -> bool:
    """Say whether a person must have a second factor."""
    rule = (here or house.current()).settings.require_mfa
    return rule == "all" or (rule == "roles" and user.role in ROLES)


def has_factor(user: User) -> bool:
    """Say whether a person has one."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists())


def is_missing(request: HttpRequest) -> bool:
    """Say whether the person signed in must set one up before anything else opens.

    What was found is kept in the session; removing a factor forgets it.
    """
    user = cast("User", request.user)
    if not is_required(user) or request.session.get(BY_PROVIDER) == user.pk:
        return False
    if not request.session.get(_SEEN):
        request.session[_SEEN] = has_factor(user)
    return not request.session[_SEEN]


def forget(request: HttpRequest) -> None:
    """Look again at the next page."""
    request.session.pop(_SEEN, None)
