# SPDX-License-Identifier: Apache-2.0
"""Taking back what was decided, with everything that followed from it.

Visibility by the same path as any decision of a person; with it go strikes and
the measures that stood on them (`strikes.count` follows every decision), the
decided media, and entries of banks that were made from it. Each is named in
what is returned: the person is told of every one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from vigie.core.actions import ACTIONS
from vigie.core.decision import Action
from vigie.core.errors import InvalidInputError
from vigie.flow import banks, consequences
from vigie.flow.appeals.persons import chain_of
from vigie.flow.chain import head_of, root_of, standing
from vigie.flow.choose import changed, outcome, without
from vigie.flow.decided import Choice, Target, commit
from vigie.flow.decided_media import keep_media, release_media
from vigie.flow.house import House
from vigie.flow.strikes import count
from vigie.store.models import (
    BankEntry,
    DecidedMedia,
    DecisionRecord,
    Measure,
    MeasureState,
    Strike,
    StrikeState,
    User,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """What was taken back, and by which decision."""

    decision: DecisionRecord | None
    """None where nothing was restricted any more."""
    taken: dict[str, Any]
    """By the names of `words.TOOK_BACK`."""


def remaining(contested: DecisionRecord, keep: Sequence[str]) -> tuple[Action, ...]:
    """Return what still acts on the item once what is contested is taken back.

    What another decision did elsewhere stands; of what is contested only `keep`.
    """
    left = []
    for action in standing(head_of(contested)):
        gone = {
            place
            for one in standing(contested)
            if one.action is action.action
            for place in one.territories
        } - set(keep)
        rest = action if action.ordered else without(action, gone)
        if rest is not None:
            left.append(rest)
    return tuple(left)


def check_keep(contested: DecisionRecord, keep: Sequence[str]) -> None:
    """Raise InvalidInputError where a decision cannot be kept in part like this."""
    acting = [one for one in standing(contested) if ACTIONS[one.action].territorial]
    places = {place for one in acting for place in one.territories}
    if not acting or len(acting) != len(standing(contested)):
        raise InvalidInputError(
            "What was decided knows no borders.",
            code="not_territorial",
            field="territories",
            fix="Uphold the complaint, or refuse it.",
        )
    if not keep or not set(keep) < places:
        raise InvalidInputError(
            "Choose some of the countries, not all of them.",
            code="not_in_part",
            field="territories",
            fix=f"Choose from: {', '.join(sorted(places))}.",
        )


def reverse(
    house: House, user: User, contested: DecisionRecord, reason: str, keep: Sequence[str] = ()
) -> Reversal:
    """Take a decision back, or all of it but `keep`; inside `writing`."""
    before = _counted(contested)
    visible, decision = _visibility(house, user, contested, reason, keep)
    if not keep:
        _withdraw_entries(house, user, contested)
    after = _counted(contested)
    taken: dict[str, Any] = {"visibility": visible}
    taken |= {name: sorted(before[name] - after[name]) for name in before}
    return Reversal(decision=decision, taken={name: one for name, one in taken.items() if one})


def _visibility(
    house: House, user: User, contested: DecisionRecord, reason: str, keep: Sequence[str]
) -> tuple[list[str], DecisionRecord | None]:
    """Lift what stands of it, or narrow it; return where it is visible again."""
    head, root = head_of(contested), root_of(contested)
    now_acting, left = standing(head), remaining(contested, keep)
    gone = {p for one in now_acting for p in one.territories}
    gone -= {p for one in left for p in one.territories}
    if left == now_acting:
        return [], None
    # What the reviewer kept, the reviewer answers for; what stood elsewhere stays whose it was.
    actions = tuple(
        changed(one, territories=one.territories, by="person")
        if set(one.territories) <= set(keep)
        else one
        for one in left
    )
    choice = Choice(
        verb=count.NARROW if left else "lift",
        actions=actions,
        outcome=outcome(actions, waiting=False),
        reason=reason,
        told=None,
        user=user,
        closes_case=True,
        at_once=False,
    )
    row = commit(house, choice, Target(head=head, root=root, case=None))
    if left:  # what `commit` does for a lift, and again for the places that are left
        release_media(row, root, row.at)
        keep_media(house, row, root, actions, row.at)
    consequences.follow(house, row, head, choice, None)
    return sorted(gone), row


def _counted(contested: DecisionRecord) -> dict[str, set[Any]]:
    """Return what follows from the decisions about this item now."""
    numbers = [one.number for one in chain_of(contested)]
    strikes = Strike.objects.filter(decision__in=numbers, state=StrikeState.ACTIVE)
    running = Measure.objects.filter(state=MeasureState.IN_FORCE)
    if contested.author:
        running = running.filter(subject=contested.author, service=contested.service)
    media = DecidedMedia.objects.filter(decision__in=numbers, active=True)
    return {
        "entries": set(_entries(contested).values_list("pk", flat=True)),
        "strikes": set(strikes.values_list("pk", flat=True)),
        "measures": set(running.values_list("pk", flat=True)),
        "media": set(media.values_list("sha256", flat=True)),
    }


def _entries(contested: DecisionRecord) -> QuerySet[BankEntry]:
    """Return the entries of banks that were made from a decision about this item."""
    labels = [one.label for one in chain_of(contested)]
    return BankEntry.objects.filter(reference__in=labels, active=True)


def _withdraw_entries(house: House, user: User, contested: DecisionRecord) -> None:
    """Withdraw what the decision itself did not take back."""
    for number in list(_entries(contested).values_list("pk", flat=True)):
        banks.withdraw_entry(house, number, user.username)
