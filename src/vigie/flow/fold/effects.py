# SPDX-License-Identifier: Apache-2.0
"""The first consumer: decisions with an effect, reviews, the sample, confirmations."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import structlog
from django.db import DataError, IntegrityError

from vigie.flow.confirm_effect import apply_confirmation
from vigie.flow.fold import exchanges, write
from vigie.flow.fold.incoming import Batch, sort_rows
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.journal.reader import Reader
from vigie.journal.rows import Row
from vigie.store.models import FoldConsumer

MAX_ROWS: Final = 4_000
"""Most journal rows looked at for one transaction; most of them are harmless."""
PAUSE_S: Final = 0.010
"""Between transactions: a person's write then waits 12 ms at p95, not 180."""
log = structlog.get_logger(__name__)


class Folded(NamedTuple):
    """What one step took."""

    rows: int
    recorded: int
    """New decisions."""
    oldest: int
    """Time of the first row taken; 0 where there was none."""


NOTHING: Final = Folded(0, 0, 0)


def fold_step(reader: Reader, house: House) -> Folded:
    """Take the next rows of a journal in one transaction."""
    after = write.position(reader.writer, FoldConsumer.EFFECT)
    rows = reader.read(after, MAX_ROWS)
    batch = sort_rows(reader.writer, after, rows, more=len(rows) == MAX_ROWS)
    if not batch.rows:
        return NOTHING
    try:
        return _commit(batch, house)
    except (DataError, IntegrityError):
        return _one_by_one(reader, after, rows, house)


def _commit(batch: Batch, house: House) -> Folded:
    drafts = write.make_ready(batch, house)
    with writing():
        recorded = write.write(batch, drafts, house, house.now())
        for seq, confirmation, at in batch.confirmations:
            apply_confirmation(confirmation, at, source=f"{batch.writer}:{seq}")
        exchanges.write(batch, house)
    return Folded(batch.rows, recorded, batch.oldest)


def _one_by_one(reader: Reader, after: int, rows: Sequence[Row], house: House) -> Folded:
    """Take a batch that the database refused item by item, so that one stops no others.

    What cannot be written keeps its record and its entry (a receipt promised
    it) and is counted; a person must look.
    """
    batch = sort_rows(reader.writer, after, rows, more=len(rows) == MAX_ROWS, most=1)
    try:
        return _commit(batch, house)
    except (DataError, IntegrityError) as problem:
        kind = type(problem).__name__
        log.error("fold_row_refused", writer=batch.writer, seq=batch.until, kind=kind)  # noqa: TRY400
        with writing():
            write.write_bare(batch, house.now(), kind)
        return Folded(batch.rows, 0, batch.oldest)


def fold(reader: Reader, house: House, *, pause: Callable[[float], None] = time.sleep) -> Folded:
    """Take all that is there now, with a pause after each transaction."""
    total = NOTHING
    while True:
        step = fold_step(reader, house)
        if not step.rows:
            return total
        total = Folded(
            total.rows + step.rows, total.recorded + step.recorded, total.oldest or step.oldest
        )
        pause(PAUSE_S)
