# SPDX-License-Identifier: Apache-2.0
"""Rows of results: decisions and items with masked words, authors without a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from vigie.console import present, queries
from vigie.core.actions import Outcome
from vigie.flow.search.table import role_numbers
from vigie.store.models import (
    DecisionKind,
    DecisionRecord,
    Strike,
    StrikeState,
    SubjectKind,
    User,
)
from vigie.store.permissions import Permission
from vigie.web.text import Piece, excerpt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RESTRICTING: Final = (Outcome.LABEL, Outcome.LIMIT, Outcome.WITHHOLD, Outcome.REMOVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One decision, or the newest about an item."""

    record: DecisionRecord
    link: str
    said: list[Piece]
    gone: str
    state: present.State
    where: str
    surface: str
    policies: str
    by: str
    author_link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorResult:
    """One author: a pseudonym and numbers."""

    pseudonym: str
    link: str
    newest: DecisionRecord
    newest_link: str
    state: present.State
    decisions: int
    restricted: int
    points: int


def results(records: Sequence[DecisionRecord], user: User) -> list[Result]:
    """Return rows with what the person may read; matched words are masked."""
    may_read = user.has_perm(Permission.CONTENT_READ)
    texts = queries.contents(records) if may_read else {}
    marks = queries.marks(records) if texts else {}
    numbers = role_numbers(records)
    found = []
    for one in records:
        key = (one.service, one.item_id, one.version)
        text = texts[key].text if key in texts else ""
        said = excerpt(text, marks.get(key, [])) if text else []
        found.append(_result(one, said, numbers, may_read=may_read))
    return found


def _result(
    record: DecisionRecord, said: list[Piece], numbers: Mapping[str, int], *, may_read: bool
) -> Result:
    author = reverse("console:author", args=[record.author]) if record.author else ""
    return Result(
        record=record,
        link=reverse("console:decision", args=[record.number]),
        said=said,
        gone=_("no words kept") if may_read else _("words not shown to your role"),
        state=present.state(record),
        where=present.where(record.territories),
        surface=present.surface(record.surface),
        policies=", ".join(record.policies) or "—",
        by=by_whom(record, numbers),
        author_link=author,
    )


def by_whom(record: DecisionRecord, numbers: Mapping[str, int]) -> str:
    """Say who decided: a role number, never a name."""
    if record.kind == DecisionKind.PERSON:
        number = numbers.get(record.decided_by)
        return _("Moderator %(number)s") % {"number": number} if number else _("a person")
    if record.kind == DecisionKind.ORDER:
        return _("order of an authority")
    return _("notice") if record.kind == DecisionKind.NOTICE else _("program")


def authors(records: Sequence[DecisionRecord], now: int) -> list[AuthorResult]:
    """Return the authors of decisions with their numbers, class child left out."""
    names = [one.author for one in records]
    counted = (
        DecisionRecord.objects.filter(author__in=names)
        .exclude(cls=queries.CHILD)
        .values_list("author")
        .annotate(all=Count("pk"), restricted=Count("pk", filter=Q(outcome__in=RESTRICTING)))
    )
    counts = {name: (every, restricted) for name, every, restricted in counted}
    points = _points(names, now)
    return [
        AuthorResult(
            pseudonym=one.author,
            link=reverse("console:author", args=[one.author]),
            newest=one,
            newest_link=reverse("console:decision", args=[one.number]),
            state=present.state(one),
            decisions=counts[one.author][0],
            restricted=counts[one.author][1],
            points=points.get(one.author, 0),
        )
        for one in records
    ]


def _points(names: list[str], now: int) -> dict[str, int]:
    """Return the points of strikes that still count."""
    rows = Strike.objects.filter(
        subject__in=names,
        subject_kind=SubjectKind.AUTHOR,
        state=StrikeState.ACTIVE,
        expires_at__gt=now,
    )
    return dict(rows.values_list("subject").annotate(sum=Sum("weight")))
