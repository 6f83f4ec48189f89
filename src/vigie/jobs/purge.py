# SPDX-License-Identifier: Apache-2.0
"""Finishing an erasure: what the journals still held, and the files behind it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from vigie.core.errors import ConflictError
from vigie.flow import deletion
from vigie.flow.deletion import Subject
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.jobs import wal
from vigie.journal.reader import Reader
from vigie.journal.rows import Kind, decode
from vigie.store.models import ErasureSubject, PendingPurge

GROUP: Final = 2_000
TRIES: Final = 50
WAIT_S: Final = 0.1


def waiting() -> list[PendingPurge]:
    """Return the erasures that journals still wait for; one under a hold waits on."""
    return [one for one in PendingPurge.objects.order_by("pk") if not _is_held(one)]


def _is_held(asked: PendingPurge) -> bool:
    try:
        deletion.check_holds(_subject(asked))
    except ConflictError:
        return True
    return False


def _subject(asked: PendingPurge) -> Subject:
    return Subject(
        kind=ErasureSubject(asked.subject),
        service=asked.service,
        item_id=asked.item_id,
        author=asked.author,
        besides=tuple(asked.besides),
    )


def finish(asked: PendingPurge, house: House, readers: Iterable[Reader]) -> int:
    """Erase a subject from the journals, again from the store, and from the WAL files.

    The caller has folded and sealed everything before; returns journal rows.
    Raises ConflictError, before anything went, where a hold was placed meanwhile.
    """
    subject = _subject(asked)
    with writing():
        deletion.erase(subject, house.now(), basis=asked.basis, by=asked.requested_by)
    held = list(readers)
    # A kept answer may name decisions of another writer: every journal is asked.
    names = {name for reader in held for name in _decisions(reader, subject)}
    gone = sum(reader.delete_decision(name) for reader in held for name in sorted(names))
    asked.delete()
    for reader in held:
        _until(reader.truncate_wal)
    _until(wal.scrub_store)
    return gone


def _decisions(reader: Reader, subject: Subject) -> Iterator[str]:
    """Yield the decisions about the subject that a journal holds."""
    after = 0
    while rows := reader.read(after, GROUP):
        for row in rows:
            if row.kind != Kind.DECISION.value:
                continue
            body = decode(row)
            if body.service != subject.service:
                continue
            if subject.kind is ErasureSubject.ITEM:
                matches = body.item_id == subject.item_id
            else:
                matches = body.author == subject.author
            if matches:
                yield body.decision_id
        after = rows[-1].seq


def _until(done: Callable[[], bool]) -> None:
    """Try again while readers are in the way; they never stay long."""
    for _ in range(TRIES):
        if done():
            return
        time.sleep(WAIT_S)
