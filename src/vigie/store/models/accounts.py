# SPDX-License-Identifier: Apache-2.0
"""The people who work at the operator's desk, and what keeps their logins safe."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from vigie.store.fields import CodeField, MomentField
from vigie.store.permissions import ERASING, Permission, Role, permissions_of


class UserManager(BaseUserManager["User"]):
    """Creates accounts; a name is compared without case."""

    def create_user(self, username: str, password: str | None, **extra: Any) -> User:
        """Create an account; no password makes one that cannot log in."""
        user = self.model(username=self.normalise(username), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Find the account of a login name."""
        return self.get(username=self.normalise(username or ""))

    @staticmethod
    def normalise(username: str) -> str:
        """Return the name as it is kept."""
        return username.strip().casefold()


class User(AbstractBaseUser):
    """One person. What they may do follows from the role, in code."""

    username = models.CharField(max_length=64, unique=True)
    """Login name, kept without case."""
    role = CodeField(default=Role.MODERATOR)
    """A word of `permissions.Role`."""
    language = models.CharField(max_length=5, default="en")
    """Language of the console: en, fr or de."""
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    """True for a password that somebody else has seen (the first account)."""
    failed_logins = models.PositiveIntegerField(default=0)
    """Wrong passwords since the last right one."""
    locked_until = MomentField(default=0)
    """No login is tried before this moment."""
    created_at = MomentField(default=0)
    number = models.PositiveIntegerField(null=True, unique=True)
    """The role number: all that leaves the desk says `Moderator 7`, never a name."""
    barred: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Categories that this person is not given."""
    languages: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Languages of items that this person reads, served first; empty: all."""
    single_keys = models.BooleanField(default=True)
    """Single letters act as keys (WCAG 2.1.4 lets people switch them off)."""
    mask_words = models.BooleanField(default=False)
    """Slurs arrive masked unless asked for."""
    own_figures = models.BooleanField(default=False)
    """The person wants to see figures of their own work."""

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table_comment = "People of the operator who log in"

    @property
    def is_staff(self) -> bool:
        """Every person of the desk is staff to Django."""
        return self.is_active

    def has_perm(self, perm: str, obj: object = None) -> bool:  # noqa: ARG002
        """Say whether the role holds a permission `scope:resource:action`."""
        held = self.is_active and perm in permissions_of(self.role)
        return held and not (perm in ERASING and _search_stands())

    def permissions(self) -> frozenset[Permission]:
        """Return all that this person may do now."""
        held = permissions_of(self.role) if self.is_active else frozenset()
        return held - ERASING if held & ERASING and _search_stands() else held


def _search_stands() -> bool:
    """Say whether a search takes the right to erase from everybody."""
    from vigie.store.models.search_days import SearchDay  # noqa: PLC0415 - it names accounts

    return SearchDay.objects.filter(closed_at=None).exists()


class DeskSession(AbstractBaseSession):
    """A session, with the account it belongs to: so that it can be listed and ended."""

    account = models.BigIntegerField(null=True, db_index=True)
    """Key of the `User`; null: nobody is signed in."""

    class Meta:
        db_table_comment = "Sessions; no network address is kept"

    def __str__(self) -> str:
        """Name the row without its key: the key is a secret."""
        return f"DeskSession of {self.account}"

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """Return what reads and writes these rows."""
        from vigie.store.sessions import SessionStore  # noqa: PLC0415 - it imports this model

        return SessionStore
