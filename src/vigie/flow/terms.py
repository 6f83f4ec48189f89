# SPDX-License-Identifier: Apache-2.0
"""How each term is enforced: one function a kind, in small transactions."""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from vigie.flow import child_items, deletion, search_day
from vigie.flow.house import House
from vigie.store.models import (
    Case,
    CaseState,
    DecisionRecord,
    Effect,
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
_ANSWERED: Final = (TaskState.DELIVERED, TaskState.ACCEPTED, TaskState.DEAD)
ANSWER_MS: Final = 2 * DAY_MS
BASIS: Final = "retention"
GROUP: Final = 100
ANSWERS: Final = 5_000
"""These rows are small, and many."""


def contents(house: House) -> int:
    """Delete texts whose term has passed; at most one group a run. Class child has none."""
    over = (_ended(house, house.now()), child_items.over())
    gone = [deletion.expire(one, deletion.TEXT, GROUP, also=deletion.say_gone) for one in over]
    return sum(gone)


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
        .filter(~Exists(mine.filter(at__gte=undo)))
    )


def hashes(house: House) -> int:
    """Blank hashes, pseudonyms and keys of decisions whose term has passed.

    Ninety days where nothing was restricted; with a restriction, until the
    appeal window after the last decision on the same version has ended.
    """
    now = house.now()
    window = now - house.settings.statement_days * DAY_MS
    same = {f"decision__{name}": OuterRef(name) for name in ("service", "item_id", "version")}
    restricted = Exists(Effect.objects.filter(**same))
    mine = DecisionRecord.objects.filter(
        service=OuterRef("service"), item_id=OuterRef("item_id"), version=OuterRef("version")
    )
    old = DecisionRecord.objects.filter(deletion.not_erased(), at__lt=now - HASH_DAYS * DAY_MS)
    rows = old.filter(
        ~restricted | ~Exists(mine.filter(at__gte=window)),
        ~Exists(Case.objects.filter(**same, state=CaseState.OPEN)),
    )
    return deletion.strip(rows, now, GROUP)


def segments(house: House) -> int:
    """Delete the files of segments and the keys of hours whose term has passed.

    A segment that holds a decision under a hold stays, and the hourly keys of
    its writer with it: they open its entries.
    """
    now = house.now()
    over = Segment.objects.filter(expires_at__lte=now, erased_at__isnull=True)
    holds = deletion.all_holds()
    held = [row for row in over if holds.any and _names(house, row, holds)]
    rows = over.exclude(pk__in=[row.pk for row in held])
    hours = HourKey.objects.filter(expires_at__lte=now)
    gone = deletion.end_segments(
        rows, hours.exclude(writer__in={row.writer for row in held}), holds, now
    )
    if search_day.stops_deletion():
        return gone
    for row in Segment.objects.filter(erased_at__gte=now - DAY_MS):
        # After the commit; what a crash left over goes at the next run.
        (house.settings.archive_dir / row.file).unlink(missing_ok=True)
    return gone


def _names(house: House, row: Segment, holds: deletion.Holds) -> bool:
    """Say whether a segment's file holds a decision under a hold."""
    from vigie.journal.archive import names_any  # noqa: PLC0415 - pyarrow stays out of the doors

    path = house.settings.archive_dir / row.file
    return path.exists() and names_any(path, holds.items, holds.authors)


def statements(house: House) -> int:
    """Blank statements whose address has expired."""
    rows = Statement.objects.filter(token_expires_at__lte=house.now()).exclude(content={})
    blank = {"content": {}, "token_digest": ""}
    return deletion.expire(rows, deletion.OF_DECISION, GROUP, blank=blank)


def tasks(house: House) -> int:
    """Delete messages that were answered or given up long ago."""
    limit = house.now() - TASK_DAYS * DAY_MS
    done = Q(state__in=_ANSWERED, done_at__lt=limit)
    cancelled = Q(state=TaskState.CANCELLED, created_at__lt=limit)
    rows = OutgoingTask.objects.filter(done | cancelled)
    return deletion.expire(rows, deletion.OF_DECISION, GROUP)


def answers(house: House) -> int:
    """Delete idempotency keys that no door remembers any more."""
    rows = IdempotencyRow.objects.filter(at__lt=house.now() - ANSWER_MS)
    return deletion.expire(rows, deletion.OF_DECISION, ANSWERS)
