# SPDX-License-Identifier: Apache-2.0
"""Searches under a name: one's own, and those that colleagues share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Q

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import search_day
from vigie.flow.search.kinds import Target
from vigie.flow.search.nodes import write
from vigie.flow.search.reader import parse
from vigie.flow.transaction import writing
from vigie.store.models import SavedSearch, User
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from vigie.flow.house import House

LONGEST_NAME: Final = 100
MOST: Final = 100
"""Of one person."""
TARGETS: Final = (Target.DECISIONS, Target.ITEMS, Target.AUTHORS)


def of_person(user: User) -> QuerySet[SavedSearch]:
    """Return a person's searches and the shared ones, by name."""
    seen = SavedSearch.objects.filter(Q(owner=user) | Q(shared=True))
    return seen.select_related("owner").order_by("name", "pk")


def save(
    house: House, user: User, name: str, target: str, expression: str, *, shared: bool
) -> SavedSearch:
    """Keep a search under a name; the same name again replaces it.

    Raises SearchError where the expression cannot be read, InvalidInputError
    for name or target, ConflictError above 100 searches.
    """
    _check_user(user)
    values = {
        "target": _target(target),
        "expression": write(parse(expression)),
        "shared": shared,
        "created_at": house.now(),
    }
    with writing():
        own = SavedSearch.objects.filter(owner=user)
        if own.exclude(name=_name(name)).count() >= MOST:
            raise ConflictError(
                f"At most {MOST} searches are kept.", code="too_many", fix="Delete one first."
            )
        return own.update_or_create(owner=user, name=_name(name), defaults=values)[0]


def rename(user: User, number: int, name: str) -> SavedSearch:
    """Give one's own search another name; ConflictError where it is taken."""
    _check_user(user)
    with writing():
        row = _own(user, number)
        row.name = _name(name)
        if SavedSearch.objects.filter(owner=user, name=row.name).exclude(pk=row.pk).exists():
            raise ConflictError("This name is taken.", code="name_taken", field="name")
        row.save(update_fields=["name"])
    return row


def share(user: User, number: int, *, shared: bool) -> SavedSearch:
    """Show one's own search to everybody who may search, or no longer."""
    _check_user(user)
    with writing():
        row = _own(user, number)
        row.shared = shared
        row.save(update_fields=["shared"])
    return row


def delete(user: User, number: int) -> None:
    """Forget one's own search."""
    _check_user(user)
    with writing():
        search_day.check_deletion()
        _own(user, number).delete()


def _check_user(user: User) -> None:
    if not user.has_perm(Permission.SEARCH_USE):
        raise RefusedError("Your role may not search.")


def _own(user: User, number: int) -> SavedSearch:
    row = SavedSearch.objects.filter(pk=number, owner=user).first()
    if row is None:
        raise NotFoundError("There is no such search of yours.", code="no_search")
    return row


def _name(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME or not plain.isprintable():
        raise InvalidInputError(
            "A search needs a name.",
            code="no_name",
            field="name",
            fix=f"Write 1 to {LONGEST_NAME} characters.",
        )
    return plain


def _target(word: str) -> Target:
    if word not in TARGETS:
        raise InvalidInputError(
            "Searches are for decisions, items or authors.", code="no_target", field="target"
        )
    return Target(word)
