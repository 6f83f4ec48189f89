# SPDX-License-Identifier: Apache-2.0
"""An order that lost its effect: annulled, withdrawn, or found wanting by scrutiny.

What was done for it is taken back by the same path, what stands on another ground
stays; the authority is told after the platform has confirmed (Art. 4(7) Regulation
(EU) 2021/784: reinstated at once). There is no undo of an order, only this.
"""

from __future__ import annotations

from vigie.core.decision import Action
from vigie.core.errors import ConflictError
from vigie.flow import consequences
from vigie.flow.chain import head_of, kept_actions, root_of
from vigie.flow.choose import outcome
from vigie.flow.decided import WITHDRAW, Choice, Target, by_number, commit
from vigie.flow.house import House
from vigie.flow.orders import answering, clocks, targets
from vigie.flow.transaction import writing
from vigie.store.models import DecisionRecord, Order, OrderOutcome, OrderState, User

WITHDRAWN = "order.withdrawn"


def withdraw(
    house: House, user: User, order: Order, reason: str, second: User | None = None
) -> Order:
    """Take back what was done for an order, at once; returns the order.

    Before it was carried out it is closed. Raises RefusedError without permission,
    ConflictError where nothing of it stands, InvalidInputError without a reason.
    """
    answering.check_may(user)
    words = answering.check_reason(reason)
    with writing():
        row = answering.held(order)
        if row.outcome in (OrderOutcome.WITHDRAWN, OrderOutcome.REFUSED):
            raise ConflictError("Nothing stands for this order.", code="nothing_to_withdraw")
        if row.executed_at is not None and answering.form_of(row).discloses:
            raise ConflictError("Data that left stays where it went.", code="data_left")
        taken = _take_back(house, user, row, second, words)
        _write(house, user, row, second, words, taken)
    return row


def _take_back(
    house: House, user: User, order: Order, second: User | None, words: str
) -> list[DecisionRecord]:
    found: list[DecisionRecord] = []
    seen: set[int] = set()
    for location, decision in targets.decided(order):
        head = head_of(decision)
        if head.pk in seen:
            location.decision, location.outcome = head, WITHDRAW
            location.save(update_fields=["decision", "outcome"])
            continue
        left = without_order(order, head)
        if left == kept_actions(head.body.get("actions", ())):
            continue
        row = _lift(house, user, order, second, head, left, words)
        seen.add(row.pk)
        found.append(row)
        location.decision, location.outcome = row, WITHDRAW
        location.done_at = None
        location.save(update_fields=["decision", "outcome", "done_at"])
    return found


def without_order(order: Order, head: DecisionRecord) -> tuple[Action, ...]:
    """Return what a decision does and proposes beside an order's act."""
    name = f"O-{order.number}"
    actions = kept_actions(head.body.get("actions", ()))
    return tuple(one for one in actions if all(g.order != name for g in one.grounds))


def _lift(
    house: House,
    user: User,
    order: Order,
    second: User | None,
    head: DecisionRecord,
    left: tuple[Action, ...],
    words: str,
) -> DecisionRecord:
    waiting = any(one.state == "proposed" for one in left)
    choice = Choice(
        verb=WITHDRAW,
        actions=left,
        outcome=outcome(left, waiting=waiting),
        reason=words,
        told=None,
        user=user,
        second=second,
        closes_case=False,
        at_once=True,
        order=order,
    )
    row = commit(house, choice, Target(head=head, root=root_of(head), case=None))
    consequences.follow(house, row, head, choice, None)
    return row


def _write(
    house: House,
    user: User,
    order: Order,
    second: User | None,
    words: str,
    taken: list[DecisionRecord],
) -> None:
    order.reason, order.decided_by, order.second = words, user, second
    order.outcome, order.effect_at = OrderOutcome.WITHDRAWN, None
    order.state = OrderState.EXECUTED if taken else OrderState.CLOSED
    order.closed_at = None if taken else house.now()
    order.save(
        update_fields=[
            "reason", "decided_by", "second", "outcome", "effect_at", "state", "closed_at",
        ]
    )  # fmt: skip
    clocks.end(house, answering.DUTIES, order.number, why="the order lost its effect")
    plain = {"decisions": [one.decision_id for one in taken]}
    personal = {"reason": words, "second": by_number(second) if second else ""}
    answering.record(house, WITHDRAWN, order, user, plain, personal)
