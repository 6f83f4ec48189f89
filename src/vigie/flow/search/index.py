# SPDX-License-Identifier: Apache-2.0
"""Writes what decisions can be found by: tags, soon after each was recorded; counts them too.

A tag says nothing that the skeleton of a decision does not say: no author, no
item, no word. Hashes alone are erased with the decision's own (`flow.deletion`).
Class `child` gets none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec
from django.db.models import QuerySet

from vigie.core.decision import Decision
from vigie.core.territory import EVERYWHERE
from vigie.flow.fold.write import move, position
from vigie.flow.house import House
from vigie.flow.insert import insert
from vigie.flow.overview import days
from vigie.flow.search.fields import HASH
from vigie.flow.search.values import millionths
from vigie.flow.transaction import writing
from vigie.screening.policy import facts
from vigie.store.models import Case, DecisionRecord, DecisionTag, FoldConsumer, ItemContent

CHILD: Final = "child"
GROUP: Final = 200
"""Small: people wait while tags are written."""
_READER: Final = "s"
_COLUMNS: Final = ("decision", "kind", "value", "score")
_LONGEST: Final = 200
Tag = tuple[str, str, int | None]
"""Kind, value and score."""


def tag(house: House, limit: int = GROUP) -> int:
    """Tag the decisions recorded since the last time; return how many were looked at.

    Decisions are numbered in the order of their commits, so none is missed.
    """
    done = position(_READER, FoldConsumer.SEARCH)
    found = list(_next(done)[:limit])
    if not found:
        return 0
    rows = list(_rows([one for one in found if one.cls != CHILD]))
    with writing():
        # Two at once write one set of tags.
        if position(_READER, FoldConsumer.SEARCH) == done:
            insert(DecisionTag, _COLUMNS, [*_still(rows), *_category_rows(found)])
            days.count(found)
            move(_READER, FoldConsumer.SEARCH, found[-1].number, house.now())
    return len(found)


def _next(done: int) -> QuerySet[DecisionRecord]:
    found = DecisionRecord.objects.filter(number__gt=done)
    return found.select_related("supersedes").order_by("number")


def _rows(records: list[DecisionRecord]) -> Iterator[tuple[Any, ...]]:
    contents = _contents(records)
    for record in records:
        content = contents.get((record.service, record.item_id, record.version))
        tags = [*tags_of(record), ("media", "", media_of(record, content))]
        if content is not None:
            tags.append(("links", "", len(content.links)))
        for kind, value, score in tags:
            yield record.number, kind, value[:_LONGEST], score


def _still(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Leave out what became class `child` while its tags were gathered."""
    hidden = _hidden({row[0] for row in rows})
    return [row for row in rows if row[0] not in hidden]


def _hidden(numbers: Iterable[int]) -> set[int]:
    found = DecisionRecord.objects.filter(number__in=list(numbers), cls=CHILD)
    return set(found.values_list("number", flat=True))


def _category_rows(records: list[DecisionRecord]) -> Iterator[tuple[Any, ...]]:
    """Return the tags of what cases are about.

    Read in the transaction that moves the position: routing names what lies
    before it (`name_categories`), so that of the two one sees the other.
    """
    hidden = _hidden(one.number for one in records)
    categories = _categories([one for one in records if one.number not in hidden])
    for number, words in categories.items():
        for kind, word, score in _named("category", words):
            yield number, kind, word[:_LONGEST], score


def name_categories(named: Mapping[int, str]) -> None:
    """Tag decisions that were looked at before their case was given a category.

    Inside `transaction.writing`; what is not looked at yet is tagged in its turn.
    """
    done = position(_READER, FoldConsumer.SEARCH)
    wanted = {number: word for number, word in named.items() if word and number <= done}
    if not wanted:
        return
    there = DecisionTag.objects.filter(decision__in=list(wanted), kind="category")
    known = set(there.values_list("decision_id", "value"))
    rows = [
        (number, "category", word, None)
        for number, word in wanted.items()
        if (number, word) not in known
    ]
    insert(DecisionTag, _COLUMNS, rows)


def tags_of(record: DecisionRecord) -> list[Tag]:
    """Return the tags that follow from a decision and the one with its signals."""
    decision = msgspec.convert(root_of(record).body, Decision, strict=False)
    marks, matched = facts.names(decision.signals)
    scores, _ = facts.scores(decision.signals)
    everywhere = EVERYWHERE in record.territories
    return [
        *_named("policy", [*record.policies, *(one.policy for one in decision.verdicts)]),
        *_named("offence", record.offences),
        *_named(HASH, [one.rpartition(":")[2].lower() for one in record.media]),
        *_named("mark", marks),
        *_named("matched", matched),
        *_named("territory", [EVERYWHERE] if everywhere else record.territories),
        *(("label", label, millionths(value)) for label, value in sorted(scores.items())),
    ]


def media_of(record: DecisionRecord, content: ItemContent | None) -> int:
    """Return how many media an item has, as far as hashes and addresses tell."""
    hashes = Counter(one.partition(":")[0] for one in record.media)
    return max([0, *hashes.values(), len(content.media_urls) if content else 0])


def _named(kind: str, values: Iterable[str]) -> Iterator[Tag]:
    for value in sorted(set(values)):
        yield kind, value, None


def root_of(record: DecisionRecord) -> DecisionRecord:
    """Return the decision that has the signals: the first of its chain."""
    while record.supersedes is not None:
        record = record.supersedes
    return record


def _categories(records: list[DecisionRecord]) -> dict[int, set[str]]:
    """Return the categories of the cases about each decision or what it follows."""
    roots = {one.number: root_of(one).number for one in records}
    found: dict[int, set[str]] = {}
    cases = Case.objects.filter(decision__in={*roots, *roots.values()}).exclude(category="")
    for number, word in cases.values_list("decision_id", "category"):
        found.setdefault(number, set()).add(word)
    return {one: found.get(one, set()) | found.get(root, set()) for one, root in roots.items()}


def _contents(records: list[DecisionRecord]) -> dict[tuple[str, str, int], ItemContent]:
    """Return what is kept of the item versions."""
    found = ItemContent.objects.filter(item_id__in={one.item_id for one in records})
    return {(one.service, one.item_id, one.version): one for one in found}
