# SPDX-License-Identifier: Apache-2.0
"""Second factors in the log: added, removed, reset. What they are stays with allauth.

A lost device is replaced as an account begins: factors and password go, all
sessions end, and the person comes back by a one-time link that somebody hands
to them in person (OWASP ASVS 5.0, 6.4.3, 6.4.4).
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.utils.translation import gettext as _

from vigie.core.errors import NotFoundError, RefusedError
from vigie.flow import records
from vigie.flow.accounts import By, check_manager, close_sessions
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import User
from vigie.store.permissions import Role


def note(house: House, user: User, verb: str, factor: str) -> None:
    """Record that a person changed how they sign in; `verb` is `added` or `removed`."""
    now = house.now()
    with writing():
        plain = {"account": user.pk, "factor": factor}
        records.append_one(records.draft(f"factor.{verb}", now, plain, {"by": user.username}))


def reset(house: House, account: int, by: By) -> User:
    """Remove every factor, the password and the provider's account; end all sessions.

    An administrator's are reset at the command line alone: with a link to
    another administrator's account one person could be two. Raises
    NotFoundError, RefusedError.
    """
    check_manager(by)
    now = house.now()
    with writing():
        user = User.objects.select_for_update().filter(pk=account).first()
        if user is None:
            raise NotFoundError(_("There is no such account."), code="no_account")
        check_reset(user, by)
        gone, _by_model = Authenticator.objects.filter(user=user).delete()
        SocialAccount.objects.filter(user=user).delete()
        user.set_unusable_password()
        user.must_change_password = True
        user.save(update_fields=["password", "must_change_password"])
        close_sessions(user)
        name = by.username if isinstance(by, User) else by
        plain = {"account": user.pk, "factors": gone}
        records.append_one(records.draft("factor.reset", now, plain, {"by": name}))
    return user


def check_reset(user: User, by: By) -> None:
    """Raise RefusedError where a person may not reset these factors in the console."""
    if isinstance(by, User) and user.role == Role.ADMIN:
        raise RefusedError(
            _("An administrator's second factor is not reset here."),
            code="second_person",
            fix=_("On the server: `vigie account reset-mfa`."),
        )


def with_factor(users: list[User]) -> set[int]:
    """Return which of these accounts have a second factor."""
    found = Authenticator.objects.filter(user__in=users)
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return set(found.filter(type__in=kinds).values_list("user_id", flat=True))
