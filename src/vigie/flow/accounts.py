# SPDX-License-Identifier: Apache-2.0
"""Accounts of people: made, given a role, closed. A role number is given once.

Nobody becomes an administrator by one person's will alone, and the last one
cannot go. Whoever has the command line can read the store anyway and needs no
second person; the record says from where it was done.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db.models import Max
from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.law.categories import load as known_categories
from vigie.store.models import Case, CaseEvent, CaseEventKind, CaseState, DeskSession, User
from vigie.store.permissions import Permission, Role

LANGUAGES: Final = ("en", "fr", "de")
MAX_NAME: Final = 64
GIVEN: Final = tuple(one.value for one in Role if one is not Role.OFFICER)
"""Roles that an account is made with; an officer's comes from the record of a search."""

By = User | str
"""Who does it: a person of the desk, or the name of a command."""


def create_account(
    house: House, username: str, role: str, language: str = "en", by: By = "vigie init"
) -> tuple[User, str]:
    """Create an account; returns it and its first password, which is kept nowhere.

    The password must be changed at the first login. Raises InvalidInputError
    for a name or role that cannot be, ConflictError where the name is taken,
    RefusedError where a person of the desk makes an administrator alone.
    """
    check_account(username, role, language)
    check_manager(by)
    if isinstance(by, User) and role == Role.ADMIN:
        raise _second_needed(
            _("Create the account with another role first, then ask for this one.")
        )
    password = secrets.token_urlsafe(18)
    now = house.now()
    user = User(
        username=User.objects.normalise(username),
        role=role,
        language=language,
        must_change_password=True,
        created_at=now,
    )
    # Hashing is slow on purpose: outside the transaction.
    user.set_password(password)
    with writing():
        if User.objects.filter(username=user.username).exists():
            raise ConflictError(_("This name is taken."), code="name_taken", field="username")
        user.number = (User.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        user.save()
        plain = {"role": role, "number": user.number}
        _record("account.created", user, now, by, plain, {"username": user.username})
    return user, password


def check_account(username: str, role: str, language: str) -> None:
    """Raise InvalidInputError where an account cannot be made like this."""
    name = username.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise InvalidInputError(
            _("A name has 1 to %(most)s characters.") % {"most": MAX_NAME}, field="username"
        )
    if role not in GIVEN:
        raise InvalidInputError(
            _("There is no such role."),
            field="role",
            fix=_("Choose from: %(words)s.") % {"words": ", ".join(GIVEN)},
        )
    if language not in LANGUAGES:
        raise InvalidInputError(_("The language is en, fr or de."), field="language")


def check_manager(by: By) -> None:
    """Raise RefusedError where a person may not change accounts."""
    if isinstance(by, User) and not by.has_perm(Permission.USER_MANAGE):
        raise RefusedError(_("Your role may not change accounts."))


def by_name(username: str) -> User:
    """Return the account of a name. Raises NotFoundError."""
    user = User.objects.filter(username=User.objects.normalise(username)).first()
    if user is None:
        raise NotFoundError(
            _("There is no such account."), code="no_account", fix=_("See `vigie account list`.")
        )
    return user


def change_role(house: House, username: str, role: str, by: By) -> None:
    """Give an account another role at once, as the command line does."""
    give_role(house, by_name(username).pk, role, by)


def give_role(house: House, account: int, role: str, by: By) -> User:
    """Give an account another role. Raises NotFoundError, ConflictError for the last admin."""
    check_account("-", role, "en")
    check_manager(by)
    now = house.now()
    with writing():
        user = _held(account)
        if user.role == Role.OFFICER:
            raise RefusedError(_("An officer's account keeps its role."), code="officer_role")
        if user.role == Role.ADMIN and role != Role.ADMIN:
            _check_not_last(user)
        user.role = role
        user.save(update_fields=["role"])
        _record("account.changed", user, now, by, {"role": role})
    return user


def ask_for_role(house: House, user: User, account: int, role: str, reason: str) -> bool:
    """Give a role, or ask a second person where it is the administrator's.

    Returns True where it was given at once. Raises RefusedError without the
    permission or for oneself, ConflictError where no second person exists.
    """
    check_manager(user)
    check_account("-", role, "en")
    if account == user.pk:
        raise RefusedError(_("Nobody changes their own role."), code="own_role")
    target = User.objects.filter(pk=account).first()
    if target is None:
        raise NotFoundError(_("There is no such account."), code="no_account")
    if role != Role.ADMIN or target.role == Role.ADMIN:
        give_role(house, account, role, by=user)
        return True
    if not _admins().exclude(pk__in=(user.pk, account)).exists():
        raise _second_needed(_("There is no other one yet: on the server, `vigie account role`."))
    from vigie.flow import second_kinds, second_person  # noqa: PLC0415 - they carry it out here

    summary = _("Make %(name)s an administrator.") % {"name": target.username}
    second_person.ask(house, user, second_kinds.ROLE, {"account": account}, summary, reason)
    return False


def deactivate(house: House, account: int, by: By) -> User:
    """Close an account: sessions end, claims and assignments go back to the queues.

    Raises NotFoundError, ConflictError for the last administrator,
    RefusedError for one's own account.
    """
    check_manager(by)
    if isinstance(by, User) and by.pk == account:
        raise RefusedError(_("Nobody closes their own account."), code="own_account")
    now = house.now()
    with writing():
        user = _held(account)
        if user.role == Role.ADMIN:
            _check_not_last(user)
        user.is_active = False
        user.save(update_fields=["is_active"])
        close_sessions(user)
        freed = _release(user, now)
        _record("account.closed", user, now, by, {"cases": freed})
    return user


def activate(house: House, account: int, by: By) -> User:
    """Open a closed account again; the person chooses a new password. Raises NotFoundError."""
    check_manager(by)
    now = house.now()
    with writing():
        user = _held(account)
        if user.role == Role.OFFICER:
            raise RefusedError(
                _("An officer's access is given by the record of a search."), code="officer_role"
            )
        if user.role == Role.ADMIN and isinstance(by, User):
            raise _second_needed(_("On the server: `vigie account activate`."))
        user.is_active, user.must_change_password = True, True
        user.set_unusable_password()
        user.save(update_fields=["is_active", "must_change_password", "password"])
        _record("account.opened", user, now, by, {})
    return user


def set_barred(house: House, account: int, categories: Iterable[str], by: By) -> User:
    """Say of which categories a person is given no cases. Raises InvalidInputError."""
    check_manager(by)
    chosen = sorted(set(categories))
    unknown = [one for one in chosen if one not in known_categories()]
    if unknown:
        raise InvalidInputError(_("There is no such category."), field="barred")
    now = house.now()
    with writing():
        user = _held(account)
        user.barred = chosen
        user.save(update_fields=["barred"])
        _record("account.changed", user, now, by, {"barred": chosen})
    return user


def end_sessions(house: House, account: int, by: By) -> int:
    """End all sessions of somebody else (ASVS 7.4.5); return how many. Raises NotFoundError."""
    check_manager(by)
    now = house.now()
    with writing():
        user = _held(account)
        ended = close_sessions(user)
        _record("account.signed_out", user, now, by, {"sessions": ended})
    return ended


def close_sessions(user: User, but: str = "") -> int:
    """End the sessions of an account, all or all but one; return how many."""
    ended, _by_model = DeskSession.objects.filter(account=user.pk).exclude(session_key=but).delete()
    return ended


def _held(account: int) -> User:
    user = User.objects.select_for_update().filter(pk=account).first()
    if user is None:
        raise NotFoundError(_("There is no such account."), code="no_account")
    return user


def _admins() -> Any:
    return User.objects.filter(role=Role.ADMIN, is_active=True)


def _check_not_last(user: User) -> None:
    if user.is_active and not _admins().exclude(pk=user.pk).exists():
        raise ConflictError(
            _("This is the last administrator."),
            code="last_admin",
            fix=_("Make somebody else an administrator first."),
        )


def _second_needed(fix: str) -> RefusedError:
    return RefusedError(
        _("For an administrator a second one is needed."), code="second_person", fix=fix
    )


def _release(user: User, now: int) -> int:
    """Give back the cases that a person holds; return how many."""
    held = Case.objects.filter(state=CaseState.OPEN)
    claimed = list(held.filter(claimed_by=user, claimed_until__gt=now))
    CaseEvent.objects.bulk_create(
        CaseEvent(case=case, kind=CaseEventKind.RELEASED, user=user, at=now) for case in claimed
    )
    held.filter(claimed_by=user).update(claimed_by=None, claimed_until=0)
    held.filter(assigned_to=user).update(assigned_to=None)
    return len(claimed)


def _record(
    kind: str,
    user: User,
    now: int,
    by: By,
    plain: Mapping[str, Any],
    personal: Mapping[str, Any] | None = None,
) -> None:
    """Append the record of a change; who made it is personal."""
    name = by.username if isinstance(by, User) else by
    facts = {"account": user.pk, **plain}
    records.append_one(records.draft(kind, now, facts, {**(personal or {}), "by": name}))
