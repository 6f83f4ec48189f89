# SPDX-License-Identifier: Apache-2.0
"""Are these bytes on a list? The same question as the machine door asks of every item."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from vigie.core.decision import Match
from vigie.core.item import Author, Item, MediaFacts, Subject, Surface
from vigie.flow.house import House
from vigie.screening.batch import Batch, Prepared
from vigie.screening.detectors.hash import HashDetector
from vigie.screening.matching.base import BankClass
from vigie.screening.matching.index import HashIndex
from vigie.screening.snapshot import load_index
from vigie.screening.snapshot_files import current_number

_ASKING = Item(id="asked-by-a-person", surface=Surface.POST, author=Author(id="-"))


def matches(house: House, facts: MediaFacts) -> list[Match]:
    """Return what the lists of the Snapshot in force say of a picture or file.

    Digests are asked for even where the bytes could not be read. Raises
    SnapshotError where the index does not load: nothing is shown then.
    """
    folder = house.settings.snapshots_dir
    number = current_number(folder)
    index = _index(folder, number) if number else None
    if index is None:
        return []
    batch = Batch([Prepared(Subject(_ASKING, (facts,)))])
    [signals] = HashDetector(index).detect(batch)
    return [one.match for one in signals if one.match is not None]


def of_class(found: Sequence[Match], cls: BankClass) -> list[Match]:
    """Return the matches of one class, however sure they are."""
    return [one for one in found if one.cls == cls]


@lru_cache(maxsize=2)
def _index(folder: Path, number: int) -> HashIndex | None:
    """Map an index once for a Snapshot; two at most, while one replaces the other."""
    return load_index(folder, number)
