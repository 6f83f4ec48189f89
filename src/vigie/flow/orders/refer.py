# SPDX-License-Identifier: Apache-2.0
"""Referrals: hints of Europol's unit or a national one, assessed by a person, never obeyed.

The person looks at what is named by law and terms and decides by the ordinary path, on
a ground of their own finding. What is restricted is the operator's own reading; the
referral is counted apart, has no clock of law and is never called an order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow.chain import head_of, standing
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.orders import answering, letters, targets
from vigie.flow.orders.letters.words import say
from vigie.flow.transaction import writing
from vigie.store.models import (
    DecisionKind,
    DecisionRecord,
    Order,
    OrderLocation,
    OrderOutcome,
    User,
)
from vigie.store.permissions import Permission

ASSESSED: Final = "referral.assessed"
RESTRICTED: Final = "restricted"
LEFT: Final = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What a person found of a referral, location by location."""

    reason: str
    """For the record and, in the letter, for the unit."""
    decisions: Mapping[int, int] = ()  # type: ignore[assignment]
    """By position of a location: the number of the decision with which a person restricted
    it on a ground of their own finding. All others were left as they are."""


def assess(house: House, user: User, order: Order, found: Assessment) -> Order:
    """Close a referral with what a person found; returns it.

    Raises RefusedError without permission or where it is no referral, ConflictError
    where it was assessed, InvalidInputError for a decision that is no person's, no
    restriction that stands, or about another item.
    """
    if not user.has_perm(Permission.CASE_DECIDE):
        raise RefusedError("Your role may not decide.", code="no_permission")
    words = answering.check_reason(found.reason)
    with writing():
        row = answering.open_order(order)
        if not answering.is_referral(row):
            raise RefusedError("This is an order, not a referral.", code="no_referral")
        places = list(row.locations.order_by("position"))
        taken = {one.position: _checked(one, found) for one in places}
        for one in places:
            _write_place(house, one, taken[one.position])
        restricted = any(taken.values())
        row.decided_by, row.reason = user, words
        outcome = OrderOutcome.RESTRICTED if restricted else OrderOutcome.LEFT
        answering.close(row, outcome, house.now())
        decided = sorted(one.decision_id for one in taken.values() if one is not None)
        answering.record(
            house, ASSESSED, row, user, {"outcome": row.outcome, "decisions": decided},
            {"reason": words},
        )  # fmt: skip
        _tell(house, user, row, places, words)
    return row


def _checked(one: OrderLocation, found: Assessment) -> DecisionRecord | None:
    """Return the decision that a person took on a location, None where it was left."""
    number = dict(found.decisions).get(one.position)
    if number is None:
        return None
    row = DecisionRecord.objects.filter(number=number).first()
    named = targets.of_location(one)
    mine = row is not None and (row.service, row.item_id) == (
        named.place.service,
        named.place.item_id,
    )
    if row is None or not mine:
        raise _wrong("This decision is about another item.")
    if row.kind != DecisionKind.PERSON or head_of(row).pk != row.pk or not standing(row):
        raise _wrong("Name the decision with which a person restricted it, as it stands.")
    return row


def _wrong(words: str) -> InvalidInputError:
    return InvalidInputError(
        words,
        code="no_own_finding",
        field="decisions",
        fix="Decide on the item first, by law or terms; or leave it as it is.",
    )


def _write_place(house: House, one: OrderLocation, row: DecisionRecord | None) -> None:
    one.outcome = RESTRICTED if row is not None else LEFT
    one.decision, one.done_at = row, house.now()
    one.save(update_fields=["outcome", "decision", "done_at"])


def open_item(house: House, user: User, order: Order, position: int) -> DecisionRecord:
    """Return the decision on which a person can decide about a location; made if need be.

    Raises RefusedError as `assess`, ConflictError for what nobody can be told of.
    """
    if not user.has_perm(Permission.CASE_DECIDE):
        raise RefusedError("Your role may not decide.", code="no_permission")
    with writing():
        row = answering.open_order(order)
        location = row.locations.filter(position=position).first()
        named = targets.of_location(location) if location is not None else None
        if named is None or not named.possible:
            raise ConflictError("There is no item behind this address.", code="no_item")
        return targets.head_for(row, named, house.now())


def _tell(
    house: House, user: User, order: Order, places: Sequence[OrderLocation], words: str
) -> None:
    """Write the answer to the unit: voluntary, by its own kind of letter."""
    spoken = letters.language_of(order)
    name = f"assessed_{RESTRICTED if order.outcome == OrderOutcome.RESTRICTED else LEFT}"
    data: dict[str, Any] = {
        "effect": say(name, spoken),
        "places": "\n".join(
            f"– {one.url or one.item_id}: {say(one.outcome, spoken)}" for one in places
        ),
        "reason": words,
    }
    letter = letters.write(
        house, order, "assessment", data=data, language=spoken, by=by_number(user)
    )
    letters.send_if_known(house, letter)
