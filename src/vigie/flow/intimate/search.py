# SPDX-License-Identifier: Apache-2.0
"""What `jobs` does for the victim's path: looks through the past, lists what is new.

The past is what the store holds and every segment of the archive; the future
comes from the doors, which know the claims by the Snapshot. Between the two,
segments that were open when a claim began are looked through until it has settled.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final

from vigie.flow.house import House
from vigie.flow.intimate import claims
from vigie.flow.intimate.copies import Found, archived, near, recorded
from vigie.flow.intimate.found import list_copies
from vigie.flow.transaction import writing
from vigie.screening.matching.pdq import PDQ
from vigie.screening.matching.scan import Planes
from vigie.store.models import (
    DecisionRecord,
    Notice,
    PictureClaim,
    PictureSighting,
    Segment,
)

SEGMENTS: Final = 20
"""Looked through in one turn."""
SETTLED_MS: Final = 600_000
"""After so long every segment that was open when a claim began is sealed."""
SIGHTINGS: Final = 50
PREFIX: Final = "pdq:"


def turn(house: House) -> int:
    """Do a little of everything; returns how much was found or looked through."""
    claims.expire(house)
    return follow_sightings(house) + look_back(house)


def look_back(house: House) -> int:
    """Look through the past for the claims that have not seen all of it."""
    waiting = claims.active().filter(searched_at__isnull=True).order_by("searched_to", "pk")
    first = waiting.first()
    if first is None:
        return 0
    asked = list(waiting.filter(searched_to=first.searched_to).select_related("notice"))
    segments = list(
        Segment.objects.filter(pk__gt=first.searched_to, erased_at__isnull=True).order_by("pk")[
            :SEGMENTS
        ]
    )
    fresh = first.searched_to == 0
    if not segments and not fresh:
        return _settle(house, asked)
    for notice in {claim.notice_id: claim.notice for claim in asked}.values():
        mine = [claim for claim in asked if claim.notice_id == notice.pk]
        found = _search(house, mine, segments, fresh=fresh)
        if found:
            with writing():
                list_copies(house, notice, found)
    last = segments[-1].pk if segments else _newest()
    PictureClaim.objects.filter(pk__in=[claim.pk for claim in asked]).update(
        searched_to=max(1, last)
    )
    return 1


def _newest() -> int:
    return Segment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _settle(house: House, asked: Sequence[PictureClaim]) -> int:
    """Note which claims have seen all of the past: no segment of their time can still come."""
    now = house.now()
    done = [claim.pk for claim in asked if claim.at < now - SETTLED_MS]
    return PictureClaim.objects.filter(pk__in=done).update(searched_at=now)


def planes_of(asked: Sequence[PictureClaim]) -> Planes:
    """Return the hashes of claims, each with its turns."""
    return Planes.of([PDQ.validate(text) for one in asked for text in (one.pdq, *one.turns)])


def _search(
    house: House, asked: Sequence[PictureClaim], segments: Sequence[Segment], *, fresh: bool
) -> list[Found]:
    planes = planes_of(asked)
    found = list(recorded(planes)) if fresh else []
    found += archived(house, planes, segments)
    best: dict[tuple[str, str], Found] = {}
    for one in found:
        known = best.get((one.service, one.item_id))
        if known is None or (one.version, one.decision or 0) > (known.version, known.decision or 0):
            best[one.service, one.item_id] = one
    return sorted(best.values(), key=lambda one: one.distance)


def follow_sightings(house: House) -> int:
    """List new items near a claim with the notice that asked; nothing else happens to them."""
    rows = PictureSighting.objects.filter(listed_at__isnull=True).select_related("decision")
    seen = list(islice(rows.order_by("pk"), SIGHTINGS))
    if not seen:
        return 0
    asked = list(claims.active().select_related("notice"))
    with writing():
        for sighting in seen:
            for notice, found in _asking(asked, sighting.decision):
                list_copies(house, notice, [found])
        PictureSighting.objects.filter(pk__in=[one.pk for one in seen]).update(
            listed_at=house.now()
        )
    return len(seen)


def _asking(asked: Sequence[PictureClaim], row: DecisionRecord) -> list[tuple[Notice, Found]]:
    """Return the notices whose claims are near one of the item's pictures."""
    texts = [one.removeprefix(PREFIX) for one in row.media if one.startswith(PREFIX)]
    values = [bytes.fromhex(text) for text in texts]
    found = []
    by_notice: dict[int, list[PictureClaim]] = {}
    for claim in asked:
        by_notice.setdefault(claim.notice_id, []).append(claim)
    for mine in by_notice.values():
        met = min(near(planes_of(mine), values), key=lambda one: one[1], default=None)
        if met is not None:
            found.append((mine[0].notice, _found(row, texts[met[0]], met[1])))
    return found


def _found(row: DecisionRecord, pdq: str, distance: int) -> Found:
    return Found(
        service=row.service,
        item_id=row.item_id,
        version=row.version,
        author=row.author,
        surface=row.surface,
        language=row.language,
        media=tuple(row.media),
        pdq=pdq,
        distance=distance,
        seen_at=row.at,
        decision=row.number,
    )
