# SPDX-License-Identifier: Apache-2.0
"""The public register of legal withholdings: what is restricted, where, and on whose word.

Without personal data: no item, author or content, only provision, territory,
what was done and whether it still holds. An order of an authority stands here
under the authority's name; without one it says that the reading of the law is
the operator's. A query over records, never a tally of its own.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from vigie.core.actions import Outcome
from vigie.core.clock import iso
from vigie.core.decision import Action
from vigie.core.errors import InvalidInputError
from vigie.flow import register_orders
from vigie.flow.chain import standing
from vigie.flow.house import House
from vigie.flow.orders import hidden
from vigie.law import Entry
from vigie.store.models import DecisionKind, DecisionRecord, Effect, EffectState, Order

READING: Final = "reading"
"""The operator's own reading of the law: no authority asked for it."""
RESTRICTING: Final = (Outcome.LABEL, Outcome.LIMIT, Outcome.WITHHOLD, Outcome.REMOVE)
COLUMNS: Final = (
    "reference", "date", "source", "authority", "provisions", "territories", "content", "action",
    "by", "answer", "state", "ended", "log_index",
)  # fmt: skip
FIRST_YEAR: Final = 2020


@dataclass(frozen=True, slots=True, kw_only=True)
class Withholding:
    """One line of the register."""

    reference: str
    at: int
    source: str
    """`reading`, `order` or `referral`."""
    authority: str
    provisions: tuple[str, ...]
    territories: tuple[str, ...]
    content: str
    """What kind of content: post, reply, picture, ..."""
    action: str
    by: str
    """`person` or `machine`."""
    answer: str
    """Of an order: followed, narrowed, refused, withdrawn; of a referral: restricted, left;
    empty for a reading."""
    ended_at: int | None
    """Since when it no longer holds."""
    log_index: int

    @property
    def state(self) -> str:
        """`in force`, `ended`, or `none` where nothing was restricted."""
        if not self.territories:
            return "none"
        return "in force" if self.ended_at is None else "ended"

    def row(self) -> dict[str, object]:
        """Return the line as CSV and JSON carry it."""
        return {
            "reference": self.reference,
            "date": iso(self.at)[:10],
            "source": self.source,
            "authority": self.authority,
            "provisions": list(self.provisions),
            "territories": list(self.territories),
            "content": self.content,
            "action": self.action,
            "by": self.by,
            "answer": self.answer,
            "state": self.state,
            "ended": None if self.ended_at is None else iso(self.ended_at)[:10],
            "log_index": self.log_index,
        }


def month(house: House, text: str) -> Iterator[Withholding]:
    """Yield the withholdings that began in a month, `2026-11`, the oldest first.

    Raises InvalidInputError where it is no month.
    """
    begin, end = bounds(text)
    found = began(house).filter(at__gte=begin, at__lt=end).order_by("at", "number")
    asked = register_orders.answered().filter(acted__gte=begin, acted__lt=end)
    own = (line(house, row) for row in found.iterator(chunk_size=500))
    theirs = (of_order(row) for row in asked.order_by("acted", "number").iterator(chunk_size=500))
    return heapq.merge(theirs, own, key=lambda one: one.at)


def latest(house: House, before: str | None, most: int) -> list[Withholding]:
    """Return a page of the register, the newest first; `before`: a line's reference."""
    found, asked = began(house), register_orders.answered()
    place = _place(before) if before is not None else None
    if place is not None:
        at, number, is_order = place
        own = Q(at__lt=at) if is_order else Q(at__lt=at) | Q(at=at, number__lt=number)
        found = found.filter(own)
        asked = asked.filter(register_orders.before(at, number if is_order else None))
    lines = [line(house, row) for row in found.order_by("-at", "-number")[:most]]
    theirs = [of_order(row) for row in register_orders.newest_first(asked)[:most]]
    return sorted((*lines, *theirs), key=lambda one: one.at, reverse=True)[:most]


def _place(reference: str) -> tuple[int, int, bool] | None:
    """Return when and which line a reference names; a bare number is a decision's."""
    kind, _, digits = reference.rpartition("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
        return None
    number, is_order = int(digits), kind == "O"
    rows: QuerySet[Any] = register_orders.answered() if is_order else DecisionRecord.objects.all()
    column = "acted" if is_order else "at"
    first = rows.filter(number=number).values_list(column, flat=True).first()
    return None if first is None else (first, number, is_order)


def of_order(order: Order) -> Withholding:
    """Return the line of an order or referral."""
    return Withholding(**register_orders.parts(order))  # type: ignore[arg-type]


def began(house: House) -> QuerySet[DecisionRecord]:
    """Return the decisions with which a restriction on a legal ground began.

    What replaced one restriction by another of the same item is no new line,
    with a notice in between or without; what was undone before anything left the
    house never was one.
    """
    found = DecisionRecord.objects.filter(_acts(""), duplicate_of=None, stale=False)
    found = found.exclude(kind=DecisionKind.ORDER)  # an order has a line of its own
    went_on = Q(supersedes__isnull=False) & _acts("supersedes__")
    noticed = Q(supersedes__kind=DecisionKind.NOTICE) & _acts("supersedes__supersedes__")
    left = Effect.objects.filter(decision=OuterRef("pk")).exclude(state=EffectState.CANCELLED)
    undo = house.settings.undo_seconds * 1000
    later = DecisionRecord.objects.filter(number=OuterRef("superseded_by"))
    stood = later.filter(at__gt=OuterRef("at") + undo)
    found = found.exclude(went_on).exclude(noticed).filter(Exists(left) | Exists(stood))
    return hidden.shown(found)


def _acts(path: str) -> Q:
    """Return which decisions restrict on a legal ground."""
    return Q(**{f"{path}outcome__in": RESTRICTING}) & ~Q(**{f"{path}offences": []})


def line(house: House, row: DecisionRecord) -> Withholding:
    """Return the line of a decision, as it stands now."""
    head = hidden.last_shown(row)
    now, then = _legal(head), _legal(row)
    shown = now or then
    return Withholding(
        reference=row.label,
        at=row.at,
        source=READING,
        authority="",
        provisions=tuple(provisions(house, shown)),
        territories=tuple(sorted({place for one in shown for place in one.territories})),
        content=row.surface,
        action=shown[0].action.value if shown else row.outcome,
        by=row.kind,
        answer="",
        ended_at=None if now else head.at,
        log_index=row.log_index,
    )


def _legal(row: DecisionRecord) -> list[Action]:
    """Return what a decision does on a legal ground; the terms have no line here."""
    return [one for one in standing(row) if any(ground.offence for ground in one.grounds)]


def provisions(house: House, actions: Iterable[Action]) -> Iterator[str]:
    """Yield the provisions relied on, each with its country."""
    names = {ground.offence for one in actions for ground in one.grounds if ground.offence}
    for name in sorted(names):
        entry: Entry | None = house.law.entries.get(name)
        yield f"{entry.jurisdiction}: {entry.provision}" if entry else name


def months(house: House) -> list[str]:
    """Return the months that have lines, the newest first."""
    own = began(house).order_by("at").values_list("at", flat=True).first()
    asked = register_orders.answered().order_by("acted").values_list("acted", flat=True).first()
    known = [one for one in (own, asked) if one is not None]
    if not known:
        return []
    begin, end = _moment(min(known)), _moment(house.now())
    count = (end.year - begin.year) * 12 + end.month - begin.month
    zero = begin.year * 12 + begin.month - 1
    return [f"{(zero + n) // 12}-{(zero + n) % 12 + 1:02d}" for n in range(count, -1, -1)]


def bounds(text: str) -> tuple[int, int]:
    """Return the first moment of a month and of the next one."""
    year, dash, number = text.partition("-")
    if not (dash and len(year) == 4 and len(number) == 2 and (year + number).isdecimal()):
        raise _no_month()
    at = (int(year), int(number))
    if not (FIRST_YEAR <= at[0] <= 9998 and 1 <= at[1] <= 12):
        raise _no_month()
    following = (at[0] + at[1] // 12, at[1] % 12 + 1)
    return _first_of(*at), _first_of(*following)


def _no_month() -> InvalidInputError:
    return InvalidInputError("This is no month.", field="month", fix="Write it as 2026-11.")


def _first_of(year: int, number: int) -> int:
    return round(datetime(year, number, 1, tzinfo=UTC).timestamp() * 1000)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, tz=UTC)
