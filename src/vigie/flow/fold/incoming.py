# SPDX-License-Identifier: Apache-2.0
"""What the fold reads from a journal, sorted by what is to be done with it.

Everything that takes thought (decoding, composing, encoding) happens here,
before the transaction begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from vigie.core.decision import Action, Decision
from vigie.core.gateway import Ending, ExchangeFacts
from vigie.journal.rows import (
    JournalAlarm,
    JournalBrake,
    JournalDecision,
    JournalEffect,
    JournalExchange,
    JournalHourKey,
    JournalText,
    JournalUsage,
    Kind,
    Row,
    decode,
)

MAX_ITEMS: Final = 50
"""Most items of one transaction: a person's write never waits longer for it.

With 200 (still within the rule) a transaction took 40 ms with its statements.
"""
MAX_EXCHANGES: Final = 1_000
"""Most exchanges with the AI gateway of one transaction; most are a count and a number."""
_DECISION: Final = msgspec.json.Decoder(Decision)
_EXCHANGE: Final = msgspec.json.Decoder(ExchangeFacts)
_STOPPED: Final = (Ending.REFUSED, Ending.CUT)


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange with the AI gateway that ended."""

    facts: ExchangeFacts
    at: int
    decision_id: str = ""
    actions: tuple[Action, ...] = ()

    @property
    def stopped(self) -> bool:
        """True where a decision stopped it."""
        return bool(self.actions) and self.facts.ending in _STOPPED


@dataclass(slots=True)
class Incoming:
    """A decision that is to be recorded, with what its row held."""

    row: JournalDecision
    decision: Decision
    at: int
    text: JournalText | None = None
    user: str = ""
    """Of the gateway's: the user's pseudonym, which the application can resolve."""


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
    exchanges: list[Exchange] = field(default_factory=list)
    usage: list[tuple[JournalUsage, int]] = field(default_factory=list)
    refusals: list[tuple[str, int, tuple[Action, ...]]] = field(default_factory=list)
    """What the gateway stopped and applied itself: decision, time, actions."""
    alarms: list[tuple[JournalAlarm, int]] = field(default_factory=list)
    brakes: list[tuple[JournalBrake, int]] = field(default_factory=list)

    @property
    def weight(self) -> int:
        """Items that the transaction will write."""
        small = len(self.exchanges) * MAX_ITEMS // MAX_EXCHANGES
        told = len(self.alarms) + len(self.brakes) + len(self.usage) // 2
        return len(self.items) + len(self.confirmations) + len(self.hour_keys) + small + told

    @property
    def of_gateway(self) -> bool:
        """True where it holds something of the AI gateway."""
        return bool(self.exchanges or self.refusals or self.usage or self.alarms or self.brakes)


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
        _take_decision(batch, row)
    elif row.kind == Kind.TEXT.value:
        _attach(batch, decode(row))
    elif row.kind == Kind.EFFECT.value:
        batch.confirmations.append((row.seq, decode(row), row.t))
    elif row.kind == Kind.HOURKEY.value:
        batch.hour_keys.append(decode(row))
    elif row.kind == Kind.EXCHANGE.value:
        said: JournalExchange = decode(row)
        batch.exchanges.append(Exchange(_EXCHANGE.decode(said.exchange), row.t))
    elif (told := _told(batch, row.kind)) is not None:
        told.append((decode(row), row.t))
    batch.until = row.seq
    batch.rows += 1


def _take_decision(batch: Batch, row: Row) -> None:
    body: JournalDecision = decode(row)
    actions: tuple[Action, ...] = ()
    if body.keep:
        decision = _DECISION.decode(body.decision)
        batch.items.append(Incoming(body, decision, row.t))
        actions = decision.actions
        if not body.fingerprint:  # of the gateway: nobody sends it again
            batch.refusals.append((body.decision_id, row.t, actions))
    if body.exchange:
        facts = _EXCHANGE.decode(body.exchange)
        if body.keep:
            batch.items[-1].user = facts.user
        batch.exchanges.append(Exchange(facts, row.t, body.decision_id, actions))


def _told(batch: Batch, kind: str) -> list[Any] | None:
    """Return where rows of the gateway that hold no decision are collected."""
    lists: dict[str, list[Any]] = {
        Kind.USAGE.value: batch.usage,
        Kind.ALARM.value: batch.alarms,
        Kind.BRAKE.value: batch.brakes,
    }
    return lists.get(kind)


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
    name = decode(last).decision_id
    if batch.items and batch.items[-1].row.decision_id == name:
        batch.items.pop()
    if batch.exchanges and batch.exchanges[-1].decision_id == name:
        batch.exchanges.pop()
    if batch.refusals and batch.refusals[-1][0] == name:
        batch.refusals.pop()
    batch.until = rows[-2].seq
    batch.rows -= 1
