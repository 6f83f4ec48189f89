# SPDX-License-Identifier: Apache-2.0
"""The first consumer: decisions with an effect, reviews, the sample, confirmations."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from vigie.flow.confirm_effect import apply_confirmation
from vigie.flow.fold import write
from vigie.flow.fold.incoming import MAX_ITEMS, sort_rows
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.journal.reader import Reader
from vigie.store.models import FoldConsumer

MAX_ROWS: Final = 4_000
"""Most journal rows looked at for one transaction; most of them are harmless."""
PAUSE_S: Final = 0.010
"""Between transactions: a person's write then waits 12 ms at p95, not 180."""


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
    drafts = write.make_ready(batch, house)
    now = house.now()
    with writing():
        recorded = write.write(batch, drafts, house, now)
        for seq, confirmation, at in batch.confirmations:
            apply_confirmation(confirmation, at, source=f"{reader.writer}:{seq}")
    return Folded(batch.rows, recorded, batch.oldest)


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


__all__ = ["MAX_ITEMS", "MAX_ROWS", "PAUSE_S", "Folded", "fold", "fold_step"]
