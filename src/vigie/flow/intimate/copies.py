# SPDX-License-Identifier: Apache-2.0
"""Copies of a claimed picture among what was screened: the store's decisions and the archive.

Compared bit by bit in `jobs`, never in the web process; nothing near is missed.
Limits: an item whose medium was given by address only has no hash to compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vigie.flow.house import House
from vigie.screening.matching.pdq import PDQ, RADIUS
from vigie.screening.matching.scan import Planes, scan
from vigie.store.models import DecisionRecord, Segment

PREFIX: Final = "pdq:"
CHILD: Final = "child"
GROUP: Final = 2_000
_COLUMNS: Final = (
    "number", "service", "item_id", "version", "author", "surface", "language", "at", "media",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One item with a picture near what was asked for."""

    service: str
    item_id: str
    version: int
    author: str
    surface: str
    language: str
    media: tuple[str, ...]
    pdq: str
    distance: int
    seen_at: int
    decision: int | None
    """Number of the recorded decision; None: it stands in the archive alone."""


def find(
    house: House, hashes: Sequence[str], *, segments: Iterable[Segment] | None = None
) -> list[Found]:
    """Return the items with a picture within 31 bits of any of the hashes, nearest first.

    Of an item's versions the newest. Without `segments`: all of the archive.
    """
    if not hashes:
        return []
    asked = Planes.of([PDQ.validate(one) for one in hashes])
    rows = [*recorded(asked), *archived(house, asked, segments)]
    best: dict[tuple[str, str], Found] = {}
    for one in rows:
        known = best.get((one.service, one.item_id))
        if known is None or _better(one, known):
            best[one.service, one.item_id] = one
    return sorted(best.values(), key=lambda one: (one.distance, one.service, one.item_id))


def _better(one: Found, other: Found) -> bool:
    """Prefer the newer version, then what the store holds, then the nearer picture."""
    return (one.version, one.decision is not None, -one.distance) > (
        other.version,
        other.decision is not None,
        -other.distance,
    )


def recorded(asked: Planes) -> Iterator[Found]:
    """Yield what the store's own decisions hold."""
    rows = DecisionRecord.objects.filter(
        duplicate_of__isnull=True, superseded_by__isnull=True, stale=False
    )
    rows = rows.exclude(cls=CHILD).exclude(media=[]).order_by("number")
    group: list[dict[str, Any]] = []
    for row in rows.values(*_COLUMNS).iterator(chunk_size=GROUP):
        group.append(row)
        if len(group) >= GROUP:
            yield from _near(asked, group)
            group = []
    yield from _near(asked, group)


def _near(asked: Planes, rows: Sequence[dict[str, Any]]) -> Iterator[Found]:
    pairs = [
        (row, text.removeprefix(PREFIX))
        for row in rows
        for text in row["media"]
        if text.startswith(PREFIX)
    ]
    values = [bytes.fromhex(text) for _, text in pairs]
    for place, distance in near(asked, values):
        row, text = pairs[place]
        yield _found(row, text, distance, row["number"])


def near(asked: Planes, values: Sequence[bytes]) -> list[tuple[int, int]]:
    """Return the place and least distance of each value within 31 bits of what is asked."""
    if not values:
        return []
    met = scan(Planes.of(values), asked, RADIUS)
    least = np.full(len(values), RADIUS + 1, dtype=np.uint16)
    np.minimum.at(least, met.row, met.distance)
    return [(int(place), int(least[place])) for place in np.unique(met.row)]


def _found(row: dict[str, Any], pdq: str, distance: int, number: int | None) -> Found:
    return Found(
        service=row["service"],
        item_id=row["item_id"],
        version=row["version"],
        author=row["author"] or "",
        surface=row["surface"] or "",
        language=row["language"] or "",
        media=tuple(row["media"]),
        pdq=pdq,
        distance=distance,
        seen_at=row["at"],
        decision=number,
    )


def archived(
    house: House, asked: Planes, segments: Iterable[Segment] | None = None
) -> Iterator[Found]:
    """Yield what archive segments hold that were not erased."""
    from vigie.journal import archive_media  # noqa: PLC0415 - pyarrow stays out of the doors

    chosen = Segment.objects.filter(erased_at__isnull=True) if segments is None else segments
    for segment in chosen:
        path = house.settings.archive_dir / segment.file
        if not path.exists():
            continue
        for batch in archive_media.pictures(path):
            met = near(asked, batch.values)
            for row, (place, distance) in zip(
                batch.rows([place for place, _ in met]), met, strict=True
            ):
                if row["cls"] != CHILD:
                    yield _found(row, batch.values[place].hex(), distance, None)
