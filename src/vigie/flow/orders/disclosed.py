# SPDX-License-Identifier: Apache-2.0
"""An order for data is answered when its package was handed over: letter, clocks, end.

A package that waits in the house answers nothing. The first one handed over closes the
order; a later one brings a letter of its own and moves no clock.
"""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import override

from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.orders import answering, clocks, coverage, letters, prove
from vigie.flow.orders.coverage import Asked
from vigie.store.models import (
    EvidencePackage,
    Order,
    OrderLetter,
    OrderOutcome,
    OrderState,
    User,
)

LETTER: Final = "disclosure"
_FOLLOWED: Final = (OrderOutcome.FOLLOWED, OrderOutcome.NARROWED)


def follow(house: House, user: User, package: EvidencePackage) -> OrderLetter | None:
    """Write the letter of a package that was handed over, and close its order.

    Inside `transaction.writing`, after the hand-over was noted. None where the package
    answers no order, or one that was refused or withdrawn meanwhile or whose proof was
    taken back: what happened is noted then, and nothing is confirmed to anybody.
    """
    if package.order_id is None or package.handed_at is None:
        return None
    row = answering.held(Order(pk=package.order_id))
    is_open = row.state in answering.OPEN
    again = row.state == OrderState.CLOSED and row.outcome in _FOLLOWED
    if not (is_open or again) or not prove.suffices(row, discloses=True):
        return None
    asked = coverage.asked(row)
    letter = _letter(house, user, row, package, asked)
    if is_open:
        _close(house, user, row, package, asked)
    letters.send_if_known(house, letter)
    return letter


def _letter(
    house: House, user: User, order: Order, package: EvidencePackage, asked: list[Asked]
) -> OrderLetter:
    spoken = letters.language_of(order)
    with override(spoken):
        data: dict[str, Any] = {
            "package": package.package_id,
            "digest": package.tagmanifest_sha512,
            "left_out": "\n".join(dict.fromkeys(map(_line, _left(asked)))),
        }
    return letters.write(house, order, LETTER, data=data, language=spoken, by=by_number(user))


def _left(asked: list[Asked]) -> list[Asked]:
    """Return what the order asks for and nobody let out."""
    return [one for one in asked if not (one.covered and one.row.granted)]


def _line(one: Asked) -> str:
    """Name a category and why it stays; never an account."""
    return f"– {one.words}" if one.covered else f"– {one.words}: {one.why}"


def _close(
    house: House, user: User, order: Order, package: EvidencePackage, asked: list[Asked]
) -> None:
    at = package.handed_at or house.now()
    whole = order.outcome != OrderOutcome.NARROWED and not _left(asked)
    outcome = OrderOutcome.FOLLOWED if whole else OrderOutcome.NARROWED
    order.executed_at = order.effect_at = at
    order.decided_by = user
    order.save(update_fields=["executed_at", "effect_at"])
    answering.close(order, outcome, at)
    _duties(house, order, at)
    plain = {"outcome": outcome, "letter": LETTER, "package": package.package_id}
    answering.record(house, answering.EXECUTED, order, user, plain, {})


def _duties(house: House, order: Order, at: int) -> None:
    """Close the clocks of the answer; the second look at an emergency runs on."""
    number = order.number
    for one in answering.form_of(order).clocks:
        if one.at == "received":
            clocks.meet(house, answering.DUTIES, number, one.duty, at=at)
        elif one.at.startswith("letter_"):
            clocks.end(house, answering.DUTIES, number, one.duty, why="the data was handed over")
    clocks.meet(house, answering.DUTIES, number, "order_named_time", at=at)
