# SPDX-License-Identifier: Apache-2.0
"""The public register of legal withholdings: what is restricted, where, and on whose word.

Without personal data: no item, author or content, only provision, territory,
what was done and whether it still holds. An order of an authority stands here
under the authority's name; without one it says that the reading of the law is
the operator's. A query over records, never a tally of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from vigie.core.actions import Outcome
from vigie.core.clock import iso
from vigie.core.errors import InvalidInputError
from vigie.flow.house import House
from vigie.law import Entry
from vigie.store.models import DecisionRecord, Effect, EffectState

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
    """`reading`; orders and referrals of authorities come with the desk that takes them."""
    authority: str
    provisions: tuple[str, ...]
    territories: tuple[str, ...]
    content: str
    """What kind of content: post, reply, picture, ..."""
    action: str
    by: str
    """`person` or `machine`."""
    answer: str
    """Of an order: followed, narrowed or refused; empty for a reading."""
    ended_at: int | None
    """Since when it no longer holds."""
    log_index: int

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
            "state": "in force" if self.ended_at is None else "ended",
            "ended": None if self.ended_at is None else iso(self.ended_at)[:10],
            "log_index": self.log_index,
        }


def month(house: House, text: str) -> Iterator[Withholding]:
    """Yield the withholdings that began in a month, `2026-11`, the oldest first.

    Raises InvalidInputError where it is no month.
    """
    begin, end = bounds(text)
    found = began().filter(at__gte=begin, at__lt=end).order_by("number")
    return (line(house, row) for row in found.iterator(chunk_size=500))


def latest(house: House, before: int | None, most: int) -> list[Withholding]:
    """Return a page of the register, the newest first."""
    found = began() if before is None else began().filter(number__lt=before)
    return [line(house, row) for row in found.order_by("-number")[:most]]


def began() -> QuerySet[DecisionRecord]:
    """Return the decisions with which a restriction on a legal ground began.

    What replaced one restriction by another of the same item is no new line;
    what was undone before anything left the house never was one.
    """
    acts = Q(outcome__in=RESTRICTING) & ~Q(offences=[])
    went_on = Q(supersedes__outcome__in=RESTRICTING) & ~Q(supersedes__offences=[])
    left = Effect.objects.filter(decision=OuterRef("pk")).exclude(state=EffectState.CANCELLED)
    found = DecisionRecord.objects.filter(acts, Exists(left), duplicate_of=None, stale=False)
    return found.exclude(Q(supersedes__isnull=False) & went_on)


def line(house: House, row: DecisionRecord) -> Withholding:
    """Return the line of a decision, as it stands now."""
    head = _head(row)
    ends = head.outcome not in RESTRICTING or not head.offences
    actions = row.body.get("actions", [])
    return Withholding(
        reference=row.label,
        at=row.at,
        source=READING,
        authority="",
        provisions=tuple(provisions(house, row)),
        territories=tuple(row.territories if ends else head.territories),
        content=row.surface,
        action=actions[0]["action"] if actions else row.outcome,
        by=row.kind,
        answer="",
        ended_at=head.at if ends else None,
        log_index=row.log_index,
    )


def provisions(house: House, row: DecisionRecord) -> Iterator[str]:
    """Yield the provisions relied on, each with its country."""
    for name in row.offences:
        entry: Entry | None = house.law.entries.get(name)
        yield f"{entry.jurisdiction}: {entry.provision}" if entry else name


def months(now: int) -> list[str]:
    """Return the months that have lines, the newest first."""
    first = began().order_by("number").values_list("at", flat=True).first()
    if first is None:
        return []
    begin, end = _moment(first), _moment(now)
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


def _head(row: DecisionRecord) -> DecisionRecord:
    while row.superseded_by is not None:
        row = DecisionRecord.objects.get(number=row.superseded_by)
    return row
