# SPDX-License-Identifier: Apache-2.0
"""Publishing checkpoints, and saying which promises they kept."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from django.db.models import Max

from vigie import keys
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.ledger.log import Log
from vigie.ledger.note import Signer
from vigie.settings import Settings
from vigie.store.models import BrokenPromise, LogEntry, PublishedCheckpoint

BROKEN_RECORD: Final = "promise.broken"
LATE: Final = "The entry reached a checkpoint after the promised time."
_MOST_AT_ONCE: Final = 200


class StoreSource:
    """The log's entries as they are committed in the store."""

    def size(self) -> int:
        """Return how many entries are committed."""
        last = LogEntry.objects.aggregate(last=Max("index"))["last"]
        return 0 if last is None else last + 1

    def read(self, start: int, stop: int) -> list[bytes]:
        """Return entries start to stop."""
        rows = LogEntry.objects.filter(index__gte=start, index__lt=stop).order_by("index")
        return [bytes(entry) for entry in rows.values_list("entry", flat=True)]


class Published(NamedTuple):
    """What a checkpoint covered."""

    size: int
    waited: list[int]
    """Milliseconds from answer to checkpoint, of each new entry."""
    broken: int
    """Promises that it kept too late."""


def open_log(settings: Settings) -> Log:
    """Return the publisher of the log, ready for `start`.

    The caller holds the lock of the checkpointer: only one process signs.
    """
    seed = keys.read(settings.keys_dir, keys.KeyName.LOG)
    return Log(
        settings.data_dir / "log",
        state_folder(settings),
        [Signer(settings.log_origin, seed)],
        StoreSource(),
    )


def state_folder(settings: Settings) -> Path:
    """Return where the log remembers what it signed, apart from the store."""
    return settings.data_dir / "log-state"


def publish_checkpoint(log: Log, house: House) -> Published | None:
    """Sign what was committed since, then record which promises came too late.

    None where nothing is new. Raises RollbackRefused where the store contradicts
    an earlier signature: nothing is signed then.
    """
    now = house.now()
    made = log.publish(now)
    if made is None:
        return None
    # From what the store knows, not the log: a crash before the next lines then
    # leaves no promise unlooked at.
    before = PublishedCheckpoint.objects.aggregate(last=Max("size"))["last"] or 0
    new = LogEntry.objects.filter(index__gte=before, index__lt=made.size)
    waited = [max(0, now - since) for since in new.values_list("since", flat=True)]
    broken = _record_broken(before, made.size, now)
    with writing():
        note = (log.note or b"").decode()
        PublishedCheckpoint.objects.get_or_create(
            size=made.size, defaults={"root": made.root.hex(), "note": note, "at": now}
        )
    return Published(made.size, waited, broken)


def _record_broken(first: int, size: int, now: int) -> int:
    """Record each promise whose term passed before this checkpoint."""
    late = LogEntry.objects.filter(index__gte=first, index__lt=size, promised_until__lt=now)
    known = BrokenPromise.objects.filter(log_index__gte=first).values_list("log_index", flat=True)
    found = list(late.exclude(index__in=list(known)).order_by("index"))
    for start in range(0, len(found), _MOST_AT_ONCE):
        with writing():
            _record(found[start : start + _MOST_AT_ONCE], now)
    return len(found)


def _record(entries: list[LogEntry], now: int) -> None:
    drafts = [
        records.draft(
            BROKEN_RECORD,
            now,
            {"index": e.index, "not_after": e.promised_until, "kept_at": now, "why": LATE},
        )
        for e in entries
    ]
    records.append(drafts)
    BrokenPromise.objects.bulk_create(
        BrokenPromise(
            log_index=entry.index,
            not_after=entry.promised_until or 0,
            kept_at=now,
            reason=LATE,
            record_id=one.record_id,
        )
        for entry, one in zip(entries, drafts, strict=True)
    )
