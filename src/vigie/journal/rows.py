# SPDX-License-Identifier: Apache-2.0
"""What stands in a journal: a few kinds of row, each with one struct.

A decision's row never carries text: text has a row of its own, deleted as soon
as it is folded, while the others stay for `VIGIE_JOURNAL_KEEP` so that a
repeated request gets its first answer.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

import msgspec


class Kind(StrEnum):
    """The kinds of row."""

    DECISION = "decision"
    TEXT = "text"
    EFFECT = "effect"
    HOURKEY = "hourkey"
    ANSWER = "answer"
    EXCHANGE = "exchange"
    USAGE = "usage"
    ALARM = "alarm"
    BRAKE = "brake"


class Row(NamedTuple):
    """One row. `body` is MessagePack of the kind's struct."""

    ordinal: int
    """Names the decision (decision and text rows); the first one of an answer; else 0."""
    kind: str
    t: int
    body: bytes
    seq: int = 0
    """Place in the order of commits, given by the writer: what positions count.

    Ordinals are given out when judging begins, so a long batch may commit behind
    later ones; `seq` never runs backwards, and a reader that counts it misses nothing.
    """


class _Body(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Bodies are positional MessagePack: short and quick; append fields only."""


class JournalDecision(_Body, frozen=True):
    """A decision as it was answered, with what its ledger entry is made of."""

    decision_id: str
    decision: bytes
    """`core.Decision` as JSON, all fields (the trusted view)."""
    record: bytes
    """The canonical record (RFC 8785) that the entry commits to."""
    salt: bytes
    """32 bytes: the entry's salt."""
    entry: bytes
    """33 bytes: fixed before the answer, added to the log unchanged."""
    key: bytes
    """The record's own key; empty where the hour's shared key made the salts."""
    effect: bool
    """An action was taken: becomes a record of its own with its own entry."""
    keep: bool
    """A record is wanted: effect, review or sample. Else the archive alone."""
    outcome: str
    service: str
    item_id: str
    version: int
    surface: str
    author: str
    """Keyed pseudonym of the author, 32 hexadecimal digits."""
    fingerprint: bytes
    """16 bytes over the item's content: tells the same version sent again."""
    fields: bytes
    """JSON of the values behind the record's commitments, by path."""
    media: tuple[str, ...] = ()
    """`algorithm:hex` of each medium's hashes."""
    idempotency: bytes = b""
    """Digest of (API key, Idempotency-Key) or empty."""
    not_after: int = 0
    """End of the receipt's promise, in milliseconds."""
    snapshot: int = 0
    stale: bool = False
    """A lower version that came after a higher one: recorded, changes nothing."""
    cls: str = ""
    """`child` where the decision's ground is of that class, else empty."""
    exchange: bytes = b""
    """JSON of `core.gateway.ExchangeFacts`: on the decision that ends an exchange with
    the AI gateway. Such a decision has no text row."""


class JournalText(_Body, frozen=True):
    """Content that a decision needs, until it is folded into an erasable row."""

    decision_id: str
    text: str | None
    links: tuple[str, ...]
    author_id: str
    author_country: str | None
    url: str | None
    created_at: str | None
    language: str | None
    countries: tuple[str, ...] | None
    in_reply_to: str | None = None
    generated_by: str | None = None
    media_urls: tuple[str, ...] = ()
    """Where the platform serves the pictures; never for class `child`."""


class JournalEffect(_Body, frozen=True):
    """The platform's word on a decision's effect."""

    decision_id: str
    applied_at: str
    territories: tuple[str, ...]
    failed: tuple[tuple[str, str], ...] = ()
    """(territory, reason) where it could not be applied."""
    service: str = ""
    """The only service that the sender's key may speak for; empty: any."""


class JournalHourKey(_Body, frozen=True):
    """The key that salts this writer's harmless decisions of one hour."""

    hour: int
    """Hours since 1970 UTC."""
    key: bytes


class JournalAnswer(_Body, frozen=True):
    """What a repeated Idempotency-Key needs to get its first answer, byte for byte."""

    idempotency: bytes
    fingerprint: bytes
    decisions: tuple[str, ...]
    """The decision of each result, in order; empty where an item was refused."""
    refusals: bytes = b"[]"
    """JSON of the refusals, in order."""
    note: str = ""
    """The signed receipt; signing again would give another time."""
    is_batch: bool = False
    answer: bytes = b""
    """The whole answer, for keys that see only a part: what they see may change."""


class JournalExchange(_Body, frozen=True):
    """An exchange that ended before anything was judged: it is counted, no more."""

    exchange: bytes


class JournalUsage(_Body, frozen=True):
    """What one key used since this writer's last such row."""

    key: str
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    images: int = 0


class JournalAlarm(_Body, frozen=True):
    """Something at the gateway that a person should look at."""

    kind: str
    """A word of `GatewayAlarmKind`."""
    key: str = ""
    """Number of the API key; empty: no key's own."""
    subject: str = ""
    """A digest, a stage, an upstream; never a person."""
    count: int = 1


class JournalBrake(_Body, frozen=True):
    """A feature that this door stopped by itself; it stands still here already."""

    feature: str
    countries: tuple[str, ...]
    reason: str


BODIES: dict[str, type[_Body]] = {
    Kind.DECISION: JournalDecision,
    Kind.TEXT: JournalText,
    Kind.EFFECT: JournalEffect,
    Kind.HOURKEY: JournalHourKey,
    Kind.ANSWER: JournalAnswer,
    Kind.EXCHANGE: JournalExchange,
    Kind.USAGE: JournalUsage,
    Kind.ALARM: JournalAlarm,
    Kind.BRAKE: JournalBrake,
}
_ENCODER = msgspec.msgpack.Encoder()
_DECODERS = {kind: msgspec.msgpack.Decoder(struct) for kind, struct in BODIES.items()}


def encode(body: _Body) -> bytes:
    """Return the bytes that a row holds."""
    return _ENCODER.encode(body)


def decode(row: Row) -> Any:
    """Return the struct of a row, by its kind."""
    return _DECODERS[row.kind].decode(row.body)
