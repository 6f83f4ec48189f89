# SPDX-License-Identifier: Apache-2.0
"""What the fold reads from a journal, sorted by what is to be done with it.

Everything that takes thought (decoding, composing, encoding) happens here,
before the transaction begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from vigie.core.decision import Decision
from vigie.journal.rows import (
    JournalDecision,
    JournalEffect,
    JournalHourKey,
    JournalText,
    Kind,
    Row,
    decode,
)

MAX_ITEMS: Final = 50
"""Most items of one transaction: a person's write never waits longer for it.

With 200 (still within the rule) a transaction took 40 ms with its statements.
"""
_DECISION: Final = msgspec.json.Decoder(Decision)


@dataclass(slots=True)
class Incoming:
    """A decision that is to be recorded, with what its row held."""

    row: JournalDecision
    decision: Decision
    at: int
    text: JournalText | None = None


@dataclass(slots=True)
class Batch:
    """What one transaction takes from one writer."""

    writer: str
    until: int
    """Position after it."""
    rows: int = 0
    oldest: int = 0
    """Time of the first row."""
    items: list[Incoming] = field(default_factory=list)
    confirmations: list[tuple[int, JournalEffect, int]] = field(default_factory=list)
    """Position, body and time."""
    hour_keys: list[JournalHourKey] = field(default_factory=list)

    @property
    def weight(self) -> int:
        """Items that the transaction will write."""
        return len(self.items) + len(self.confirmations) + len(self.hour_keys)


def sort_rows(
    writer: str, after: int, rows: Sequence[Row], *, more: bool, most: int = MAX_ITEMS
) -> Batch:
    """Take rows from the front until the transaction is full (`most` items).

    `more` says that the journal may go on behind the last row: a decision at
    the very end then waits for the row with its text, which was committed with
    it.
    """
    batch = Batch(writer=writer, until=after, oldest=rows[0].t if rows else 0)
    for row in rows:
        if batch.weight >= most and row.kind != Kind.TEXT.value:
            return batch
        _take(batch, row)
    if more and batch.rows > 1 and rows[-1].kind == Kind.DECISION.value:
        _put_back(batch, rows)
    return batch


def _take(batch: Batch, row: Row) -> None:
    if row.kind == Kind.DECISION.value:
        body: JournalDecision = decode(row)
        if body.keep:
            batch.items.append(Incoming(body, _DECISION.decode(body.decision), row.t))
    elif row.kind == Kind.TEXT.value:
        _attach(batch, decode(row))
    elif row.kind == Kind.EFFECT.value:
        batch.confirmations.append((row.seq, decode(row), row.t))
    elif row.kind == Kind.HOURKEY.value:
        batch.hour_keys.append(decode(row))
    batch.until = row.seq
    batch.rows += 1


def _attach(batch: Batch, text: JournalText) -> None:
    for item in reversed(batch.items):
        if item.row.decision_id == text.decision_id:
            item.text = text
            return


def _put_back(batch: Batch, rows: Sequence[Row]) -> None:
    """Leave the last row for the next time."""
    last = rows[-1]
    if batch.until != last.seq:
        return
    if batch.items and batch.items[-1].row.decision_id == decode(last).decision_id:
        batch.items.pop()
    batch.until = rows[-2].seq
    batch.rows -= 1
