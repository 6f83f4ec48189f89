# SPDX-License-Identifier: Apache-2.0
"""Items of class `child`: their words and pictures are removed, and shown nowhere meanwhile.

A list that knows a picture, a person who sends a case to the room, or a person
of the room who decides so: the whole item goes there and what is kept of it is
deleted, unless a hold covers it. A notice alone hides the item until the room
has decided; who gave it is nobody's to know, and must not be able to delete.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from vigie.core.actions import Outcome
from vigie.flow import deletion
from vigie.flow.queues.severity import CHILD, severity
from vigie.store.models import (
    Case,
    CaseState,
    DecisionKind,
    DecisionRecord,
    ItemContent,
    Queue,
)

_MOST = 1_000
"""Versions of one item; what is over follows with the terms."""


def shown() -> QuerySet[ItemContent]:
    """Return what may be shown of items; every page, export and statement reads by it."""
    waiting = Case.objects.filter(
        queue=Queue.CHILD,
        state=CaseState.OPEN,
        decision__service=OuterRef("service"),
        decision__item_id=OuterRef("item_id"),
    )
    return ItemContent.objects.exclude(Exists(_taken()) | Exists(waiting))


def over() -> QuerySet[ItemContent]:
    """Return what is still kept of items of the class: a hold ended, a version came late."""
    items = DecisionRecord.objects.filter(cls=CHILD).values("item_id")
    return ItemContent.objects.filter(Exists(_taken()), item_id__in=items)


def _taken() -> QuerySet[DecisionRecord]:
    """Return what makes an item one of the class: neither a notice nor a person's no."""
    same = DecisionRecord.objects.filter(
        service=OuterRef("service"), item_id=OuterRef("item_id"), cls=CHILD
    )
    told = Q(kind=DecisionKind.NOTICE)
    denied = Q(kind=DecisionKind.PERSON, outcome=Outcome.ALLOW)
    return same.exclude(told | denied)


def take_along(seen: DecisionRecord, now: int) -> None:
    """Mark every decision of an item as class child and remove what is kept of it.

    All lists go by that mark. Its open cases wait in the room, with hashes and
    references only. Inside `transaction.writing`.
    """
    same = {"service": seen.service, "item_id": seen.item_id}
    rows = DecisionRecord.objects.filter(**same)
    known = references(seen, now)
    deletion.redact(rows, cls=CHILD)
    deletion.untag(rows)
    cases = Case.objects.filter(
        decision__service=seen.service, decision__item_id=seen.item_id, state=CaseState.OPEN
    )
    cases.filter(facts={}).update(facts=known)
    cases.exclude(queue=Queue.CHILD).update(
        queue=Queue.CHILD, category=CHILD, priority=severity(CHILD), escalated_at=now
    )
    deletion.expire(
        ItemContent.objects.filter(**same), deletion.TEXT, _MOST, also=deletion.say_gone
    )


def references(seen: DecisionRecord, now: int) -> dict[str, Any]:
    """Return what the room is given in the place of an item: no word, no picture."""
    kept = ItemContent.objects.filter(
        service=seen.service, item_id=seen.item_id, version=seen.version
    ).first()
    return {
        "hashes": list(seen.media),
        "lists": [],
        "at": now,
        "location": kept.url if kept is not None else None,
        "account": kept.author.get("id") if kept is not None else None,
    }


def follow(row: DecisionRecord) -> None:
    """Take the item along where the room decided against it. Inside `transaction.writing`."""
    if row.cls == CHILD and row.outcome not in {Outcome.ALLOW, Outcome.REVIEW}:
        take_along(row, row.at)
