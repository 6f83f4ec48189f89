# SPDX-License-Identifier: Apache-2.0
"""Removes what of old Snapshots nobody needs: `jobs` alone, where Snapshots are built.

A manifest and its text parts stay while a decision cites them, in the store or
in an archive segment. The hash index of a Snapshot explains no decision (its
record names the list and the distance) and goes soon after another one is in
force: a hash that its owner withdrew must not live on in old files. Doors that
still map it keep it until they let go.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

from django.db.models import Min

from vigie.flow import search_day
from vigie.flow.house import House
from vigie.screening.snapshot_files import (
    INDEX,
    Manifest,
    SnapshotError,
    current_number,
    read_manifest,
)
from vigie.store.models import DecisionRecord, Segment

LAST: Final = 3
"""So many manifests stay with their text parts, whatever their age."""
GRACE_MS: Final = 3_600_000
"""As long a door may take to load another one; drafts of a crash are older."""
LATE_MS: Final = 7 * 86_400_000
"""As late a decision may reach its segment after the Snapshot it cites ended."""
DAY_MS: Final = 86_400_000
INDEX_PARTS: Final = frozenset({INDEX, "index_tail"})


def sweep(house: House) -> int:
    """Remove manifests that no decision cites and parts that nothing needs; return how many.

    While a search stands, nothing is removed.
    """
    if search_day.stops_deletion():
        return 0
    folder = house.settings.snapshots_dir
    manifests = _on_disk(folder)
    if not manifests or max(manifests) < current_number(folder):
        return 0  # the one in force does not read: nothing is known for sure
    ended = _ended(manifests)
    gone = _uncited(house, manifests, ended)
    for number in gone:
        (folder / f"{number}.json").unlink(missing_ok=True)
    left = {number: one for number, one in manifests.items() if number not in gone}
    return len(gone) + _remove_parts(folder, _needed(left, ended, house.now()), house.now())


def _on_disk(folder: Path) -> dict[int, Manifest]:
    """Return every manifest by its number. Raises SnapshotError where one does not read."""
    numbers = sorted(int(path.stem) for path in folder.glob("*.json") if path.stem.isdigit())
    return {number: read_manifest(folder, number) for number in numbers}


def _ended(manifests: Mapping[int, Manifest]) -> dict[int, int]:
    """Return when each Snapshot but the last was followed by another."""
    numbers = sorted(manifests)
    return {number: _ms(manifests[after].at) for number, after in pairwise(numbers)}


def _ms(text: str) -> int:
    try:
        return round(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError as problem:
        raise SnapshotError("A manifest names no time.", diagnostics=str(problem)) from problem


def _uncited(
    house: House, manifests: Mapping[int, Manifest], ended: Mapping[int, int]
) -> frozenset[int]:
    """Return the numbers that no decision can cite any more."""
    limit = house.now() - house.settings.archive_days * DAY_MS - LATE_MS
    # A segment under a hold outlives its term, and with it what it cites.
    oldest = Segment.objects.filter(erased_at__isnull=True).aggregate(at=Min("sealed_at"))["at"]
    if oldest is not None:
        limit = min(limit, oldest - LATE_MS)
    old = {number for number in sorted(manifests)[:-LAST] if ended[number] < limit}
    if not old:
        return frozenset()
    cited = DecisionRecord.objects.order_by().values_list("snapshot", flat=True).distinct()
    return frozenset(old - set(cited))


def _needed(
    manifests: Mapping[int, Manifest], ended: Mapping[int, int], now: int
) -> frozenset[str]:
    """Return the digests that a kept Snapshot still needs."""
    return frozenset(
        digest
        for number, one in manifests.items()
        for name, digest in one.parts.items()
        if name not in INDEX_PARTS or ended.get(number, now) > now - GRACE_MS
    )


def _remove_parts(folder: Path, needed: frozenset[str], now: int) -> int:
    drafts = folder.glob(".index.*")
    gone = [path for path in _children(folder / "parts") if path.name not in needed]
    gone += [path for path in drafts if _is_old(path, now)]
    for path in gone:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return len(gone)


def _children(folder: Path) -> Iterable[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else ()


def _is_old(path: Path, now: int) -> bool:
    return path.stat().st_mtime * 1000 < now - GRACE_MS
