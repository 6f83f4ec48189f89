# SPDX-License-Identifier: Apache-2.0
"""The checkpoints of a search: one over its first record, one over its last.

Where a server runs, it signs within a second and this waits for it; where none
does, whoever opened the search signs here. A search stands whether or not a
checkpoint could be published: what is missing is said, never pretended.
"""

from __future__ import annotations

import time
from typing import Final

import structlog

from vigie import locks
from vigie.core.errors import VigieError
from vigie.flow import checkpoints
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.ledger.verify.errors import LedgerError
from vigie.store.models import LogEntry, PublishedCheckpoint, SearchDay

LOCK: Final = "checkpointer.lock"
"""Of whoever signs: one process only."""
WAIT_S: Final = 5.0
PAUSE_S: Final = 0.1
log = structlog.get_logger(__name__)


def publish(house: House, search: SearchDay) -> bool:
    """Publish a checkpoint over all that is recorded of a search; False where none came yet.

    Outside a transaction. A log that refuses to sign, a key that is missing or a disk
    that is full have alarms of their own; the record of the search must not depend
    on them.
    """
    try:
        with locks.acquire(house.settings.run_dir / LOCK, address="a search"):
            _sign(house)
    except locks.HeldError:
        _wait(search)
    except (LedgerError, VigieError, OSError, ValueError) as problem:
        log.error("checkpoint_refused", kind=type(problem).__name__)  # noqa: TRY400
    return settle(search)


def _sign(house: House) -> None:
    ledger = checkpoints.open_log(house.settings)
    ledger.start(house.now())
    checkpoints.publish_checkpoint(ledger, house)


def _wait(search: SearchDay) -> None:
    """Give the process that signs its time."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end and covering(_last(search)) is None:
        time.sleep(PAUSE_S)


def settle(search: SearchDay) -> bool:
    """Write down the checkpoints that came since; True once all that is due is there."""
    found = {}
    if not search.checkpoint_open and (note := covering(_first(search))):
        found["checkpoint_open"] = note
    closed = search.closing_id is not None
    if closed and not search.checkpoint_close and (note := covering(_last(search))):
        found["checkpoint_close"] = note
    if found:
        with writing():
            SearchDay.objects.filter(pk=search.pk).update(**found)
        for name, note in found.items():
            setattr(search, name, note)
    return bool(search.checkpoint_open) and (not closed or bool(search.checkpoint_close))


def covering(index: int | None) -> str | None:
    """Return the first signed note that covers an entry."""
    if index is None:
        return None
    made = PublishedCheckpoint.objects.filter(size__gt=index).order_by("size").first()
    return made.note if made is not None else None


def _first(search: SearchDay) -> int | None:
    return _index(search.record_id)


def _last(search: SearchDay) -> int | None:
    """Return the entry that has to be covered now: the closing one, or the first."""
    return _index(search.closing_id or search.record_id)


def _index(record: str) -> int | None:
    found = LogEntry.objects.filter(record=record).values_list("index", flat=True).first()
    return None if found is None else int(found)
