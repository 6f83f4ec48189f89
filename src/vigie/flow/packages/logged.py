# SPDX-License-Identifier: Apache-2.0
"""From the store to what a package shows of the log: openings, proofs, stamps, growth."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from vigie import locks
from vigie.core.errors import UnavailableError, VigieError
from vigie.evidence.contents import LogRecord, Stamp
from vigie.flow import anchors, checkpoints
from vigie.flow.anchoring import parties, witnesses
from vigie.flow.house import House
from vigie.flow.packages import opened
from vigie.ledger.proof import LogProof
from vigie.ledger.tiles import LogFolder, TileTree
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.policy import TrustPolicy
from vigie.store.models import LogEntry, PublishedCheckpoint, RecordKey, TimeAnchor

LOCK: Final = "checkpointer.lock"
WAIT_S: Final = 20.0
QUORUM_S: Final = 5.0
PAUSE_S: Final = 0.05
GROUP: Final = 500
MOST_STAMPS: Final = 12
Own = Callable[[str], bool]


class Opened(NamedTuple):
    """Records in the order of the log, and how many cannot be opened any more."""

    records: list[LogRecord]
    erased: int


def open_records(record_ids: Iterable[str], is_own: Own) -> Opened:
    """Open records as a package shows them, in the order of the log.

    `is_own` says of a record whether it belongs to this package's own order.
    """
    wanted = list(dict.fromkeys(record_ids))
    found: list[LogRecord] = []
    for start in range(0, len(wanted), GROUP):
        found.extend(_open_group(wanted[start : start + GROUP], is_own))
    return Opened(sorted(found, key=lambda one: one.index), len(wanted) - len(found))


def _open_group(wanted: Sequence[str], is_own: Own) -> Iterator[LogRecord]:
    keys = {row.record_id: row for row in RecordKey.objects.filter(record__in=wanted)}
    entries = LogEntry.objects.filter(record__in=wanted).select_related("record")
    for entry in entries:
        key = keys.get(str(entry.record_id))
        if key is None or entry.record is None:
            continue
        yield opened.opening(
            entry.index,
            entry.record.canonical,
            entry.record.kind,
            bytes(key.key),
            key.fields,
            own=is_own(entry.record.record_id),
        )


def cover(house: House, index: int) -> str:
    """Return a checkpoint over an entry, with the lines of the witnesses that answered.

    Signs here where nobody else does; otherwise waits for who does. Raises
    UnavailableError `no_checkpoint` where none came in time.
    """
    try:
        with locks.acquire(house.settings.run_dir / LOCK, address="a package"):
            _sign(house)
            _ask_witnesses(house)
    except locks.HeldError:
        _wait(lambda: _newest(index) is not None, WAIT_S)
    row = _newest(index)
    if row is None:
        raise UnavailableError(
            "No checkpoint covers this yet.", code="no_checkpoint", fix="Try again in a minute."
        )
    wanted = parties.policy(house.settings)
    _wait(lambda: _meets(wanted, row.size), QUORUM_S)
    return anchors.note(row.size) or row.note


def _sign(house: House) -> None:
    try:
        log = checkpoints.open_log(house.settings)
        log.start(house.now())
        checkpoints.publish_checkpoint(log, house)
    except LedgerError as problem:
        raise UnavailableError(
            "The log refuses to sign.", code="log_refuses", diagnostics=problem.message
        ) from problem


def _ask_witnesses(house: House) -> None:
    """Nobody else asks them now; one that does not answer is named as missing."""
    try:
        witnesses.ask_all(house)
    except VigieError:
        return


def _newest(index: int) -> PublishedCheckpoint | None:
    return PublishedCheckpoint.objects.filter(size__gt=index).order_by("-size").first()


def _meets(wanted: TrustPolicy, size: int) -> bool:
    note = anchors.note(size)
    try:
        wanted.accept(note or "")
    except LedgerError:
        return False
    return True


def _wait(ready: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not ready() and time.monotonic() < end:
        time.sleep(PAUSE_S)


def tree(house: House, size: int) -> TileTree:
    """Return the published log at a size."""
    return TileTree(LogFolder(house.settings.log_dir), size)


def proofs(of: TileTree, note: str, records: Sequence[LogRecord]) -> dict[int, str]:
    """Return the proof file of each record in a checkpoint."""
    return {
        one.index: LogProof(one.index, tuple(of.inclusion(one.index)), note).text()
        for one in records
    }


def stamps(of: TileTree, indexes: Sequence[int]) -> list[Stamp]:
    """Return the earliest time stamps over these entries, and the newest there is.

    The earlier a stamp over an entry, the more it says. At most twelve.
    """
    anchored = list(TimeAnchor.objects.filter(size__lte=of.size).order_by("size", "pk"))
    wanted: dict[Any, TimeAnchor] = {one.pk: one for one in anchored[-1:]}
    for index in indexes:
        first = next((one for one in anchored if one.size > index), None)
        if first is not None and len(wanted) < MOST_STAMPS:
            wanted[first.pk] = first
    found = sorted(wanted.values(), key=lambda one: (one.size, one.pk))
    return [_stamp(of, one) for one in found]


def _stamp(of: TileTree, one: TimeAnchor) -> Stamp:
    return Stamp(
        size=one.size,
        response=bytes(one.token),
        chain=one.chain,
        checkpoint=anchors.note(one.size) or "",
        growth=tuple(of.consistency(one.size)) if one.size < of.size else (),
    )
