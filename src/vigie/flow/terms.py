# SPDX-License-Identifier: Apache-2.0
"""How each term is enforced: one function a kind, in small transactions."""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from vigie.flow import deletion
from vigie.flow.deletion import holds_on
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import (
    Case,
    CaseState,
    DecisionRecord,
    Effect,
    Hold,
    HourKey,
    IdempotencyRow,
    ItemContent,
    OutgoingTask,
    Segment,
    Statement,
    TaskState,
)

DAY_MS: Final = 86_400_000
HASH_DAYS: Final = 90
SAMPLE_DAYS: Final = 30
TASK_DAYS: Final = 90
ANSWER_MS: Final = 2 * DAY_MS
BASIS: Final = "retention"
GROUP: Final = 100


def contents(house: House) -> int:
    """Delete texts whose term has passed; at most one group a run."""
    now = house.now()
    gone = 0
    for row in _ended(house, now)[:GROUP]:
        with writing():
            held = holds_on(row.service, [row.item_id], [row.pseudonym]).exists()
            if held:
                continue
            gone += row.delete()[0]
            decisions = DecisionRecord.objects.filter(
                service=row.service, item_id=row.item_id, version=row.version
            )
            decisions.update(has_content=False)
    return gone


def _ended(house: House, now: int) -> QuerySet[ItemContent]:
    """Return the texts that no case, restriction or sample term asks for."""
    mine = DecisionRecord.objects.filter(
        service=OuterRef("service"), item_id=OuterRef("item_id"), version=OuterRef("version")
    )
    same = {f"decision__{name}": OuterRef(name) for name in ("service", "item_id", "version")}
    waiting = Case.objects.filter(**same, state=CaseState.OPEN)
    restricted = Effect.objects.filter(**same)
    window = now - house.settings.statement_days * DAY_MS
    undo = now - house.settings.undo_seconds * 1000
    sampled = mine.filter(sample=True, at__gte=now - SAMPLE_DAYS * DAY_MS)
    return (
        ItemContent.objects.filter(~Exists(waiting), ~Exists(sampled))
        .filter(~Exists(restricted) | ~Exists(mine.filter(at__gte=window)))
        .filter(~Exists(mine.filter(at__gte=undo)), ~Exists(_held("pseudonym")))
        .order_by("pk")
    )


def _held(author: str) -> QuerySet[Hold]:
    """Return the holds on a row, so that what is held never stands before the rest.

    `author` names the row's column with the pseudonym. Whoever deletes asks
    again, in the transaction that deletes.
    """
    mine = Q(item_id=OuterRef("item_id")) & ~Q(item_id="")
    theirs = Q(author=OuterRef(author)) & ~Q(author="")
    open_holds = Hold.objects.filter(service=OuterRef("service"), lifted_at__isnull=True)
    return open_holds.filter(mine | theirs)


def hashes(house: House) -> int:
    """Blank hashes and pseudonyms of old decisions that restricted nothing."""
    limit = house.now() - HASH_DAYS * DAY_MS
    old = DecisionRecord.objects.filter(at__lt=limit).exclude(media=[], author="")
    waiting = Case.objects.filter(decision=OuterRef("pk"), state=CaseState.OPEN)
    rows = old.filter(~Exists(Effect.objects.filter(decision=OuterRef("pk"))), ~Exists(waiting))
    gone = 0
    for row in rows.filter(~Exists(_held("author"))).order_by("number")[:GROUP]:
        with writing():
            if holds_on(row.service, [row.item_id], [row.author]).exists():
                continue
            gone += deletion.redact(DecisionRecord.objects.filter(pk=row.pk), media=[], author="")
    return gone


def segments(house: House) -> int:
    """Delete the files of segments and the keys of hours whose term has passed."""
    now = house.now()
    gone = 0
    for row in Segment.objects.filter(expires_at__lte=now, erased_at__isnull=True)[:GROUP]:
        (house.settings.archive_dir / row.file).unlink(missing_ok=True)
        with writing():
            row.erased_at = now
            row.save(update_fields=["erased_at"])
        gone += 1
    with writing():
        gone += HourKey.objects.filter(expires_at__lte=now).delete()[0]
    return gone


def statements(house: House) -> int:
    """Blank statements whose address has expired."""
    rows = Statement.objects.filter(token_expires_at__lte=house.now()).exclude(content={})
    with writing():
        return rows.update(content={}, token_digest="")


def tasks(house: House) -> int:
    """Delete messages that were answered or given up long ago."""
    limit = house.now() - TASK_DAYS * DAY_MS
    done = Q(state__in=(TaskState.DELIVERED, TaskState.DEAD), done_at__lt=limit)
    cancelled = Q(state=TaskState.CANCELLED, created_at__lt=limit)
    with writing():
        return OutgoingTask.objects.filter(done | cancelled).delete()[0]


def answers(house: House) -> int:
    """Delete idempotency keys that no door remembers any more."""
    with writing():
        return IdempotencyRow.objects.filter(at__lt=house.now() - ANSWER_MS).delete()[0]
