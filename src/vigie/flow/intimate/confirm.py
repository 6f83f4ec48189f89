# SPDX-License-Identifier: Apache-2.0
"""A person confirms, on one blurred copy, that a picture is intimate and fits the notice.

The item and the copies that the person chose are restricted in one act; then the
hashes of the platform's own copy, never the notifier's, enter `intimate/notified`.
From there on exact copies, and near ones within 10 of 256 bits, meet the same
decision; copies within 31 bits go to a person (`screening.acting`, rule b).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.core.actions import ActionKind
from vigie.core.decision import Ground
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow import records
from vigie.flow.asked import MAX_ALSO, PersonDecision, Verb
from vigie.flow.chain import head_of, root_of
from vigie.flow.decide import decide
from vigie.flow.decided import by_number
from vigie.flow.decided_media import confirm_medium
from vigie.flow.house import House
from vigie.flow.intimate import claims
from vigie.flow.intimate.follow import settled
from vigie.flow.intimate.found import take_along
from vigie.flow.intimate.media import Medium, media_of
from vigie.flow.queues import access
from vigie.flow.said import notices_of
from vigie.flow.statement_text import clause_titles
from vigie.flow.strikes.count import count_notice
from vigie.flow.transaction import writing
from vigie.law import Entry, categories, elements_of
from vigie.store.models import (
    Case,
    CaseKind,
    CaseState,
    ContentLook,
    DecisionRecord,
    LookKind,
    PictureCopy,
    User,
)

CATEGORY: Final = "intimate"
CLAUSE: Final = "intimate-pictures"
"""Clause of the operator's terms, as the shipped policy `intimate_terms` names it."""
CONFIRMED: Final = "intimate.confirmed"
LOOKS: Final = (LookKind.BLURRED, LookKind.CLEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What a person says of a picture, and what is to happen with it."""

    on: int
    """Number of the decision that the person saw as the last word."""
    intimate: bool
    """It shows what only the person shown may decide about, or imitates it."""
    fits: bool
    """It is what the notice is about."""
    reason: str
    medium: int = 0
    """Which of the item's pictures it is."""
    copies: tuple[int, ...] = ()
    """Copies that are restricted with it (`PictureCopy`)."""
    confirmed: tuple[str, ...] = ()
    """Elements of provisions that the person confirmed; others are left out."""
    elsewhere: bool = False
    """Vigie could not show it; the person looked at it on the platform itself."""


def confirm(house: House, user: User, case: Case, asked: Confirmation) -> DecisionRecord:
    """Restrict a picture and its chosen copies, and let the platform's own hash act.

    Returns the decision about the case's item. Raises RefusedError for who may
    not work on the case, InvalidInputError where something was not confirmed or
    nobody looked, ConflictError where somebody was first.
    """
    check_case(user, case)
    check_confirmed(user, case, asked)
    with writing():
        medium = check_medium(case, asked.medium)
        also = [_head(take_along(house, copy)) for copy in _copies(case, asked.copies)]
        row = decide(house, _decision(house, user, asked, also))
        if medium is not None:
            confirm_medium(house, row, root_of(row), medium.sha256, medium.pdq)
            claims.end(house, claims.active(settled(case)))
        plain = {
            "decision": row.number,
            "copies": also,
            "listed": medium is not None,
            "elsewhere": asked.elsewhere,
        }
        draft = records.draft(CONFIRMED, house.now(), plain, {"by": by_number(user)})
        records.append_one(draft)
        return row


def reject(
    house: House, user: User, case: Case, on: int, reason: str, *, unfounded: bool = False
) -> DecisionRecord:
    """Leave a picture as it is; its notices are answered and their hashes followed no more.

    `unfounded` is a person's word that the notices are manifestly unfounded: it
    counts against their notifiers (Art. 23(2) DSA). Raises as `decide` does.
    """
    check_case(user, case)
    with writing():
        notices = notices_of(case)
        row = decide(house, PersonDecision(on=on, verb=Verb.LEAVE, reason=reason, user=user))
        for notice in notices if unfounded else ():
            notice.unfounded = True
            notice.save(update_fields=["unfounded"])
            count_notice(house, notice, row)
        return row


def check_case(user: User, case: Case) -> None:
    """Raise where this is no open case of the victim's path that the person may work on."""
    if case.kind != CaseKind.INTIMATE and case.category != CATEGORY:
        raise InvalidInputError("This case is not on the victim's path.", code="not_intimate")
    if not access.may_work(user, case):
        raise RefusedError("This case is not in your queues.", code="not_your_queue")
    if case.state != CaseState.OPEN:
        raise ConflictError("Somebody has decided it.", code="decided_meanwhile")


def check_confirmed(user: User, case: Case, asked: Confirmation) -> None:
    """Raise InvalidInputError unless the person looked and answers for both questions."""
    for field, said in (("intimate", asked.intimate), ("fits", asked.fits)):
        if not said:
            raise InvalidInputError(
                "Both must hold: the picture is intimate, and it fits the notice.",
                code="not_confirmed",
                field=field,
                fix="If one does not hold, the picture stays and the notice is answered.",
            )
    if len(asked.copies) > MAX_ALSO:
        raise InvalidInputError(
            f"At most {MAX_ALSO} copies in one decision.", code="too_many", field="copies"
        )
    looked = ContentLook.objects.filter(
        user=user,
        decision__service=case.decision.service,
        decision__item_id=case.decision.item_id,
        kind__in=LOOKS,
    )
    if not asked.elsewhere and not looked.exists():
        raise InvalidInputError(
            "Nobody decides on a picture without having seen one blurred copy of it.",
            code="look_first",
            field="elsewhere",
            fix="Look at the blurred copy, or say that you looked on the platform itself.",
        )


def check_medium(case: Case, position: int) -> Medium | None:
    """Return the picture that was confirmed; None where the platform gave no hash of it."""
    found = media_of(root_of(head_of(case.decision)))
    if not found:
        return None
    if not 0 <= position < len(found):
        raise InvalidInputError("Choose which picture it is.", code="no_medium", field="medium")
    return found[position]


def _copies(case: Case, chosen: tuple[int, ...]) -> list[PictureCopy]:
    """Return the chosen copies of the case's notices that nobody took along yet."""
    rows = PictureCopy.objects.filter(
        pk__in=chosen, notice__in=notices_of(case), notice_item__isnull=True
    )
    return list(rows.select_related("notice").order_by("distance", "pk"))


def _head(case: Case) -> int:
    return head_of(case.decision).number


def _decision(house: House, user: User, asked: Confirmation, also: list[int]) -> PersonDecision:
    grounds, territories = grounds_of(house, asked.confirmed)
    return PersonDecision(
        on=asked.on,
        verb=Verb.WITHHOLD,
        reason=asked.reason,
        user=user,
        action=ActionKind.DISABLED,
        territories=territories,
        grounds=grounds,
        confirmed=asked.confirmed,
        also=tuple(also),
    )


def entries_of(house: House) -> list[Entry]:
    """Return the provisions on which such a picture can be restricted in countries served."""
    named = categories.load()[CATEGORY].offences
    found = [house.law.entries.get(one) for several in named.values() for one in several]
    served = set(house.settings.countries)
    return [
        entry
        for entry in found
        if entry is not None
        and entry.is_ground
        and not entry.needs_counsel
        and served & set(entry.territories)
    ]


def grounds_of(
    house: House, confirmed: tuple[str, ...]
) -> tuple[tuple[Ground, ...], tuple[str, ...]]:
    """Return the grounds and where they act together.

    Provisions of which every element is confirmed, and the clause of the
    operator's terms where a policy in force names it: then everywhere.
    """
    given = set(confirmed)
    usable = [e for e in entries_of(house) if all(one.key in given for one in elements_of(e))]
    grounds = [Ground(offence=entry.id) for entry in usable]
    if CLAUSE in clause_titles():
        return (*grounds, Ground(terms=CLAUSE)), house.everywhere
    reach = {place for entry in usable for place in entry.territories}
    return tuple(grounds), tuple(one for one in house.settings.countries if one in reach)
