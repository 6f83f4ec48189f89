# SPDX-License-Identifier: Apache-2.0
"""What an officer sees: the items, decisions and orders that the scope names, nothing else.

Every function records the view first (`officers.note_view`). No picture, no
privileged note, nothing of class `child`; who gave notice stays unnamed unless
the warrant names the notice itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from vigie.core.errors import NotFoundError
from vigie.flow import child_items
from vigie.flow.house import House
from vigie.flow.search_day import officers, scope
from vigie.store.models import (
    DecisionRecord,
    ItemContent,
    Notice,
    NoticeItem,
    OfficerAccess,
    Order,
    User,
)

PAGE: Final = 50
HIDDEN: Final = "[…]"
_LEAST_NAME: Final = 3


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of what the scope names."""

    decisions: list[DecisionRecord]
    orders: list[Order]
    notices: list[Notice]
    older: int | None
    """Number from which the next page goes on."""


@dataclass(frozen=True, slots=True)
class SeenDecision:
    """One decision with its item, as an officer reads it."""

    record: DecisionRecord
    content: ItemContent | None
    """What is kept of the item; None where it was erased before or never kept."""
    reason: str
    notices: list[Notice]
    """Notices about the item: number and time alone, unless named."""
    named: frozenset[int]
    """Notices that the warrant names."""
    account: str
    """The author as the platform names them, where the scope names the author."""


def listing(house: House, user: User, before: int | None = None) -> Listing:
    """Return a page of the scope. Raises RefusedError once the access is over."""
    access = officers.access_of(user, house.now())
    meant = scope.of(access.search)
    officers.note_view(house, access, "list", {"page": before or 0})
    rows = scope.decisions(meant)
    found = list((rows.filter(number__lt=before) if before else rows)[: PAGE + 1])
    first = before is None
    return Listing(
        decisions=found[:PAGE],
        orders=list(scope.orders(meant)) if first else [],
        notices=list(scope.notices(meant)) if first else [],
        older=found[PAGE - 1].number if len(found) > PAGE else None,
    )


def decision(house: House, user: User, number: int) -> SeenDecision:
    """Return one decision of the scope. Raises NotFoundError, RefusedError."""
    access = officers.access_of(user, house.now())
    meant = scope.of(access.search)
    record = scope.decisions(meant).filter(number=number).first()
    if record is None:
        raise _not_named()
    _note(house, access, "decision", record.number)
    notices = _about(record)
    kept = child_items.shown().filter(
        service=record.service, item_id=record.item_id, version=record.version
    )
    named = frozenset(scope.notices(meant).values_list("number", flat=True))
    unnamed = [one for one in notices if one.number not in named]
    content = kept.first()
    author_named = (record.service, record.author) in meant.authors
    return SeenDecision(
        record=record,
        content=content,
        reason=without_names(record.reason, unnamed),
        notices=notices,
        named=named,
        account=str(content.author.get("id", "")) if content and author_named else "",
    )


def order(house: House, user: User, number: int) -> Order:
    """Return one order that the scope names. Raises NotFoundError, RefusedError."""
    access = officers.access_of(user, house.now())
    found = scope.orders(scope.of(access.search)).filter(number=number).first()
    if found is None:
        raise _not_named()
    _note(house, access, "order", found.number)
    return found


def notice(house: House, user: User, number: int) -> Notice:
    """Return one notice that the scope itself names. Raises NotFoundError, RefusedError."""
    access = officers.access_of(user, house.now())
    found = scope.notices(scope.of(access.search)).filter(number=number).first()
    if found is None:
        raise _not_named()
    _note(house, access, "notice", found.number)
    return found


def _note(house: House, access: OfficerAccess, kind: str, number: int) -> None:
    officers.note_view(house, access, f"{kind} {number}", {"kind": kind, "number": number})


def _not_named() -> NotFoundError:
    return NotFoundError(_("The scope names nothing of this number."), code="outside_scope")


def _about(record: DecisionRecord) -> list[Notice]:
    """Return the notices about an item, by their case or by the location they gave."""
    case = Q(case__decision__service=record.service, case__decision__item_id=record.item_id)
    named = Q(item_id=record.item_id, case=None, notice__service=record.service)
    items = NoticeItem.objects.filter(case | named)
    return list(Notice.objects.filter(pk__in=items.values("notice")).order_by("number"))


def without_names(text: str, notices: Iterable[Notice]) -> str:
    """Return words in which no name and no mail address of a notifier stands."""
    for one in notices:
        for known in (one.email, one.name):
            if len(known.strip()) >= _LEAST_NAME:
                text = re.sub(re.escape(known.strip()), HIDDEN, text, flags=re.IGNORECASE)
    return text
