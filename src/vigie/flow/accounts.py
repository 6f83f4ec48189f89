# SPDX-License-Identifier: Apache-2.0
"""Accounts of people: created with a password that is shown once."""

from __future__ import annotations

import secrets

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import User
from vigie.store.permissions import Role

LANGUAGES = ("en", "fr", "de")


def create_account(
    house: House, username: str, role: str, language: str = "en", by: str = "vigie init"
) -> tuple[User, str]:
    """Create an account; returns it and its first password, which is kept nowhere.

    The password must be changed at the first login. Raises InvalidInputError
    for an empty name or unknown role, ConflictError where the name is taken.
    """
    check_account(username, role, language)
    password = secrets.token_urlsafe(18)
    now = house.now()
    user = User(
        username=username.strip().casefold(),
        role=role,
        language=language,
        must_change_password=True,
        created_at=now,
    )
    # Hashing is slow on purpose: outside the transaction.
    user.set_password(password)
    with writing():
        if User.objects.filter(username=user.username).exists():
            raise ConflictError("This name is taken.", code="name_taken", field="username")
        user.save()
        plain = {"account": user.pk, "role": role}
        personal = {"username": user.username, "by": by}
        records.append_one(records.draft("account.created", now, plain, personal))
    return user, password


def check_account(username: str, role: str, language: str) -> None:
    """Raise InvalidInputError where an account cannot be made like this."""
    if not username.strip() or len(username) > 64:
        raise InvalidInputError("A name has 1 to 64 characters.", field="username")
    if role not in {known.value for known in Role}:
        raise InvalidInputError(
            "There is no such role.", field="role", fix=f"Choose from: {', '.join(Role)}."
        )
    if language not in LANGUAGES:
        raise InvalidInputError("The language is en, fr or de.", field="language")


def change_role(house: House, username: str, role: str, by: str) -> None:
    """Give an account another role. Raises NotFoundError."""
    check_account(username, role, "en")
    now = house.now()
    with writing():
        user = User.objects.filter(username=username.strip().casefold()).first()
        if user is None:
            raise NotFoundError("There is no such account.", code="no_account")
        user.role = role
        user.save(update_fields=["role"])
        plain = {"account": user.pk, "role": role}
        records.append_one(records.draft("account.changed", now, plain, {"by": by}))
