# SPDX-License-Identifier: Apache-2.0
"""What becomes of a notifier's hashes: they begin, find, and end with their notice.

Each stands in the bank `intimate/claims` while it is followed, so that the doors
see new copies; nothing acts on that bank.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db.models import QuerySet

from vigie.flow import deletion
from vigie.flow.house import House
from vigie.flow.intimate import lists
from vigie.flow.terms import DAY_MS, GROUP
from vigie.flow.transaction import writing
from vigie.screening.matching.base import CLAIMS
from vigie.store.models import (
    BankEntry,
    ClaimState,
    Notice,
    PictureClaim,
    PictureCopy,
    PictureSighting,
)

CLAIM_DAYS: Final = 90
"""So long a hash is followed where its notice is not decided on a copy."""
A_NOTICE: Final = 20
A_DAY: Final = 60
"""Hashes of one notifier that are followed within 24 hours."""
MOST_ACTIVE: Final = 20_000
"""Hashes that are followed at once: more would slow every door's index."""
NO_ITEMS: Final = ""
KEPT_DAYS: Final = 30
"""Claims and what they found are deleted so long after they ended."""


def begin(house: House, notice: Notice) -> list[PictureClaim]:
    """Follow the hashes of a notice. Inside `transaction.writing`.

    What is beyond the notifier's limit of a day, or the doors' own, is kept and not
    followed; the notice itself goes its way all the same.
    """
    now = house.now()
    room = MOST_ACTIVE - active().count()
    left = max(0, min(A_NOTICE, A_DAY - _of_the_day(notice.notifier, now), room))
    rows = [
        PictureClaim(
            notice=notice,
            notifier=notice.notifier,
            pdq=one["pdq"],
            turns=list(one.get("turns", ())),
            quality=one["quality"],
            state=ClaimState.ACTIVE if number < left else ClaimState.OVER,
            at=now,
            ends_at=now + CLAIM_DAYS * DAY_MS,
        )
        for number, one in enumerate(notice.hashes[:A_NOTICE])
    ]
    PictureClaim.objects.bulk_create(rows)
    followed = [row for row in rows if row.state == ClaimState.ACTIVE]
    if followed:
        lists.add_claims(notice, followed, now)
    return rows


def _of_the_day(notifier: str, now: int) -> int:
    """Count what one notifier has had followed in 24 hours; who is unnamed has no history."""
    if not notifier:
        return 0
    mine = PictureClaim.objects.filter(notifier=notifier, at__gt=now - DAY_MS)
    return mine.exclude(state=ClaimState.OVER).count()


def active(notices: Iterable[Notice] | None = None) -> QuerySet[PictureClaim]:
    """Return the claims that are followed now."""
    rows = PictureClaim.objects.filter(state=ClaimState.ACTIVE)
    return rows if notices is None else rows.filter(notice__in=list(notices))


def resume(house: House, notices: Iterable[Notice], since: int) -> int:
    """Follow again what ended with a decision that was taken back.

    Inside `transaction.writing`.
    """
    now = house.now()
    rows = PictureClaim.objects.filter(
        notice__in=list(notices), state=ClaimState.ENDED, ended_at__gte=since, ends_at__gt=now
    )
    found = list(rows.select_related("notice"))
    rows.update(state=ClaimState.ACTIVE, ended_at=None)
    for row in found:
        lists.add_claims(row.notice, [row], now)
    return len(found)


def end(house: House, claims: QuerySet[PictureClaim], state: ClaimState = ClaimState.ENDED) -> int:
    """Follow these no longer; a hash that another notice follows stays listed.

    Inside `transaction.writing`.
    """
    rows = list(claims.filter(state=ClaimState.ACTIVE))
    if not rows:
        return 0
    now = house.now()
    PictureClaim.objects.filter(pk__in=[row.pk for row in rows]).update(state=state, ended_at=now)
    gone = {row.pdq for row in rows}
    gone -= set(active().filter(pdq__in=gone).values_list("pdq", flat=True))
    lists.drop_claims(gone, now)
    return len(rows)


def expire(house: House) -> int:
    """End the claims whose time is over."""
    over = active().filter(ends_at__lte=house.now())
    if not over.exists():
        return 0
    with writing():
        return end(house, over)


def forget(house: House) -> int:
    """Delete claims, their entries and what they found, some weeks after they ended."""
    limit = house.now() - KEPT_DAYS * DAY_MS
    over = PictureClaim.objects.filter(
        state__in=(ClaimState.ENDED, ClaimState.WIDE, ClaimState.OVER), at__lt=limit
    ).exclude(ended_at__gte=limit)
    gone = deletion.expire(over, "notice__items__item_id", GROUP)
    left = PictureCopy.objects.exclude(notice__claims__isnull=False).filter(found_at__lt=limit)
    gone += deletion.expire(left, "item_id", GROUP)
    entries = BankEntry.objects.filter(bank__name=CLAIMS, active=False, added_at__lt=limit)
    gone += deletion.expire(entries, NO_ITEMS, GROUP)
    listed = PictureSighting.objects.filter(listed_at__lt=limit)
    return gone + deletion.expire(listed, "decision__item_id", GROUP)
