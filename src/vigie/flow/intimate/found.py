# SPDX-License-Identifier: Apache-2.0
"""What the hashes of a notice found: listed for a person, taken along by a person.

Bounded for each notice: one open case, some hundred copies. What is found more
often is widely published, and a person looks at that instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db.models import Max

from vigie.flow.house import House
from vigie.flow.intimate import claims
from vigie.flow.intimate.copies import Found
from vigie.flow.notices.cases import put_before_person
from vigie.flow.notices.form import category_of
from vigie.flow.notices.locate import Place
from vigie.store.models import (
    Case,
    CaseState,
    ClaimState,
    DecisionRecord,
    ItemContent,
    Notice,
    NoticeItem,
    PictureCopy,
)

MOST_COPIES: Final = 200
"""Copies that one notice lists; its hashes are then followed no further."""
MOST_CASES: Final = 5
"""Cases that the finds of one notice open, one after another."""


def list_copies(house: House, notice: Notice, found: Sequence[Found]) -> int:
    """List what was found for a notice; returns how many are new. Inside `writing`.

    The items that the notice names itself are no copies.
    """
    named = set(notice.items.values_list("item_id", flat=True))
    known = set(notice.copies.values_list("service", "item_id"))
    new = [
        one for one in found if one.item_id not in named and (one.service, one.item_id) not in known
    ]
    room = max(0, MOST_COPIES - len(known))
    PictureCopy.objects.bulk_create(_copy(notice, one, house.now()) for one in new[:room])
    if len(new) > room:
        claims.end(house, claims.active([notice]), ClaimState.WIDE)
    if new[:room]:
        _ensure_case(house, notice)
    return len(new[:room])


def _copy(notice: Notice, one: Found, now: int) -> PictureCopy:
    return PictureCopy(
        notice=notice,
        service=one.service,
        item_id=one.item_id,
        version=one.version,
        decision_id=one.decision,
        author=one.author,
        surface=one.surface,
        language=one.language,
        media=list(one.media),
        pdq=one.pdq,
        distance=one.distance,
        seen_at=one.seen_at,
        found_at=now,
    )


def _ensure_case(house: House, notice: Notice) -> None:
    """Put the nearest copy before a person where nothing of the notice waits for one."""
    items = NoticeItem.objects.filter(notice=notice)
    if items.filter(case__state=CaseState.OPEN).exists():
        return
    taken = PictureCopy.objects.filter(notice=notice, notice_item__isnull=False).count()
    nearest = notice.copies.filter(notice_item__isnull=True).order_by("distance", "pk").first()
    if nearest is None:
        return
    if taken >= MOST_CASES:
        claims.end(house, claims.active([notice]), ClaimState.WIDE)
        return
    take_along(house, nearest)


def take_along(house: House, copy: PictureCopy) -> Case:
    """Make a copy a location of its notice, with a case of its own. Inside `writing`."""
    now = house.now()
    last = NoticeItem.objects.filter(notice=copy.notice).aggregate(last=Max("position"))["last"]
    location = _address(copy)
    item = NoticeItem.objects.create(
        notice=copy.notice,
        position=0 if last is None else last + 1,
        location=location,
        item_id=copy.item_id,
    )
    place = Place(location, copy.service, copy.item_id, known=True)
    case = put_before_person(
        house, item, place, category_of(copy.notice.category), now, seen=_seen(copy)
    )
    copy.notice_item = item
    copy.save(update_fields=["notice_item"])
    return case


def _address(copy: PictureCopy) -> str:
    content = ItemContent.objects.filter(service=copy.service, item_id=copy.item_id)
    return content.order_by("-version").values_list("url", flat=True).first() or copy.item_id


def _seen(copy: PictureCopy) -> DecisionRecord:
    """Return what the archive says of an item of which the store holds no record."""
    return DecisionRecord(
        service=copy.service,
        item_id=copy.item_id,
        version=copy.version,
        author=copy.author,
        surface=copy.surface,
        language=copy.language,
        media=copy.media,
        has_content=False,
    )
