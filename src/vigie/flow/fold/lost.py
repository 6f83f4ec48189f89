# SPDX-License-Identifier: Apache-2.0
"""What a gateway's door still owed when it died: said in the log, once.

A prompt's decision is durable before the first character of its answer leaves; what
ends the exchange is durable before the end does. A door that is killed in between
leaves a prompt without an end: somebody may have read a part of an answer whose
judgement nobody recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from vigie.core.gateway import ExchangeFacts
from vigie.core.item import Surface
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.journal.reader import Reader
from vigie.journal.rows import JournalDecision, Kind, Row, decode
from vigie.store.models import Record

LOST: Final = "gateway.answers_lost"
NAMED: Final = 1_000
"""Most prompts that one record names; all are counted."""
_CHUNK: Final = 2_000
_FACTS: Final = msgspec.json.Decoder(ExchangeFacts)


def say(reader: Reader, house: House) -> int:
    """Record what a dead door's journal leaves open; return how many answers. Once a journal."""
    owed = _owed(reader)
    if not owed or _is_said(reader.writer):
        return 0
    plain: dict[str, Any] = {
        "door": reader.writer,
        "count": len(owed),
        "prompts": sorted(owed)[:NAMED],
    }
    with writing():
        records.append_one(records.draft(LOST, house.now(), plain))
    return len(owed)


def _owed(reader: Reader) -> set[str]:
    begun: set[str] = set()
    ended: set[str] = set()
    for row in _decisions(reader):
        body: JournalDecision = decode(row)
        if body.exchange:
            ended |= {body.decision_id, _FACTS.decode(body.exchange).prompt_decision}
        elif body.surface == Surface.AI_PROMPT and not body.fingerprint:
            begun.add(body.decision_id)
    return begun - ended


def _decisions(reader: Reader) -> Iterator[Row]:
    after = 0
    while rows := reader.read(after, _CHUNK):
        yield from (row for row in rows if row.kind == Kind.DECISION.value)
        after = rows[-1].seq


def _is_said(writer: str) -> bool:
    told = Record.objects.filter(kind=LOST).order_by("-at")
    return any(writer.encode() in row.canonical for row in told.iterator())
