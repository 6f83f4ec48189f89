# SPDX-License-Identifier: Apache-2.0
"""What `jobs` does for the victim's path: looks through the past, lists what is new.

The past is what the store holds and every segment of the archive; the future
comes from the doors, which know the claims by the Snapshot. Between the two,
segments that were open when a claim began are looked through until it has settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from vigie.flow.house import House
from vigie.flow.intimate import claims
from vigie.flow.intimate.copies import Asked, Found, archived, best, of_record, recorded
from vigie.flow.intimate.found import list_copies
from vigie.flow.transaction import writing
from vigie.store.models import PictureClaim, PictureSighting, Segment

SEGMENTS: Final = 20
"""Looked through in one turn."""
SETTLED_MS: Final = 600_000
"""After so long every segment that was open when a claim began is sealed."""
SIGHTINGS: Final = 50


def turn(house: House) -> int:
    """Do a little of everything; returns how much was found or looked through."""
    claims.expire(house)
    return follow_sightings(house) + look_back(house)


def look_back(house: House) -> int:
    """Look through the past for the claims that have not seen all of it, all at once."""
    waiting = claims.active().filter(searched_at__isnull=True).order_by("searched_to", "pk")
    first = waiting.first()
    if first is None:
        return 0
    rows = list(waiting.filter(searched_to=first.searched_to).select_related("notice"))
    left = Segment.objects.filter(pk__gt=first.searched_to, erased_at__isnull=True)
    segments = list(left.order_by("pk")[:SEGMENTS])
    fresh = first.searched_to == 0
    if not segments and not fresh:
        return _settle(house, rows)
    asked = asked_of(rows)
    found = list(recorded(asked)) if fresh else []
    found += archived(house, asked, segments)
    _list(house, rows, found)
    last = segments[-1].pk if segments else _newest()
    searched = PictureClaim.objects.filter(pk__in=[claim.pk for claim in rows])
    searched.update(searched_to=max(1, last))
    return 1


def asked_of(rows: Iterable[PictureClaim]) -> Asked:
    """Return the hashes of claims with their turns, under the number of the notice."""
    return Asked((row.notice_id, text) for row in rows for text in (row.pdq, *row.turns))


def _list(house: House, rows: Iterable[PictureClaim], found: Iterable[tuple[int, Found]]) -> None:
    """List what was found with the notices that asked, a notice a transaction."""
    notices = {row.notice_id: row.notice for row in rows}
    mine: dict[int, list[Found]] = {}
    for number, one in found:
        mine.setdefault(number, []).append(one)
    for number, several in mine.items():
        with writing():
            list_copies(house, notices[number], best(several))


def _newest() -> int:
    return Segment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _settle(house: House, asked: Sequence[PictureClaim]) -> int:
    """Note which claims have seen all of the past: no segment of their time can still come."""
    now = house.now()
    done = [claim.pk for claim in asked if claim.at < now - SETTLED_MS]
    return PictureClaim.objects.filter(pk__in=done).update(searched_at=now)


def follow_sightings(house: House) -> int:
    """List new items near a claim with the notice that asked; nothing else happens to them."""
    new = PictureSighting.objects.filter(listed_at__isnull=True).select_related("decision")
    seen = list(new.order_by("pk")[:SIGHTINGS])
    if not seen:
        return 0
    rows = list(claims.active().select_related("notice"))
    asked = asked_of(rows)
    _list(house, rows, [one for row in seen for one in of_record(asked, row.decision)])
    PictureSighting.objects.filter(pk__in=[one.pk for one in seen]).update(listed_at=house.now())
    return len(seen)
