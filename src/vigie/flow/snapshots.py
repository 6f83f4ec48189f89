# SPDX-License-Identifier: Apache-2.0
"""Publishing a Snapshot: changed parts, then the manifest, then `CURRENT`.

`jobs` alone does this. Files are durable before the store says that they are
there; after a crash in between the next number is taken.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import msgspec
from django.db.models import Max

from vigie.core.clock import iso
from vigie.flow import snapshot_index
from vigie.flow.house import House
from vigie.flow.snapshot_parts import BUILDERS, build, mark_dirty
from vigie.flow.transaction import writing
from vigie.screening.snapshot_files import (
    INDEX,
    Manifest,
    SnapshotError,
    current_number,
    read_manifest,
    write_manifest,
    write_part,
)
from vigie.store.models import DirtyPart, SnapshotPart, SnapshotRow

INDEX_TAIL: Final = "index_tail"
GIVEN: Final = (SnapshotPart.LAW, SnapshotPart.LEXICONS, SnapshotPart.OPERATOR)
"""Parts that come from the package, the folder and the settings too."""


def publish_snapshot(house: House, *, everything: bool = False) -> int | None:
    """Build what changed and put a new Snapshot in force; None where nothing did.

    The first one, and `everything`, build all parts.
    """
    folder = house.settings.snapshots_dir
    before = _in_force(folder)
    dirty = {row.part: row.revision for row in DirtyPart.objects.all()}
    if before is None or everything:
        wanted = set(SnapshotPart)
    else:
        wanted = {SnapshotPart(part) for part in dirty}
    if not wanted:
        return None
    parts = dict(before.parts) if before is not None else {}
    for part in sorted(wanted & set(BUILDERS)):
        parts[part.value] = write_part(folder, build(part, house))
    until = _index(folder, parts) if SnapshotPart.INDEX in wanted else _index_until()
    return _publish(house, folder, parts, until, dirty)


def mark_changed(house: House) -> list[str]:
    """Mark the parts that no verb changes and that differ from what is in force.

    Law packs, shipped word lists and the countries served come with the
    package, the folder and the settings: whoever starts `jobs` asks once.
    """
    before = _in_force(house.settings.snapshots_dir)
    if before is None:
        return []
    changed = [part for part in GIVEN if before.parts.get(part.value) != _digest(part, house)]
    with writing():
        for part in changed:
            mark_dirty(part, house.now())
    return [part.value for part in changed]


def _digest(part: SnapshotPart, house: House) -> str:
    return hashlib.sha256(build(part, house)).hexdigest()


def _in_force(folder: Path) -> Manifest | None:
    """Return the manifest in force; None before the first, or where it is damaged."""
    number = current_number(folder)
    try:
        return read_manifest(folder, number) if number else None
    except SnapshotError:
        return None


def _index(folder: Path, parts: dict[str, str]) -> int:
    """Put the hash index's base and tail among the parts; return what the base holds."""
    built = snapshot_index.build(folder, has_base=INDEX in parts, until=_index_until())
    if built.base is not None:
        parts[INDEX] = built.base
    parts[INDEX_TAIL] = write_part(folder, built.tail)
    return built.until


def _index_until() -> int:
    newest = SnapshotRow.objects.order_by("-number").values_list("index_until", flat=True)
    return newest.first() or 0


def _publish(
    house: House, folder: Path, parts: dict[str, str], until: int, dirty: dict[str, int]
) -> int:
    now = house.now()
    known = SnapshotRow.objects.aggregate(last=Max("number"))["last"] or 0
    number = max(known, current_number(folder), _highest(folder)) + 1
    manifest = Manifest(number=number, at=iso(now), parts=parts)
    write_manifest(folder, manifest)
    with writing():
        SnapshotRow.objects.create(
            number=number, manifest=msgspec.to_builtins(manifest), at=now, index_until=until
        )
        for part, revision in dirty.items():
            # A change that came while we built has a higher revision and stays.
            DirtyPart.objects.filter(part=part, revision=revision).delete()
    return number


def _highest(folder: Path) -> int:
    """Return the highest number that was ever written here."""
    found = [int(p.stem) for p in folder.glob("*.json") if p.stem.isdigit()]
    return max(found, default=0)
