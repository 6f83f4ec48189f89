# SPDX-License-Identifier: Apache-2.0
"""Publishing a Snapshot: changed parts, then the manifest, then `CURRENT`.

`jobs` alone does this. Files are durable before the store says that they are
there; after a crash in between the next number is taken.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Final

import msgspec
import structlog
from django.db.models import Max

from vigie.core.clock import iso
from vigie.core.errors import VigieError
from vigie.flow import snapshot_index
from vigie.flow.gateway import timeline
from vigie.flow.house import House
from vigie.flow.snapshot_parts import BUILDERS, build, labels, mark_dirty
from vigie.flow.transaction import writing
from vigie.screening.policy import ActivePolicy, PolicySet
from vigie.screening.snapshot import LIGHT
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

log = structlog.get_logger(__name__)
INDEX_TAIL: Final = "index_tail"
TOGETHER: Final = frozenset(
    {SnapshotPart.POLICIES, SnapshotPart.LAW, SnapshotPart.LEXICONS, SnapshotPart.DOMAINS}
)
"""Parts that must fit each other, or a door refuses the whole."""
LIGHT_PARTS: Final = frozenset(map(SnapshotPart, LIGHT))
"""Parts that are built in no time and that a door takes up in none."""
PUBLISHING: Final = threading.Lock()
"""Held by whoever puts a Snapshot in force or sweeps old ones: `jobs` does both in threads."""
_held: Final[dict[str, int]] = {}
"""What was marked, with revisions, when these parts last did not fit."""
GIVEN: Final = (SnapshotPart.LAW, SnapshotPart.LEXICONS, SnapshotPart.OPERATOR)
"""Parts that come from the package, the folder and the settings too."""


def publish_snapshot(
    house: House, *, everything: bool = False, only: Container[str] | None = None
) -> int | None:
    """Build what changed and put a new Snapshot in force; None where nothing did.

    The first one, and `everything`, build all parts. Policies, law and lists
    that do not fit each other stay as they were, and stay marked; the rest goes
    on. `only`: nothing but these parts. Small parts are built last, when nobody
    else publishes, so that a brake need not wait while a large one is built.
    """
    folder = house.settings.snapshots_dir
    before = _in_force(folder)
    if before is None and only is not None:
        return None
    dirty = {row.part: row.revision for row in DirtyPart.objects.all()}
    wanted = {SnapshotPart(part) for part in dirty if only is None or part in only}
    if before is None or everything:
        wanted = set(SnapshotPart)
    if before is not None and wanted & TOGETHER and not _fits(house, dirty):
        # Keys and lists must not wait for policies that no door could load.
        wanted -= TOGETHER
    if not wanted:
        return None
    parts = dict(before.parts) if before is not None else {}
    built = _built(house, sorted(wanted & set(BUILDERS) - LIGHT_PARTS))
    until = None
    if SnapshotPart.INDEX in wanted:
        index, until = _index(folder, has_base=INDEX in parts)
        built |= index
    done = {name: revision for name, revision in dirty.items() if SnapshotPart(name) in wanted}
    with PUBLISHING:
        now = _in_force(folder)  # another thread may have published small parts meanwhile
        parts |= now.parts if now is not None else {}
        parts |= built | _built(house, sorted(wanted & LIGHT_PARTS))
        number = _publish(house, folder, parts, _index_until() if until is None else until, done)
    if SnapshotPart.BRAKES in wanted:
        timeline.mark_in_force(house, number)
    return number


def _built(house: House, parts: Iterable[SnapshotPart]) -> dict[str, str]:
    """Build parts and store them; return their digests."""
    folder = house.settings.snapshots_dir
    return {part.value: write_part(folder, build(part, house)) for part in parts}


def _fits(house: House, dirty: dict[str, int]) -> bool:
    """Say whether policies, law and lists in force fit each other; asked once a change."""
    changed = {name: n for name, n in dirty.items() if SnapshotPart(name) in TOGETHER}
    if changed and changed == _held:
        return False
    _held.clear()
    try:
        active = msgspec.json.decode(build(SnapshotPart.POLICIES, house), type=list[ActivePolicy])
        PolicySet(active, labels(house), house.law)
    except VigieError as problem:
        log.error("snapshot_part_held", code=problem.code, field=problem.field)  # noqa: TRY400
        _held.update(changed)
        return False
    return True


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


def _index(folder: Path, *, has_base: bool) -> tuple[dict[str, str], int]:
    """Build the hash index's base and tail; return their digests and what the base holds."""
    built = snapshot_index.build(folder, has_base=has_base, until=_index_until())
    parts = {INDEX_TAIL: write_part(folder, built.tail)}
    if built.base is not None:
        parts[INDEX] = built.base
    return parts, built.until


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
