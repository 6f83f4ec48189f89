# SPDX-License-Identifier: Apache-2.0
"""Holds: a duty to keep, with its basis, its owner and the day it is looked at again.

What a hold covers is deleted by nobody: not by term, not by a person, not by a
command. The record of a hold names neither item nor author in the open.
"""

from __future__ import annotations

from typing import Final

from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.flow import records
from vigie.flow.erase import DEFAULT_SERVICE
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import ErasureSubject, Hold

PLACED: Final = "hold.placed"
LIFTED: Final = "hold.lifted"
MAX_BASIS: Final = 2_000
MAX_OWNER: Final = 100


def place_hold(
    house: House,
    *,
    basis: str,
    owner: str,
    review_at: int,
    item_id: str = "",
    author_id: str = "",
    service: str = DEFAULT_SERVICE,
    by: str = "",
) -> Hold:
    """Forbid deletion of an item or of an author's content until the hold is lifted.

    Raises InvalidInputError without a basis, an owner, or one subject.
    """
    _check(basis, owner, item_id, author_id)
    subject = ErasureSubject.ITEM if item_id else ErasureSubject.AUTHOR
    now = house.now()
    with writing():
        hold = Hold.objects.create(
            subject=subject.value,
            service=service,
            item_id=item_id,
            author=house.pseudonym(service, author_id) if author_id else "",
            basis=basis.strip(),
            owner=owner.strip(),
            review_at=review_at,
            placed_at=now,
        )
        _record(PLACED, hold, now, by or owner)
    return hold


def lift_hold(house: House, hold_id: int, by: str = "") -> None:
    """End a hold; terms that passed meanwhile act at the next run of retention.

    Raises NotFoundError where no such hold stands.
    """
    now = house.now()
    with writing():
        hold = Hold.objects.filter(pk=hold_id, lifted_at__isnull=True).first()
        if hold is None:
            raise NotFoundError(
                "No such hold stands.", code="no_hold", fix="Look with `vigie hold list`."
            )
        hold.lifted_at = now
        hold.save(update_fields=["lifted_at"])
        _record(LIFTED, hold, now, by or hold.owner)


def _check(basis: str, owner: str, item_id: str, author_id: str) -> None:
    if bool(item_id) == bool(author_id):
        raise InvalidInputError(
            "A hold covers an item or an author.",
            code="hold_subject",
            field="item_id",
            fix="Name one of them.",
        )
    for name, text, most in (("basis", basis, MAX_BASIS), ("owner", owner, MAX_OWNER)):
        if not text.strip() or len(text) > most:
            raise InvalidInputError(
                f"A hold has its {name}.",
                code=f"hold_{name}",
                field=name,
                fix=f"Write 1 to {most:,} characters.",
            )


def _record(kind: str, hold: Hold, now: int, by: str) -> None:
    plain = {"hold": hold.pk, "subject": hold.subject, "review_at": hold.review_at}
    personal = {
        "of": {"service": hold.service, "item": hold.item_id, "author": hold.author},
        "basis": hold.basis,
        "owner": hold.owner,
        "by": by,
    }
    records.append_one(records.draft(kind, now, plain, personal))
