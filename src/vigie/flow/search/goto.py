# SPDX-License-Identifier: Apache-2.0
"""Goes to anything by what is typed: numbers, items, authors, hashes, policies.

Each kind is one look into an index. What a person may not see is not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from vigie.flow.queues.access import may_see
from vigie.flow.search.access import hidden_from
from vigie.flow.search.compile import begins
from vigie.flow.search.fields import HASH
from vigie.flow.search.kinds import Target
from vigie.flow.search.nodes import EVERYTHING
from vigie.flow.search.query import to_query
from vigie.store.models import Appeal, Case, DecisionTag, Notice, NoticeItem, PolicyRecord
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from vigie.store.models import DecisionRecord, User

MOST: Final = 8
"""Of one kind."""
LONGEST: Final = 512
_NUMBER: Final = re.compile(r"(?:(?P<kind>[dnac])-)?(?P<number>\d{1,18})", re.ASCII | re.IGNORECASE)
_HEX: Final = re.compile(r"[0-9a-f]{4,128}", re.ASCII)


class HitKind(StrEnum):
    """What was found."""

    DECISION = "decision"
    NOTICE = "notice"
    APPEAL = "appeal"
    CASE = "case"
    ITEM = "item"
    AUTHOR = "author"
    HASH = "hash"
    POLICY = "policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing to go to. `key` is its number, pseudonym, item id or hash."""

    kind: HitKind
    key: str
    decision: DecisionRecord | None = None
    case: Case | None = None
    exact: bool = True
    """False: it only begins like what was typed."""


def find(text: str, user: User) -> list[Hit]:
    """Return what the words can mean, the exact ones first."""
    words = text.strip()
    if not words or len(words) > LONGEST or not words.isprintable():
        return []
    if not user.has_perm(Permission.DECISION_READ):
        return []
    hits = [*_numbered(words, user), *_named(words, user)]
    return sorted(hits, key=lambda hit: not hit.exact)


def _seen(user: User) -> QuerySet[DecisionRecord]:
    return to_query(EVERYTHING, Target.DECISIONS, 0, hidden_from(user))


def _numbered(words: str, user: User) -> Iterator[Hit]:
    """Yield what has a short number: `D-7`, `N-7`, `A-7`, `C-7`, or only `7`."""
    found = _NUMBER.fullmatch(words)
    if found is None:
        return
    kind, number = (found["kind"] or "").upper(), int(found["number"])
    if kind in {"", "D"}:
        record = _seen(user).filter(number=number).first()
        if record is not None:
            yield Hit(kind=HitKind.DECISION, key=record.label, decision=record)
    if not user.has_perm(Permission.CASE_READ):
        return
    if kind in {"", "N"}:
        yield from _notice(number, user)
    if kind in {"", "A"}:
        yield from _appeal(number, user)
    if kind == "C":
        case = Case.objects.select_related("decision").filter(pk=number).first()
        if case is not None and may_see(user, case):
            yield Hit(kind=HitKind.CASE, key=f"C-{case.pk}", case=case)


def _notice(number: int, user: User) -> Iterator[Hit]:
    """Yield a notice whose cases the person may all see."""
    notice = Notice.objects.filter(number=number).first()
    if notice is None:
        return
    rows = NoticeItem.objects.filter(notice=notice, case__isnull=False)
    cases = [row.case for row in rows.select_related("case__decision") if row.case is not None]
    if all(may_see(user, case) for case in cases) and _open_category(notice.category, user):
        first = cases[0] if cases else None
        yield Hit(kind=HitKind.NOTICE, key=notice.label, case=first)


def _open_category(category: str, user: User) -> bool:
    """Say whether the person may know of a notice of this category."""
    if category == "child" and not user.has_perm(Permission.CHILD_READ):
        return False
    return category not in user.barred


def _appeal(number: int, user: User) -> Iterator[Hit]:
    appeal = Appeal.objects.select_related("case__decision").filter(number=number).first()
    if appeal is not None and may_see(user, appeal.case):
        yield Hit(kind=HitKind.APPEAL, key=appeal.label, case=appeal.case)


def _named(words: str, user: User) -> Iterator[Hit]:
    """Yield what has a name: items, authors, hashes, full names of decisions, policies."""
    seen = _seen(user)
    named = seen.filter(decision_id=words).first()
    if named is not None:
        yield Hit(kind=HitKind.DECISION, key=named.label, decision=named)
    yield from _items(words, seen)
    small = words.lower()
    if _HEX.fullmatch(small):
        yield from _authors(small, seen)
        yield from _hashes(small, seen)
    policies = PolicyRecord.objects.filter(begins("policy_id", small))
    if user.has_perm(Permission.POLICY_READ):
        for name in policies.order_by("policy_id").values_list("policy_id", flat=True)[:MOST]:
            yield Hit(kind=HitKind.POLICY, key=name, exact=name == small)


def _items(words: str, seen: QuerySet[DecisionRecord]) -> Iterator[Hit]:
    """Yield the newest decision about each item of this id, or that begins so."""
    found: dict[tuple[str, str], DecisionRecord] = {}
    like = seen.filter(begins("item_id", words)).order_by("item_id", "-number")
    for record in (*seen.filter(item_id=words)[:MOST], *like[:50]):
        found.setdefault((record.service, record.item_id), record)
    for (_, item), record in list(found.items())[:MOST]:
        yield Hit(kind=HitKind.ITEM, key=item, decision=record, exact=item == words)


def _authors(words: str, seen: QuerySet[DecisionRecord]) -> Iterator[Hit]:
    rows = seen.filter(begins("author", words)).order_by("author")
    for name in rows.values_list("author", flat=True).distinct()[:MOST]:
        yield Hit(kind=HitKind.AUTHOR, key=name, exact=name == words)


def _hashes(words: str, seen: QuerySet[DecisionRecord]) -> Iterator[Hit]:
    rows = DecisionTag.objects.filter(begins("value", words), kind=HASH)
    tagged = list(rows.order_by("value").values_list("value", "decision_id")[: 5 * MOST])
    known = set(
        seen.filter(number__in=[number for _, number in tagged]).values_list("pk", flat=True)
    )
    values = dict.fromkeys(value for value, number in tagged if number in known)
    for value in list(values)[:MOST]:
        yield Hit(kind=HitKind.HASH, key=value, exact=value == words)
