# SPDX-License-Identifier: Apache-2.0
"""What the platform has confirmed of an order, and the report of it to the authority.

Annex II, or the report of Art. 9(1) DSA, leaves by itself when every effect was
confirmed, and names the time that the platform gave. Before that a person may report
what is known, and it is called what it is: in part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from vigie.core.clock import iso
from vigie.core.errors import ConflictError
from vigie.flow import chain
from vigie.flow.decided import LIFTED, by_number
from vigie.flow.house import House
from vigie.flow.orders import answering, clocks, letters
from vigie.flow.orders.letters.words import say
from vigie.flow.statement_text import moment
from vigie.flow.transaction import writing
from vigie.law.wording import wording
from vigie.store.models import (
    DecisionRecord,
    Effect,
    EffectState,
    Order,
    OrderLetter,
    OrderLocation,
    OrderOutcome,
    OrderState,
    User,
)

MACHINE: Final = "vigie"
REINSTATED: Final = "reinstated"
ANNEX_II: Final = "annex_ii"


class Found(StrEnum):
    """How far the platform has come with one location."""

    CONFIRMED = "confirmed"
    PARTLY = "partly"
    FAILED = "failed"
    """The platform said that it could not, or does not know the address."""
    SENT = "sent"
    WAITING = "waiting"
    """Nothing has left: nobody at the platform was told yet."""
    UNKNOWN = "unknown"
    """No address of the web and no item: nobody could be told of it."""
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One location with its state."""

    location: OrderLocation
    found: Found
    at: int | None = None
    """When the platform applied it, by its own word."""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An order's effect as it stands."""

    places: tuple[Place, ...]

    @property
    def acted(self) -> tuple[Place, ...]:
        """Without what nobody could be told of."""
        none = (Found.UNKNOWN, Found.LEFT_OUT)
        return tuple(one for one in self.places if one.found not in none)

    @property
    def whole(self) -> bool:
        """True where everything that was done is confirmed, and something was."""
        acted = self.acted
        return bool(acted) and all(one.found is Found.CONFIRMED for one in acted)

    @property
    def any(self) -> bool:
        """True where anything is confirmed."""
        return any(one.found in (Found.CONFIRMED, Found.PARTLY) for one in self.acted)

    @property
    def at(self) -> int | None:
        """When the last of it was applied; None while nothing is."""
        return max((one.at for one in self.acted if one.at is not None), default=None)


def standing(order: Order) -> Standing:
    """Return what is known of an order's effect, location by location."""
    rows = order.locations.select_related("decision").order_by("position")
    return Standing(places=tuple(_place(order, one) for one in rows))


def _place(order: Order, one: OrderLocation) -> Place:
    if one.decision is None:
        left = one.outcome == Found.LEFT_OUT
        return Place(location=one, found=Found.LEFT_OUT if left else Found.UNKNOWN)
    lifted = order.outcome == OrderOutcome.WITHDRAWN
    effects = [row for row in one.decision.effects.all() if _is_ours(order, row, lifted=lifted)]
    if not effects:  # it stood, or stands, on another ground all the same
        return Place(location=one, found=Found.CONFIRMED, at=one.decision.at)
    found = {_found(row) for row in effects}
    why = "; ".join(sorted({_why(row) for row in effects} - {""}))
    at = max((row.applied_at for row in effects if row.applied_at is not None), default=None)
    return Place(location=one, found=_together(found), at=at, why=why)


def _is_ours(order: Order, row: Effect, *, lifted: bool) -> bool:
    """Say whether an effect is of this order's act, among those of its decision."""
    if lifted:
        return row.action == LIFTED
    name = f"O-{order.number}"
    actions = [one for one in row.decision.body["actions"] if one.get("state") != "proposed"]
    if row.position >= len(actions):
        return False
    grounds = actions[row.position].get("grounds", ())
    return any(one.get("order") == name for one in grounds)


_FOUND: Final = {
    EffectState.APPLIED: Found.CONFIRMED,
    EffectState.PARTLY: Found.PARTLY,
    EffectState.FAILED: Found.FAILED,
    EffectState.SENT: Found.SENT,
}


def _found(row: Effect) -> Found:
    return _FOUND.get(EffectState(row.state), Found.WAITING)


def _why(row: Effect) -> str:
    places: dict[str, Any] = row.places
    said = {one.get("reason", "") for one in places.values() if one.get("state") == "failed"}
    return ", ".join(sorted(said - {""}))


def _together(found: set[Found]) -> Found:
    if len(found) == 1:
        return found.pop()
    return Found.PARTLY if found & {Found.CONFIRMED, Found.PARTLY} else min(found)


def run(house: House, limit: int = 100) -> int:
    """Finish the orders of which everything was confirmed meanwhile; return how many."""
    waiting = Order.objects.filter(state=OrderState.EXECUTED, effect_at__isnull=True)
    waiting = waiting.filter(locations__decision__isnull=False).distinct()
    return sum(follow(house, one) for one in waiting.order_by("executed_at")[:limit])


def follow(house: House, order: Order) -> bool:
    """Close an order whose effect is confirmed whole, and report it; True where it was."""
    if not standing(order).whole:
        return False
    with writing():
        row = answering.held(order)
        now = standing(row)
        if row.state != OrderState.EXECUTED or row.effect_at is not None or not now.whole:
            return False
        _finish(house, row, now)
    return True


def _finish(house: House, order: Order, now: Standing) -> None:
    at = now.at or house.now()
    for place in now.acted:
        place.location.done_at = place.at
        place.location.save(update_fields=["done_at"])
    order.effect_at = at
    order.save(update_fields=["effect_at"])
    if order.outcome != OrderOutcome.WITHDRAWN:
        _duties(house, order, at)
    letter = _write(house, order, now, MACHINE)
    letters.send_if_known(house, letter)
    order.state, order.closed_at = OrderState.CLOSED, house.now()
    order.save(update_fields=["state", "closed_at"])
    plain = {"outcome": order.outcome, "effect_at": at, "letter": letter.kind}
    answering.record(house, answering.CLOSED, order, None, plain, {})


def _duties(house: House, order: Order, at: int) -> None:
    """Close what the effect fulfils, by the platform's own time, and start what it begins."""
    for one in answering.form_of(order).clocks:
        if one.at == "effect":
            clocks.start(
                house,
                duty=one.duty,
                subject=answering.DUTIES,
                number=order.number,
                at=at,
                order=order,
                start_event="effect_confirmed",
            )
        elif one.at == "received":
            clocks.meet(house, answering.DUTIES, order.number, one.duty, at=at)
    clocks.meet(house, answering.DUTIES, order.number, "order_named_time", at=at)


def report(house: House, user: User, order: Order, note: str = "") -> OrderLetter:
    """Write a report of what is known now, called partial while it is.

    Raises RefusedError without permission, ConflictError before it was carried out.
    """
    answering.check_may(user)
    words = answering.check_reason(note) if note.strip() else ""
    with writing():
        row = answering.held(order)
        if row.executed_at is None:
            raise ConflictError("It was not carried out.", code="not_executed")
        return _write(house, row, standing(row), by_number(user), words)


def _write(house: House, order: Order, now: Standing, by: str, note: str = "") -> OrderLetter:
    spoken = letters.language_of(order)
    lines = [line_of(one, spoken) for one in now.places]
    data: dict[str, Any] = {
        "places": "\n".join(f"– {address}: {words}" for address, words, *_ in lines),
        "rows": [say("head", spoken).split("|"), *[[*line] for line in lines]],
    }
    kind = _kind(order, now)
    if kind == REINSTATED:
        data["reason"] = order.reason
        return letters.write(house, order, kind, data=data, language=spoken, by=by)
    data["effect"] = sentence(now, spoken)
    data["reason"] = note
    if kind == ANNEX_II:
        data["form"] = {"measure": "disabled", "measure_at": iso(now.at or house.now())}
    return letters.write(house, order, kind, data=data, language=spoken, by=by)


def _kind(order: Order, now: Standing) -> str:
    if order.outcome == OrderOutcome.WITHDRAWN:
        return REINSTATED
    # The official form knows no part: it is used when all is done.
    known = answering.form_of(order).letters.effect
    official = known == ANNEX_II and now.whole
    return known if official or known not in (ANNEX_II, "") else "effect"


def sentence(now: Standing, spoken: str) -> str:
    """Return in one sentence what was done and how much of it is confirmed."""
    places = wording(spoken).country_list(_territories(now))
    at = wording(spoken).at(moment(now.at)) if now.at else ""
    values = {"places": places, "at": at}
    if now.whole and len(now.acted) == len(now.places):
        return say("whole", spoken, **values)
    if now.whole:
        return say("whole_but", spoken, **values)
    return say("partly_sentence" if now.any else "none", spoken, **values)


def _territories(now: Standing) -> Sequence[str]:
    """Return where the order's own act holds, not what stands on other grounds."""
    rows: list[DecisionRecord] = [
        one.location.decision for one in now.acted if one.location.decision is not None
    ]
    acts = [action for row in rows for action in chain.standing(row) if action.ordered]
    return sorted({place for action in acts for place in action.territories})


def line_of(one: Place, spoken: str) -> tuple[str, str, str]:
    """Return address, state in words and time of one location."""
    at = wording(spoken).at(moment(one.at)) if one.at else "—"
    words = say(one.found.value, spoken)
    if one.why:
        words = f"{words} ({one.why[:200]})"
    address = one.location.url or one.location.item_id
    if one.location.copy:
        address = f"{address} ({say('copy', spoken)})"
    return address, words, at
