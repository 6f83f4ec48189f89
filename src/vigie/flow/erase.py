# SPDX-License-Identifier: Apache-2.0
"""Erasing an item or an author: the store at once, the journals within a minute."""

from __future__ import annotations

from vigie.core.errors import InvalidInputError
from vigie.flow import deletion
from vigie.flow.deletion import Counts, Subject
from vigie.flow.house import House
from vigie.flow.notices.answer import close_gone
from vigie.flow.transaction import writing
from vigie.store.models import ErasureSubject, PendingPurge

DEFAULT_SERVICE = "default"


def erase_item(
    house: House, item_id: str, by: str, *, service: str = DEFAULT_SERVICE, basis: str = "request"
) -> Counts:
    """Erase the content of all versions of an item.

    Raises ConflictError under a hold. What the journals still hold goes within
    a minute, by `jobs`; an item posted again later is a new one.
    """
    if not item_id:
        raise InvalidInputError("An item has an id.", field="item_id")
    subject = Subject(kind=ErasureSubject.ITEM, service=service, item_id=item_id)
    return _erase(house, subject, by, basis)


def erase_author(
    house: House, author_id: str, by: str, *, service: str = DEFAULT_SERVICE, basis: str = "request"
) -> Counts:
    """Erase the content of an author's items; the author's id as the platform names it."""
    if not author_id:
        raise InvalidInputError("An author has an id.", field="author_id")
    pseudonym = house.pseudonym(service, author_id)
    subject = Subject(kind=ErasureSubject.AUTHOR, service=service, author=pseudonym)
    return _erase(house, subject, by, basis)


def _erase(house: House, subject: Subject, by: str, basis: str) -> Counts:
    now = house.now()
    with writing():
        counts, _ = deletion.erase(subject, now, basis=basis, by=by)
        close_gone(house)
        PendingPurge.objects.create(
            subject=subject.kind.value,
            service=subject.service,
            item_id=subject.item_id,
            author=subject.author,
            asked_at=now,
            basis=basis,
            requested_by=by,
        )
    return counts
