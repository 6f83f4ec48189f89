# SPDX-License-Identifier: Apache-2.0
"""Counting: what a person decided about an author's item, or about a notice.

One strike for one version of one item, whoever decided how often about it. It
stands as long as a person's restriction stands: a decision that takes the
restriction back takes the strike back, in the same transaction. A label counts
nothing, nor does what a program alone did, nor a notice that is not followed.
Class `child` counts nothing either: what follows there is decided in its room.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db.models import QuerySet

from vigie.core.actions import ActionKind
from vigie.flow.decided import Choice
from vigie.flow.house import House
from vigie.flow.strikes import ladder
from vigie.flow.strikes.weights import Weight, notice_weight, weight_of
from vigie.store.models import (
    DecisionRecord,
    Notice,
    Strike,
    StrikeState,
    SubjectKind,
)

CHILD: Final = "child"
PERSON: Final = "person"
NARROW: Final = "narrow"
"""Verb of a decision that takes part of a restriction back: it never adds a strike."""
DAY_MS: Final = 86_400_000


def count(house: House, row: DecisionRecord, head: DecisionRecord, choice: Choice) -> None:
    """Count a person's decision or take back what was counted; inside `writing`."""
    del head
    if not row.author or row.cls == CHILD or choice.order is not None:
        return  # an authority's finding is none of ours
    mine = strikes_of(row)
    if not _counts(choice):
        reverse(house, mine)
    elif choice.verb != NARROW and not mine.exists():
        _write(
            house,
            row,
            subject_kind=SubjectKind.AUTHOR,
            subject=row.author,
            weight=weight_of(row.policies),
        )


def count_notice(house: House, notice: Notice, row: DecisionRecord | None) -> Strike | None:
    """Count a notice that a person called manifestly unfounded; inside `writing`.

    Once for one notice; None where its sender is not known or it was counted.
    """
    if not notice.notifier:
        return None
    if Strike.objects.filter(notice_number=notice.number, state=StrikeState.ACTIVE).exists():
        return None
    return _write(
        house,
        row,
        subject_kind=SubjectKind.NOTIFIER,
        subject=notice.notifier,
        weight=notice_weight(),
        notice=notice,
    )


def uncount_notice(house: House, notice: Notice) -> int:
    """Take back what a notice counted; inside `writing`."""
    return reverse(house, Strike.objects.filter(notice_number=notice.number))


def strikes_of(row: DecisionRecord) -> QuerySet[Strike]:
    """Return the strikes that count for this version of the item, whichever decision made them."""
    chain = [one.number for one in before(row)]
    return Strike.objects.filter(
        decision__in=chain, subject_kind=SubjectKind.AUTHOR, state=StrikeState.ACTIVE
    )


def before(row: DecisionRecord) -> Iterator[DecisionRecord]:
    """Yield a decision and those that it stands in the place of."""
    one: DecisionRecord | None = row
    while one is not None:
        yield one
        one = one.supersedes


def reverse(house: House, strikes: QuerySet[Strike]) -> int:
    """Take strikes back, and what no longer stands without them; return how many."""
    now = house.now()
    rows = list(strikes.filter(state=StrikeState.ACTIVE))
    for one in rows:
        one.state, one.reversed_at = StrikeState.REVERSED, now
        one.save(update_fields=["state", "reversed_at"])
    for kind, subject, service in {(s.subject_kind, s.subject, s.service) for s in rows}:
        ladder.look_again(house, SubjectKind(kind), subject, service)
    return len(rows)


def _counts(choice: Choice) -> bool:
    """Say whether a person restricts something by it."""
    return any(
        action.by == PERSON and action.action is not ActionKind.LABELLED for action in choice.acting
    )


def _write(
    house: House,
    row: DecisionRecord | None,
    *,
    subject_kind: SubjectKind,
    subject: str,
    weight: Weight,
    notice: Notice | None = None,
) -> Strike | None:
    if not weight.points:
        return None
    now = house.now()
    # A person who gives notice is one person on every product of the operator.
    service = row.service if row is not None and notice is None else ""
    made = Strike.objects.create(
        subject_kind=subject_kind,
        subject=subject,
        service=service,
        policy=weight.policy,
        weight=weight.points,
        decision=row,
        notice_number=notice.number if notice else None,
        at=now,
        expires_at=now + weight.days * DAY_MS,
    )
    ladder.propose(house, subject_kind, subject, service)
    return made
