# SPDX-License-Identifier: Apache-2.0
"""The one place through which anything is deleted: it asks holds and searches first.

`erase` serves people and commands, `expire` and `strip` the terms; each asks in
the transaction that deletes. Deleted are texts, authors, keys (with them every
salt) and hashes; what stays is the skeleton that the log proves: a decision's
name, time, outcome, ground.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeVar, cast

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from vigie.core.errors import ConflictError
from vigie.flow import personal, records, search_day
from vigie.flow.transaction import writing
from vigie.store.append_only import AppendOnlyQuerySet
from vigie.store.models import (
    Case,
    CaseState,
    DecisionRecord,
    DecisionTag,
    Erasure,
    ErasureSubject,
    Hold,
    HourKey,
    ItemContent,
    RecordKey,
    Segment,
)

ERASED_RECORD: Final = "content.erased"
_GROUP: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is to be erased: an item with all its versions, or all of an author."""

    kind: ErasureSubject
    service: str
    item_id: str = ""
    author: str = ""
    """Keyed pseudonym."""
    email: str = ""
    """Of a notifier, in lower case."""
    besides: tuple[str, ...] = ()
    """Items of an author that stay for now: a case about them is open."""

    def rows(self) -> Q:
        """Return which decisions it covers."""
        if self.kind is ErasureSubject.ITEM:
            return Q(service=self.service, item_id=self.item_id)
        if self.kind is ErasureSubject.NOTIFIER:
            return Q(pk__in=())
        return Q(service=self.service, author=self.author) & ~Q(item_id__in=self.besides)

    def contents(self) -> Q:
        """Return which texts it covers."""
        if self.kind is ErasureSubject.ITEM:
            return Q(service=self.service, item_id=self.item_id)
        if self.kind is ErasureSubject.NOTIFIER:
            return Q(pk__in=())
        return Q(service=self.service, pseudonym=self.author) & ~Q(item_id__in=self.besides)


@dataclass(slots=True)
class Counts:
    """What one deletion removed."""

    contents: int = 0
    keys: int = 0
    decisions: int = 0
    others: dict[str, int] = field(default_factory=dict)
    """By part of `personal.PARTS`: notices, complaints, strikes, letters, ..."""
    indexes: list[int] = field(default_factory=list)

    def total(self) -> int:
        """Return how many rows were touched."""
        return self.contents + self.keys + self.decisions + sum(self.others.values())


def holds_on(service: str, item_ids: Iterable[str], authors: Iterable[str]) -> QuerySet[Hold]:
    """Return the holds that forbid deleting any of these."""
    return Hold.objects.filter(service=service, lifted_at__isnull=True).filter(
        Q(item_id__in=[i for i in item_ids if i]) | Q(author__in=[a for a in authors if a])
    )


def check_holds(subject: Subject) -> None:
    """Raise ConflictError where a duty to keep covers any part of it, or a search stands."""
    search_day.check_deletion()
    rows = DecisionRecord.objects.filter(subject.rows())
    items = {subject.item_id, *rows.values_list("item_id", flat=True)}
    items |= personal.items_named(subject)
    authors = {subject.author, *rows.values_list("author", flat=True)}
    held = _holding(subject, items, authors).first()
    if held is not None:
        raise ConflictError(
            "A duty to keep covers this.",
            code="held",
            fix=f"Ask {held.owner}; the hold is to be looked at again.",
        )


def erase(subject: Subject, now: int, *, basis: str, by: str) -> tuple[Counts, Erasure | None]:
    """Delete what the store holds of a subject and record it.

    Inside `transaction.writing`. Raises ConflictError under a hold. Nothing
    found leaves no record.
    """
    check_holds(subject)
    decisions = DecisionRecord.objects.filter(subject.rows())
    counts = Counts(contents=_delete(ItemContent.objects.filter(subject.contents())))
    # Before the decisions: complaints and statements are found by their author.
    counts.others = _erase_parts(subject, now)
    # Rows that hold nothing personal any more need no second erasure.
    rows = list(decisions.filter(not_erased()).values_list("number", "record_id", "log_index"))
    for start in range(0, len(rows), _GROUP):
        _strip(rows[start : start + _GROUP], counts, now)
    if not counts.total():
        return counts, None
    return counts, _record(subject, counts, now, basis=basis, by=by)


def _holding(subject: Subject, items: Iterable[str], authors: Iterable[str]) -> QuerySet[Hold]:
    """Return the holds in the way; a notifier's papers may be about any service."""
    if subject.kind is not ErasureSubject.NOTIFIER:
        return holds_on(subject.service, items, authors)
    named = [one for one in items if one]
    return Hold.objects.filter(lifted_at__isnull=True, item_id__in=named)


def _erase_parts(subject: Subject, now: int) -> dict[str, int]:
    """Blank or delete what else is kept of the subject; what a duty keeps stays."""
    counts = {}
    for part in personal.PARTS:
        rows = part.ended(subject, now)
        if rows is not None:
            counts[part.name] = _blank(rows, part.blank) if part.blank else _delete(rows)
    return {name: count for name, count in counts.items() if count}


def _blank(rows: QuerySet[Any], values: Mapping[str, Any]) -> int:
    recorded = isinstance(rows, AppendOnlyQuerySet)
    return redact(rows, **values) if recorded else rows.update(**values)


def not_erased() -> Q:
    """Return which decisions still hold something personal, in columns or in their key."""
    blank = Q(author="", reason="", media=[], has_content=False)
    return ~blank | Q(Exists(RecordKey.objects.filter(record=OuterRef("record"))))


class Whose(NamedTuple):
    """Columns that say whose a row is."""

    service: str
    item: str
    author: str


OWN: Final = Whose("service", "item_id", "author")
TEXT: Final = Whose("service", "item_id", "pseudonym")
OF_DECISION: Final = Whose("decision__service", "decision__item_id", "decision__author")
M = TypeVar("M", bound=Model)


def free(rows: QuerySet[M], whose: Whose) -> QuerySet[M]:
    """Return the rows that no hold covers."""
    mine = Q(item_id=OuterRef(whose.item)) & ~Q(item_id="")
    theirs = Q(author=OuterRef(whose.author)) & ~Q(author="")
    holds = Hold.objects.filter(service=OuterRef(whose.service), lifted_at__isnull=True)
    return rows.filter(~Exists(holds.filter(mine | theirs)))


def free_of_items(rows: QuerySet[M], items: str) -> QuerySet[M]:
    """Return the rows whose items no hold covers; `items` leads from a row to item ids."""
    held = Hold.objects.filter(lifted_at__isnull=True).exclude(item_id="")
    named = rows.filter(**{f"{items}__in": held.values("item_id")})
    return rows.exclude(pk__in=named.values("pk"))


def expire(
    rows: QuerySet[M],
    whose: Whose | str,
    most: int,
    *,
    blank: Mapping[str, Any] | None = None,
    also: Callable[[list[M]], None] | None = None,
) -> int:
    """Delete rows whose term has passed, or blank columns; return how many.

    What a hold covers stays and keeps nothing else waiting; while a search stands,
    all does. Both are asked in the transaction that deletes; `also` runs in it, on
    what went.
    """
    picked = list(_unheld(rows, whose).order_by("pk").values_list("pk", flat=True)[:most])
    if not picked:
        return 0
    with writing():
        if search_day.stops_deletion():
            return 0
        gone = list(_unheld(_rows_of(rows.model, picked), whose))
        left = _rows_of(rows.model, [row.pk for row in gone])
        if blank:
            _blank(left, blank)
        else:
            left.delete()
        if also is not None:
            also(gone)
    return len(gone)


def _unheld(rows: QuerySet[M], whose: Whose | str) -> QuerySet[M]:
    """Ask the holds by whose columns, or by the item ids that a relation leads to."""
    if isinstance(whose, str):
        return free_of_items(rows, whose) if whose else rows
    return free(rows, whose)


def _rows_of(model: type[M], keys: list[Any]) -> QuerySet[M]:
    found: QuerySet[M] = model._default_manager.filter(pk__in=keys)  # noqa: SLF001
    return found


def say_gone(rows: list[ItemContent]) -> None:
    """Note at the decisions that the texts of their versions are gone."""
    for row in rows:
        DecisionRecord.objects.filter(
            service=row.service, item_id=row.item_id, version=row.version
        ).update(has_content=False)


def untag(decisions: QuerySet[DecisionRecord], **tags: str) -> int:
    """Delete what decisions are found by; return how many tags. A hold keeps no index."""
    return _delete(DecisionTag.objects.filter(decision__in=decisions.values("number"), **tags))


def strip(decisions: QuerySet[DecisionRecord], now: int, most: int) -> int:
    """Blank decisions whose term has passed and delete their keys; return how many."""
    picked = list(free(decisions, OWN).order_by("number").values_list("pk", flat=True)[:most])
    if not picked:
        return 0
    counts = Counts()
    with writing():
        if search_day.stops_deletion():
            return 0
        rows = free(DecisionRecord.objects.filter(pk__in=picked), OWN)
        _strip(list(rows.values_list("number", "record_id", "log_index")), counts, now)
    return counts.decisions


def _delete(rows: QuerySet[Any]) -> int:
    return rows.delete()[0]


def _strip(rows: list[tuple[int, str, int]], counts: Counts, now: int) -> None:
    numbers = [number for number, _, _ in rows]
    counts.keys += _delete(RecordKey.objects.filter(record__in=[r for _, r, _ in rows]))
    decisions = DecisionRecord.objects.filter(number__in=numbers)
    counts.decisions += redact(
        decisions,
        author="",
        reason="",
        media=[],
        has_content=False,
    )
    counts.indexes += [index for _, _, index in rows]
    untag(decisions, kind="hash")
    cases = Case.objects.filter(decision__in=numbers)
    cases.exclude(facts={}).update(facts={})
    cases.filter(state=CaseState.OPEN).update(state=CaseState.CANCELLED, closed_at=now)


@dataclass(frozen=True, slots=True)
class Holds:
    """All holds that stand, each subject with its service."""

    items: frozenset[tuple[str, str]]
    authors: frozenset[tuple[str, str]]

    @property
    def any(self) -> bool:
        """Say whether one stands."""
        return bool(self.items or self.authors)


def all_holds() -> Holds:
    """Return the holds that stand."""
    rows = list(Hold.objects.filter(lifted_at__isnull=True))
    return Holds(
        frozenset((row.service, row.item_id) for row in rows if row.item_id),
        frozenset((row.service, row.author) for row in rows if row.author),
    )


def end_segments(rows: QuerySet[Segment], hours: QuerySet[HourKey], asked: Holds, now: int) -> int:
    """Mark segments as erased and delete hourly keys; return how many of both.

    Whose decisions a segment holds stands in its file alone, which the caller
    has read against the holds `asked`. Another hold meanwhile: nothing goes.
    """
    with writing():
        if search_day.stops_deletion() or all_holds() != asked:
            return 0
        return rows.update(erased_at=now) + _delete(hours)


def redact(rows: QuerySet[Any], **values: Any) -> int:
    """Overwrite columns of recorded rows: only the deletion function may."""
    return cast("AppendOnlyQuerySet[Any]", rows).redact(**values)


def _record(subject: Subject, counts: Counts, now: int, *, basis: str, by: str) -> Erasure:
    plain = {"subject": subject.kind.value, "basis": basis, "indexes": sorted(counts.indexes)}
    draft = records.draft(ERASED_RECORD, now, plain, {"by": by})
    records.append_one(draft)
    return Erasure.objects.create(
        subject=subject.kind.value,
        basis=basis,
        requested_by=by,
        counts={
            "contents": counts.contents,
            "keys": counts.keys,
            "decisions": counts.decisions,
            **counts.others,
        },
        record_id=draft.record_id,
        at=now,
    )
