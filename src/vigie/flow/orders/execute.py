# SPDX-License-Identifier: Apache-2.0
"""Carrying out an order: by the one decision path, within its territory, once.

A person carries it out, a second one where the desk asks for one. Each location gets
a decision of kind `order` (rule (c)); the platform is told at once, the person
concerned as the law has it, the authority only after the platform has confirmed
(`effects`). What is refused, impossible or taken back is in `answers` and `withdraw`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from vigie.core.actions import ActionKind
from vigie.core.decision import Action, Ground
from vigie.core.errors import InvalidInputError, RefusedError
from vigie.flow import consequences, desk_settings
from vigie.flow.chain import head_of, kept_actions, root_of
from vigie.flow.choose import outcome
from vigie.flow.decided import Choice, Target, by_number, commit
from vigie.flow.house import House
from vigie.flow.orders import (
    answering,
    clocks,
    copies,
    keep,
    letters,
    preservation,
    prove,
    targets,
)
from vigie.flow.orders.answers import impossible, refuse
from vigie.flow.orders.copies import Copy
from vigie.flow.orders.targets import Named
from vigie.flow.orders.withdraw import withdraw
from vigie.flow.transaction import writing
from vigie.law.order_form import Aim, OrderForm
from vigie.screening import acting
from vigie.store.models import (
    DecisionRecord,
    Order,
    OrderLocation,
    OrderOutcome,
    OrderState,
    User,
)

TWO_PERSONS: Final = "orders_two_persons"
"""Desk setting: removal orders need a second person too."""
DONE: Final = "done"
LEFT_OUT: Final = "left_out"
NOBODY: Final = "not_known"
VERB: Final = "order"
__all__ = [
    "Carrying",
    "Plan",
    "carry_out",
    "check_execute",
    "execute",
    "impossible",
    "needs_second",
    "plan",
    "refuse",
    "withdraw",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrying:
    """How an order is to be carried out; without anything: all that it names, as it says."""

    copies: frozenset[str] = frozenset()
    """Identical copies to include, by `Copy.key`."""
    left_out: frozenset[int] = frozenset()
    """Positions of locations that are not acted on; needs `narrowed`."""
    territories: tuple[str, ...] = ()
    """Fewer countries than the order names; needs `narrowed`."""
    narrowed: str = ""
    """Why it is followed in part only: the authority is told."""
    unpreserved: str = ""
    """Why it is carried out although what it makes us keep could not be sealed."""
    note: str = ""
    """For the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will happen, before anything does."""

    form: OrderForm
    territories: tuple[str, ...]
    named: list[Named] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    second: bool = False
    unproven: str = ""
    """Why nothing may be done on its strength yet; empty: it may."""

    @property
    def acts_on(self) -> list[Named]:
        """The locations of which the platform can be told."""
        return [one for one in self.named if one.possible]


def plan(order: Order) -> Plan:
    """Return what carrying an order out would do; changes nothing."""
    form = answering.form_of(order)
    found = targets.named(order)
    named = [one for one in found if not one.location.copy]
    removal = form.aim is Aim.REMOVAL
    return Plan(
        form=form,
        territories=answering.territory_of(order, form),
        named=named,
        copies=copies.find(named) if removal else [],
        second=needs_second(order, form),
        unproven=prove.why_not(order),
    )


def needs_second(order: Order, form: OrderForm | None = None) -> bool:
    """Say whether a second person must agree: for data always, else as the desk has set it."""
    known = form or answering.form_of(order)
    if known.aim is Aim.PRESERVATION:
        return False  # nothing is restricted, nothing leaves
    if known.discloses or order.emergency:
        return True
    return desk_settings.switch(TWO_PERSONS)


def execute(
    house: House,
    user: User,
    order: Order,
    second: User | None = None,
    how: Carrying | None = None,
) -> Order:
    """Carry an order out; returns it as it is then. Outside a transaction: it preserves first.

    Args:
        house: settings, law and time.
        user: who carries it out.
        order: the order, proven as its form asks.
        second: who agreed, where a second person is asked for.
        how: copies, parts that are left out, reasons.

    Raises RefusedError without permission, proof, preservation that the law asks for
    (`not_preserved`) or a second person (`second_person`); ConflictError (`executed`,
    `closed`) where somebody answered first; InvalidInputError where nothing can be acted on.
    """
    wanted = how or Carrying()
    if answering.form_of(order).aim is Aim.PRESERVATION:
        return keep.keep(house, user, order, wanted.note)
    check_execute(user, order, second, wanted)
    preservation.preserve_all(house, order, _chosen(order, wanted))
    with writing():
        return carry_out(house, user, order, second, wanted)


def check_execute(user: User, order: Order, second: User | None, how: Carrying) -> None:
    """Raise what `execute` would raise, and change nothing."""
    answering.check_may(user)
    form = answering.form_of(order)
    if form.aim is not Aim.REMOVAL:
        raise RefusedError(
            _("This form asks for no removal."),
            code="other_aim",
            fix=_("Grant or narrow what it asks for, then build the package."),
        )
    if not form.sure:
        raise RefusedError(_("The law data of this form are not sure enough."), code="low_form")
    prove.check_suffices(order)
    if needs_second(order, form):
        check_second(user, second)
    if how.left_out or how.territories:
        answering.check_reason(how.narrowed, "narrowed")
    if len(how.note) > answering.MAX_REASON or len(how.unpreserved) > answering.MAX_REASON:
        raise InvalidInputError(_("This text is too long."), code="text_too_long", field="note")


def check_second(user: User, second: User | None) -> None:
    """Raise RefusedError unless another person who may answer orders has agreed."""
    if second is None:
        raise RefusedError(
            _("A second person must agree."),
            code="second_person",
            fix=_("Ask one; they find it under Second person and on the order's page."),
        )
    if second.pk == user.pk:
        raise RefusedError(_("Nobody agrees to their own request."), code="own_request")
    answering.check_may(second)


def carry_out(house: House, user: User, order: Order, second: User | None, how: Carrying) -> Order:
    """Do what `execute` does, after everything was preserved. Inside `transaction.writing`."""
    check_execute(user, order, second, how)
    row = answering.open_order(order)
    places = _places(row, how)
    chosen = _chosen(row, how)
    if not chosen:
        raise InvalidInputError(
            _("Nothing that it names can be acted on."),
            code="nothing_found",
            field="locations",
            fix=_("Tell the authority that it cannot be done, and why."),
        )
    preservation.check(row, chosen, how.unpreserved)
    _mark(row, how)
    decided = _decide(house, user, row, second, chosen, places)
    return _close_step(house, user, row, second, how, decided, places)


def _places(order: Order, how: Carrying) -> tuple[str, ...]:
    """Return where it acts. Raises InvalidInputError for nowhere, or beyond the order."""
    all_of_it = answering.territory_of(order)
    places = tuple(dict.fromkeys(how.territories)) or all_of_it
    if not places or not set(places) <= set(all_of_it):
        raise InvalidInputError(
            _("An order acts within its territory alone."),
            code="outside_order",
            field="territories",
            fix=_("Choose from: %(words)s.") % {"words": ", ".join(all_of_it) or "—"},
        )
    return places


def _chosen(order: Order, how: Carrying) -> list[Named]:
    """Return what is acted on: what it names, without what is left out, and chosen copies."""
    known = plan(order)
    found = [one for one in known.acts_on if one.location.position not in how.left_out]
    return found + [
        _copied(order, one, n)
        for n, one in enumerate((c for c in known.copies if c.key in how.copies), 1)
    ]


def _copied(order: Order, one: Copy, n: int) -> Named:
    """Return a chosen copy as a location that is kept when it is acted on."""
    last = order.locations.order_by("-position").values_list("position", flat=True).first()
    location = OrderLocation(
        order=order,
        position=(last or 0) + n,
        url=one.url,
        service=one.service,
        item_id=one.item_id,
        copy=True,
    )
    return targets.of_location(location)


def _mark(order: Order, how: Carrying) -> None:
    """Write on each location that is not acted on why."""
    for one in targets.named(order):
        if one.location.position in how.left_out:
            one.location.outcome = LEFT_OUT
        elif not one.possible:
            one.location.outcome = NOBODY
        else:
            continue
        one.location.save(update_fields=["outcome"])


def _decide(
    house: House,
    user: User,
    order: Order,
    second: User | None,
    chosen: Sequence[Named],
    places: tuple[str, ...],
) -> list[DecisionRecord]:
    done: list[DecisionRecord] = []
    by_head: dict[int, DecisionRecord] = {}
    for one in chosen:
        head = targets.head_for(order, one, house.now())
        row = by_head.get(head.pk)
        if row is None:  # two addresses of one item are one decision
            together = done[0].decision_id if done else ""
            row = _one(house, user, order, second, head, places, together)
            done.append(row)
            by_head[row.pk] = row
        location = one.location
        location.service, location.item_id = one.place.service, one.place.item_id
        if location.url:  # without one, the version is what the order itself names
            location.version = row.version
        location.decision, location.outcome = row, DONE
        location.save()
    return done


def _one(
    house: House,
    user: User,
    order: Order,
    second: User | None,
    head: DecisionRecord,
    places: tuple[str, ...],
    together: str,
) -> DecisionRecord:
    """Restrict one item for an order, beside whatever stands or waits about it."""
    head = head_of(head)
    action = _action(order, places)
    before = kept_actions(head.body.get("actions", ()))
    actions = (*(one for one in before if one != action), action)
    choice = Choice(
        verb=VERB,
        actions=actions,
        outcome=outcome(actions, waiting=False),
        reason=order.reason or f"O-{order.number}",
        told=None,
        user=user,
        second=second,
        closes_case=False,
        at_once=True,
        order=order,
    )
    row = commit(house, choice, Target(head=head, root=root_of(head), case=None), together=together)
    consequences.follow(house, row, head, choice, None)
    return row


def _action(order: Order, places: tuple[str, ...]) -> Action:
    """Return the action, if the one table of what may act allows it (rule (c))."""
    name = f"O-{order.number}"
    allowed = acting.may_act(
        acting.Case(
            action=ActionKind.DISABLED,
            territories=places,
            order=name,
            proven=prove.suffices(order),
            order_places=answering.territory_of(order),
        )
    )
    if allowed.rule is None:
        raise RefusedError(_("The order does not carry this act."), code="rule_c")
    return Action(
        action=ActionKind.DISABLED,
        territories=places,
        by=allowed.by,
        state="sent",
        grounds=(Ground(order=name),),
    )


def _close_step(
    house: House,
    user: User,
    order: Order,
    second: User | None,
    how: Carrying,
    decided: Sequence[DecisionRecord],
    places: Collection[str],
) -> Order:
    narrowed = bool(how.narrowed.strip())
    order.state = OrderState.EXECUTED
    order.outcome = OrderOutcome.NARROWED if narrowed else OrderOutcome.FOLLOWED
    order.executed_at, order.decided_by, order.second = house.now(), user, second
    order.reason = how.note.strip() or how.narrowed.strip()
    order.save(update_fields=["state", "outcome", "executed_at", "decided_by", "second", "reason"])
    plain: dict[str, Any] = {
        "outcome": order.outcome,
        "decisions": [one.decision_id for one in decided],
        "territories": sorted(places),
        "preserved": not how.unpreserved.strip(),
    }
    personal = {
        "second": by_number(second) if second else "",
        "note": how.note.strip(),
        "narrowed": how.narrowed.strip(),
        "unpreserved": how.unpreserved.strip(),
    }
    answering.record(house, answering.EXECUTED, order, user, plain, personal)
    # The first word on what happens is owed; the effect is told when it is confirmed.
    clocks.meet(house, answering.DUTIES, order.number, "dsa_order_ack")
    if narrowed:
        _tell_narrowed(house, user, order, how)
    return order


def _tell_narrowed(house: House, user: User, order: Order, how: Carrying) -> None:
    named = order.locations.filter(position__in=how.left_out).order_by("position")
    lines = [one.url or one.item_id for one in named]
    if how.territories:
        lines += sorted(set(answering.territory_of(order)) - set(how.territories))
    data = {
        "left_out": "\n".join(f"– {one}" for one in lines) or "—",
        "reason": how.narrowed.strip(),
    }
    letter = letters.write(house, order, "narrowing", data=data, by=by_number(user))
    letters.send_if_known(house, letter)
