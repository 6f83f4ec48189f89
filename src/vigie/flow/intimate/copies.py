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


class Asked:
    """Hashes that are looked for, each with whose it is; built once for many items."""

    def __init__(self, hashes: Iterable[tuple[int, str]]) -> None:
        rows = list(hashes)
        self.owners = np.array([owner for owner, _ in rows], dtype=np.int64)
        self.planes = Planes.of([PDQ.validate(text) for _, text in rows])

    def near(self, values: Sequence[bytes]) -> dict[tuple[int, int], int]:
        """Return the least distance of each value (by place) to each owner's hashes."""
        if not values or not self.owners.size:
            return {}
        given = Planes.of(list(values))
        # Of the two sides the longer one is compared in one stroke.
        if len(values) >= self.owners.size:
            met = scan(given, self.planes, RADIUS)
            places, owners = met.row, self.owners[met.query]
        else:
            met = scan(self.planes, given, RADIUS)
            places, owners = met.query, self.owners[met.row]
        least: dict[tuple[int, int], int] = {}
        for place, owner, distance in zip(
            places.tolist(), owners.tolist(), met.distance.tolist(), strict=True
        ):
            least[place, owner] = min(distance, least.get((place, owner), distance))
        return least


def find(
    house: House, hashes: Sequence[str], *, segments: Iterable[Segment] | None = None
) -> list[Found]:
    """Return the items with a picture within 31 bits of any of the hashes, nearest first.

    Of an item's versions the newest. Without `segments`: all of the archive.
    """
    if not hashes:
        return []
    asked = Asked((0, one) for one in hashes)
    return best(one for _, one in (*recorded(asked), *archived(house, asked, segments)))


def best(rows: Iterable[Found]) -> list[Found]:
    """Return one find an item, the nearest items first."""
    kept: dict[tuple[str, str], Found] = {}
    for one in rows:
        known = kept.get((one.service, one.item_id))
        if known is None or _better(one, known):
            kept[one.service, one.item_id] = one
    return sorted(kept.values(), key=lambda one: (one.distance, one.service, one.item_id))


def _better(one: Found, other: Found) -> bool:
    """Prefer the newer version, then what the store holds, then the nearer picture."""
    return (one.version, one.decision is not None, -one.distance) > (
        other.version,
        other.decision is not None,
        -other.distance,
    )


def recorded(asked: Asked) -> Iterator[tuple[int, Found]]:
    """Yield what the store's own decisions hold, each with who asked."""
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


def _near(asked: Asked, rows: Sequence[dict[str, Any]]) -> Iterator[tuple[int, Found]]:
    pairs = [
        (row, text.removeprefix(PREFIX))
        for row in rows
        for text in row["media"]
        if text.startswith(PREFIX)
    ]
    values = [bytes.fromhex(text) for _, text in pairs]
    for (place, owner), distance in asked.near(values).items():
        row, text = pairs[place]
        yield owner, _found(row, text, distance, row["number"])


def of_record(asked: Asked, row: DecisionRecord) -> Iterator[tuple[int, Found]]:
    """Yield what one recorded decision holds of what is asked."""
    values = {name: getattr(row, name) for name in _COLUMNS}
    return _near(asked, [values])


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
    house: House, asked: Asked, segments: Iterable[Segment] | None = None
) -> Iterator[tuple[int, Found]]:
    """Yield what archive segments hold that were not erased, each with who asked."""
    from vigie.journal import archive_media  # noqa: PLC0415 - pyarrow stays out of the doors

    chosen = Segment.objects.filter(erased_at__isnull=True) if segments is None else segments
    for segment in chosen:
        path = house.settings.archive_dir / segment.file
        if not path.exists():
            continue
        for batch in archive_media.pictures(path):
            met = list(asked.near(batch.values).items())
            rows = batch.rows([place for (place, _), _ in met])
            for row, ((place, owner), distance) in zip(rows, met, strict=True):
                if row["cls"] != CHILD:
                    yield owner, _found(row, batch.values[place].hex(), distance, None)
