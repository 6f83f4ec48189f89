# SPDX-License-Identifier: Apache-2.0
"""What allauth tells of changes to factors becomes records of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa import signals as mfa
from allauth.socialaccount import signals as social
from django.contrib.auth import update_session_auth_hash

from vigie.flow import factors, house
from vigie.store.models import User

if TYPE_CHECKING:
    from django.http import HttpRequest


def listen() -> None:
    """Connect the receivers, once per process."""
    mfa.authenticator_added.connect(_added, dispatch_uid="vigie")
    mfa.authenticator_reset.connect(_added, dispatch_uid="vigie")
    mfa.authenticator_removed.connect(_removed, dispatch_uid="vigie")
    social.social_account_added.connect(_connected, dispatch_uid="vigie")


def _added(user: User, authenticator: Any, **_more: Any) -> None:
    factors.note(house.current(), user, "added", str(authenticator.type))


def _removed(user: User, authenticator: Any, **_more: Any) -> None:
    factors.note(house.current(), user, "removed", str(authenticator.type))


def _connected(request: HttpRequest, sociallogin: Any, **_more: Any) -> None:
    """An account that signs in at the provider needs no password that somebody else has seen."""
    user: User = sociallogin.user
    if user.must_change_password:
        user.set_unusable_password()
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])
        update_session_auth_hash(request, user)
    factors.note(house.current(), user, "added", "provider")
