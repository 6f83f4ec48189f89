# SPDX-License-Identifier: Apache-2.0
"""The list of decisions: filters whose state is the address, pages as links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Exists, OuterRef, TextField
from django.db.models.functions import Cast

from vigie.console import present
from vigie.core.actions import Outcome
from vigie.core.item import Surface
from vigie.flow import child_items
from vigie.store.models import (
    Case,
    CaseState,
    DecisionRecord,
    Queue,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet

    from vigie.store.models import ItemContent
    from vigie.web.text import Mark

PAGE: Final = 50
CHILD: Final = "child"
NEWEST: Final = 200
"""Of an author, this many decisions are looked through."""
JSON_LISTS: Final = {"territory": "territories", "policy": "policies"}
ItemVersion = tuple[str, str, int]
"""Service, item and version: what the words belong to."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the address asks for; a value that means nothing is left out."""

    waiting: bool = False
    outcome: str = ""
    policy: str = ""
    territory: str = ""
    service: str = ""
    surface: str = ""
    item: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None

    @property
    def narrow(self) -> bool:
        """True where anything is left out of the list."""
        return self != Filters(before=self.before)


def read(query: Mapping[str, str]) -> Filters:
    """Read filters from an address; closed lists are checked here."""
    outcome, surface = query.get("outcome", ""), query.get("surface", "")
    before = query.get("before", "")
    return Filters(
        waiting=query.get("waiting") == "1",
        outcome=outcome if outcome in set(Outcome) else "",
        surface=surface if surface in set(Surface) else "",
        policy=query.get("policy", "")[:100],
        territory=query.get("territory", "")[:2].upper(),
        service=query.get("service", "")[:64],
        item=query.get("item", "").strip()[:256],
        since=_day(query.get("since", "")),
        until=_day(query.get("until", "")),
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def decisions(filters: Filters) -> QuerySet[DecisionRecord]:
    """Return decisions of the general list, newest first; never class child."""
    found = DecisionRecord.objects.exclude(cls=CHILD).order_by("-number")
    exact = {
        "outcome": filters.outcome,
        "service": filters.service,
        "surface": filters.surface,
        "item_id": filters.item,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value})
    for name, column in JSON_LISTS.items():
        value = getattr(filters, name)
        if value:
            text = f"{column}_text"
            found = found.annotate(**{text: Cast(column, TextField())})
            found = found.filter(**{f"{text}__contains": f'"{value}"'})
    if filters.waiting:
        waiting = Case.objects.filter(decision=OuterRef("pk"), state=CaseState.OPEN)
        found = found.filter(Exists(waiting.exclude(queue=Queue.CHILD)))
    if filters.since:
        found = found.filter(at__gte=_midnight(filters.since))
    if filters.until:
        found = found.filter(at__lt=_midnight(filters.until + _DAY))
    return found


def page(
    filters: Filters, hidden: QuerySet[DecisionRecord] | None = None
) -> tuple[list[DecisionRecord], bool]:
    """Return one page, without what is `hidden`, and whether an older one follows."""
    found = decisions(filters)
    if hidden is not None:
        found = found.exclude(pk__in=hidden.values("number"))
    if filters.before is not None:
        found = found.filter(number__lt=filters.before)
    rows = list(found[: PAGE + 1])
    return rows[:PAGE], len(rows) > PAGE


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def contents(records: Iterable[DecisionRecord]) -> dict[ItemVersion, ItemContent]:
    """Return the texts that are still there, by item version; never class child."""
    wanted = {(r.service, r.item_id, r.version) for r in records if r.cls != CHILD}
    # With the services: the index of items begins with them.
    found = child_items.shown().filter(
        service__in={service for service, _, _ in wanted},
        item_id__in={item for _, item, _ in wanted},
    )
    return {key: row for row in found if (key := (row.service, row.item_id, row.version)) in wanted}


def newest_by(author: str) -> QuerySet[DecisionRecord, int]:
    """Ask for the numbers of an author's newest decisions: so many, however many there are.

    Whoever posts a hundred thousand times must not make every page about it slow.
    """
    rows = DecisionRecord.objects.filter(author=author).order_by("-number")
    return rows.values_list("number", flat=True)[:NEWEST]


def marks(records: Iterable[DecisionRecord]) -> dict[ItemVersion, list[Mark]]:
    """Return what any decision saw in the same item versions.

    A person's decision has no signals of its own: its words are masked by
    those of the decisions that it stands in the place of.
    """
    wanted = {(r.service, r.item_id, r.version) for r in records if r.cls != CHILD}
    found = DecisionRecord.objects.filter(
        service__in={service for service, _, _ in wanted},
        item_id__in={item for _, item, _ in wanted},
    )
    seen: dict[ItemVersion, list[Mark]] = {}
    for row in found.order_by("number"):
        key = (row.service, row.item_id, row.version)
        if key in wanted:
            seen.setdefault(key, []).extend(present.marks(present.decision_of(row)))
    return seen


def services() -> list[str]:
    """Return the services that have decisions."""
    return list(
        DecisionRecord.objects.order_by("service").values_list("service", flat=True).distinct()
    )
