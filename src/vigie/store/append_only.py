# SPDX-License-Identifier: Apache-2.0
"""Rows that are written once: a change is a new record that supersedes another.

A model names in ``MUTABLE`` the few columns that may move on (a state, a
time). Everything else is refused in Python; erasing goes through
`flow.deletion` alone, which asks the holds first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.db import models

from vigie.core.errors import VigieError

M = TypeVar("M", bound=models.Model)

if TYPE_CHECKING:
    _QuerySet = models.QuerySet
    _Manager = models.Manager
else:
    # Django's classes take no type arguments at run time.
    class _QuerySet(models.QuerySet):
        def __class_getitem__(cls, _of: object) -> type:
            return cls

    class _Manager(models.Manager):
        def __class_getitem__(cls, _of: object) -> type:
            return cls


class AppendOnlyError(VigieError):
    """Somebody tried to change or delete what is recorded: a defect in Vigie."""

    code = "append_only"


class AppendOnlyQuerySet(_QuerySet[M]):
    """Refuses updates outside the declared columns and every plain delete."""

    def update(self, **values: Any) -> int:
        """Change declared columns only."""
        _check(self.model, values)
        return super().update(**values)

    def bulk_update(self, objs: Iterable[M], fields: Iterable[str], *args: Any, **kw: Any) -> int:
        """Change declared columns only."""
        names = list(fields)
        _check(self.model, names)
        return super().bulk_update(objs, names, *args, **kw)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse: only the deletion function erases."""
        raise AppendOnlyError(f"{self.model.__name__} is never deleted here")

    def redact(self, **values: Any) -> int:
        """Overwrite columns on behalf of the deletion function."""
        return super().update(**values)

    def shred(self) -> int:
        """Delete the rows on behalf of the deletion function."""
        return super().delete()[0]


def _check(model: type[models.Model], names: Iterable[str]) -> None:
    """Raise where one of the columns is not declared mutable."""
    allowed: frozenset[str] = getattr(model, "MUTABLE", frozenset())
    wrong = sorted(set(names) - allowed)
    if wrong:
        raise AppendOnlyError(f"{model.__name__}.{', '.join(wrong)} cannot be changed")


class AppendOnlyManager(_Manager[M]):
    """Gives the rows under these rules."""

    def get_queryset(self) -> AppendOnlyQuerySet[M]:
        """Return all rows."""
        return AppendOnlyQuerySet(self.model, using=self._db)


class Row(models.Model):
    """Base of every row; says no more of itself than its table and key."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """Name the row without showing what it holds (it may reach a log)."""
        return f"{type(self).__name__} {self.pk}"


class AppendOnly(Row):
    """Base of every recorded row."""

    MUTABLE: ClassVar[frozenset[str]] = frozenset()
    """Columns that may change after the row was written."""

    objects: ClassVar[AppendOnlyManager[Self]] = AppendOnlyManager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new row, or declared columns of an old one."""
        if not self._state.adding:
            fields = kwargs.get("update_fields")
            if fields is None:
                raise AppendOnlyError(f"{type(self).__name__} is written once: name update_fields")
            _check(type(self), fields)
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse: only the deletion function erases."""
        raise AppendOnlyError(f"{type(self).__name__} is never deleted here")
