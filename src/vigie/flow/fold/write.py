# SPDX-License-Identifier: Apache-2.0
"""One transaction of the fold: records, entries, cases, statements, tasks, position.

Exactly once: the position moves in the same transaction, decision ids are
unique, of two decisions on one item version the first counts and the second is
recorded as its duplicate, and so for one idempotency key answered by two
processes. A duplicate has its entry in the log like every decision (a receipt
promised it) and no effect.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.db import connection

from vigie.flow import records
from vigie.flow.fold import rows
from vigie.flow.fold.incoming import Batch, Incoming
from vigie.flow.house import House
from vigie.flow.insert import insert
from vigie.flow.statement_text import Titles, clause_titles, prepare
from vigie.store.models import (
    Case,
    DecisionRecord,
    Effect,
    FoldConsumer,
    FoldPosition,
    HourKey,
    IdempotencyRow,
    ItemContent,
    OutgoingTask,
    PictureSighting,
    Record,
    Statement,
    WebhookEndpoint,
)

Columns = tuple[Any, ...]


REFUSED_RECORD: Final = "record.refused"
"""Event of a decision that the database could not take as a record of its own."""
_MOVE: Final = """
    INSERT INTO store_foldposition (writer, consumer, seq, at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (writer, consumer) DO UPDATE SET seq = excluded.seq, at = excluded.at
"""


class Draft(NamedTuple):
    """A decision with all its rows, made ready before the transaction."""

    incoming: Incoming
    record: records.Draft
    decision: Columns
    content: Columns | None
    effects: list[Columns]
    case: Columns | None
    claimed: bool
    """Near a notifier's hash: a person is to look."""
    statement: Columns | None
    tasks: list[Columns]


@dataclass(slots=True)
class Known:
    """What the store already holds of the decisions of a batch."""

    ids: set[str] = field(default_factory=set)
    versions: dict[tuple[str, str, int], int] = field(default_factory=dict)
    """Item version to the number of the decision that was kept."""
    answers: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Idempotency digest to writer and number of the answer that was kept."""


def make_ready(batch: Batch, house: House) -> list[Draft]:
    """Compose and encode everything that does not depend on the store.

    All of it before the transaction: while that runs, people wait.
    """
    if not batch.items:
        return []
    endpoints = list(WebhookEndpoint.objects.filter(enabled=True))
    titles = clause_titles()
    return [_draft(item, endpoints, titles, house) for item in batch.items]


def _draft(item: Incoming, endpoints: list[WebhookEndpoint], titles: Titles, house: House) -> Draft:
    record = rows.record_of(item)
    statement = None
    if item.decision.has_effect:
        made = prepare(item.decision, rows.facts_of(item, titles), house)
        statement = rows.statement_row(item, made, house)
    return Draft(
        incoming=item,
        record=record,
        decision=rows.decision_row(item, record.record_id),
        content=rows.content_row(item),
        effects=rows.effect_rows(item),
        case=rows.case_row(item, house),
        claimed=rows.is_claimed(item),
        statement=statement,
        tasks=rows.task_rows(item, endpoints) if item.decision.actions else [],
    )


def write(batch: Batch, drafts: list[Draft], house: House, now: int) -> int:
    """Write a batch; return how many decisions were new. Inside `transaction.writing`."""
    known = _known(batch)
    fresh = [d for d in drafts if d.incoming.row.decision_id not in known.ids]
    indexes = records.append([d.record for d in fresh])
    number = records.next_number() if fresh else 0
    tables = _Tables(batch.writer)
    for offset, (one, index) in enumerate(zip(fresh, indexes, strict=True)):
        tables.add(one, number + offset, index, known)
    tables.flush()
    _hour_keys(batch, house)
    move(batch.writer, FoldConsumer.EFFECT, batch.until, now)
    return len(fresh)


def write_bare(batch: Batch, now: int, why: str) -> None:
    """Append records and entries alone, and say why there is no more of them."""
    drafts = [rows.record_of(item) for item in batch.items]
    known = set(
        Record.objects.filter(record_id__in=[d.record_id for d in drafts]).values_list(
            "record_id", flat=True
        )
    )
    drafts = [draft for draft in drafts if draft.record_id not in known]
    notes = [
        records.draft(REFUSED_RECORD, now, {"record": d.record_id, "why": why}) for d in drafts
    ]
    records.append([*drafts, *notes])
    move(batch.writer, FoldConsumer.EFFECT, batch.until, now)


def move(writer: str, consumer: FoldConsumer, seq: int, now: int) -> None:
    """Set a consumer's position in this transaction."""
    # One statement: people wait while this transaction runs.
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [writer, consumer.value, seq, now])


def position(writer: str, consumer: FoldConsumer) -> int:
    """Return the last row that a consumer took from a writer; 0 before the first."""
    found = FoldPosition.objects.filter(writer=writer, consumer=consumer.value)
    return found.values_list("seq", flat=True).first() or 0


class _Tables:
    """Collects the rows of one transaction, table by table."""

    def __init__(self, writer: str) -> None:
        self.writer = writer
        self.decisions: list[Columns] = []
        self.contents: list[Columns] = []
        self.effects: list[Columns] = []
        self.cases: list[Columns] = []
        self.sightings: list[Columns] = []
        self.statements: list[Columns] = []
        self.tasks: list[Columns] = []
        self.answers: list[Columns] = []

    def add(self, draft: Draft, number: int, index: int, known: Known) -> None:
        """Put number, index and what it repeats before the rows of one decision."""
        earlier = self._earlier(draft.incoming, number, known)
        kept = draft.content is not None and earlier is None
        self.decisions.append((number, index, earlier, kept, *draft.decision))
        if earlier is not None:
            return
        if draft.content is not None:
            self.contents.append(draft.content)
        self.effects.extend((number, *row) for row in draft.effects)
        if draft.case is not None:
            self.cases.append((number, *draft.case))
        if draft.claimed:
            self.sightings.append((number,))
        if draft.statement is not None:
            self.statements.append((number, *draft.statement))
        self.tasks.extend((number, *row) for row in draft.tasks)

    def _earlier(self, item: Incoming, number: int, known: Known) -> int | None:
        """Return the decision that this one repeats, and note it where it is the first."""
        row = item.row
        key = (row.service, row.item_id, row.version)
        digest = row.idempotency.hex()
        kept = known.versions.get(key)
        answer = known.answers.get(digest) if digest else None
        if kept is None and answer is not None and answer[0] != self.writer:
            kept = answer[1]
        if kept is not None:
            return kept
        known.versions[key] = number
        if digest and answer is None:
            known.answers[digest] = (self.writer, number)
            self.answers.append((digest, self.writer, number, item.at))
        return None

    def flush(self) -> None:
        """Write all tables, parents first."""
        insert(DecisionRecord, rows.DECISION, self.decisions)
        insert(ItemContent, rows.CONTENT, self.contents, ignore=True)
        insert(Effect, rows.EFFECT, self.effects)
        insert(Case, rows.CASE, self.cases)
        insert(PictureSighting, rows.SIGHTING, self.sightings)
        insert(Statement, rows.STATEMENT, self.statements)
        insert(OutgoingTask, rows.TASK, self.tasks)
        insert(IdempotencyRow, rows.ANSWER, self.answers)


def _known(batch: Batch) -> Known:
    known = Known()
    if not batch.items:
        return known
    bodies = [item.row for item in batch.items]
    all_rows = DecisionRecord.objects.all()
    known.ids.update(
        all_rows.filter(decision_id__in=[b.decision_id for b in bodies]).values_list(
            "decision_id", flat=True
        )
    )
    kept = all_rows.filter(
        item_id__in={b.item_id for b in bodies}, kind="machine", duplicate_of__isnull=True
    )
    for service, item_id, version, number in kept.values_list(
        "service", "item_id", "version", "number"
    ):
        known.versions[service, item_id, version] = number
    digests = {b.idempotency.hex() for b in bodies if b.idempotency}
    if digests:
        answers = IdempotencyRow.objects.filter(digest__in=digests)
        for digest, writer, number in answers.values_list("digest", "writer", "decision_id"):
            known.answers[digest] = (writer, number)
    return known


def _hour_keys(batch: Batch, house: House) -> None:
    term = house.settings.archive_days * 86_400_000
    insert(
        HourKey,
        ("writer", "hour", "key", "expires_at"),
        [(batch.writer, k.hour, k.key, (k.hour + 1) * 3_600_000 + term) for k in batch.hour_keys],
        ignore=True,
    )
