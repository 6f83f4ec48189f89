# SPDX-License-Identifier: Apache-2.0
"""On what a person may rest a decision: the rules of grounds and territories.

A provision acts in its own territories only, and never before a person has
confirmed each of its elements where the law data asks for that; a clause of the
operator's terms acts everywhere. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from vigie.core.actions import ACTIONS, ActionKind
from vigie.core.decision import Action, Ground
from vigie.core.errors import InvalidInputError
from vigie.core.territory import EVERYWHERE, covers
from vigie.flow.house import House
from vigie.law import Element, Entry, elements_of
from vigie.law.elements import unconfirmed
from vigie.law.table import covers as in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person wants done, before anything is checked."""

    action: ActionKind
    territories: tuple[str, ...]
    """Empty: wherever an action without borders acts."""
    grounds: tuple[Ground, ...]
    confirmed: tuple[str, ...] = ()
    """Keys of the elements that the person confirmed (`law.Element.key`)."""
    clauses: frozenset[str] = frozenset()
    """Clauses of the terms that may be named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What may be done: an action, and the elements on which a person stands for it."""

    action: Action
    confirmed: tuple[Element, ...] = ()


def settle(house: House, wish: Wish) -> Settled:
    """Return the action that a person may take.

    A ground that acts in none of the places is left out: a provision is never
    named where it is none. Raises InvalidInputError, each at its field, where a
    ground is none, needs local counsel, acts elsewhere, or is not confirmed.
    """
    known = [(ground, _known(house, ground, wish.clauses)) for ground in wish.grounds]
    if not known:
        raise _refused("no_ground", "grounds", "A restriction rests on a ground.")
    places = _places(house, wish)
    _check_places(house, places, known)
    used = [(ground, entry) for ground, entry in known if _acts_in(entry, places)]
    entries = [entry for _, entry in used if entry is not None]
    _check_confirmed(entries, wish.confirmed)
    return Settled(
        action=Action(
            action=wish.action,
            territories=places,
            by="person",
            state="sent",
            grounds=tuple(ground for ground, _ in used),
        ),
        confirmed=tuple(one for entry in entries for one in elements_of(entry)),
    )


def _known(house: House, ground: Ground, clauses: Iterable[str]) -> Entry | None:
    """Return the law entry of a ground that can be one; None for a clause of the terms."""
    if ground.terms:
        if ground.terms not in clauses:
            raise _refused(
                "no_clause", "grounds", f"No policy in force names the clause {ground.terms}."
            )
        return None
    entry = house.law.entries.get(ground.offence or "")
    if entry is None:
        raise _refused("no_offence", "grounds", "There is no such entry in the law data.")
    _check_entry(entry, _today(house))
    return entry


def _check_entry(entry: Entry, today: date) -> None:
    """Raise where an entry cannot be the ground of anybody's decision."""
    if not entry.is_ground:
        raise _refused("not_a_ground", "grounds", f"{entry.provision} is no ground for this.")
    if entry.needs_counsel or not entry.territories:
        raise _refused(
            "counsel_first", "grounds", f"{entry.provision} needs local counsel before it is used."
        )
    if not in_force(entry, today):
        raise _refused("not_in_force", "grounds", f"{entry.provision} is not in force today.")


def _places(house: House, wish: Wish) -> tuple[str, ...]:
    """Return where it would act; what knows no borders acts everywhere."""
    if not ACTIONS[wish.action].territorial:
        return house.everywhere
    if not wish.territories:
        raise _refused("no_territory", "territories", "Choose at least one country.")
    return tuple(dict.fromkeys(wish.territories))


def _check_places(
    house: House, places: Sequence[str], known: Sequence[tuple[Ground, Entry | None]]
) -> None:
    """Raise unless each place has a ground that acts there."""
    terms = any(entry is None for _, entry in known)
    served = house.everywhere if terms else ()
    outside = sorted(p for p in places if p not in served and not _acting(p, known))
    if not outside:
        return
    if EVERYWHERE in outside:
        raise _refused(
            "ground_not_everywhere",
            "grounds",
            "No ground that you named acts everywhere.",
            "Disable access where a provision acts, or name a clause of the terms.",
        )
    reach = sorted({code for _, entry in known if entry for code in entry.territories})
    raise _refused(
        "outside_ground",
        "territories",
        f"The ground does not act in {', '.join(outside)}.",
        f"Choose from: {', '.join(reach) or 'none'}.",
    )


def _acting(place: str, known: Sequence[tuple[Ground, Entry | None]]) -> bool:
    return any(entry is not None and covers(entry.territories, place) for _, entry in known)


def _acts_in(entry: Entry | None, places: Sequence[str]) -> bool:
    return entry is None or any(covers(entry.territories, place) for place in places)


def _check_confirmed(entries: Sequence[Entry], confirmed: Sequence[str]) -> None:
    """Raise where an element of a provision was not confirmed by the person."""
    for one in unconfirmed(entries, confirmed):
        raise _refused(
            "unconfirmed", "confirmed", f"Not confirmed: {one.text}", "Confirm it, or leave it out."
        )


def _today(house: House) -> date:
    return datetime.fromtimestamp(house.now() / 1000, UTC).date()


def _refused(code: str, field: str, words: str, fix: str | None = None) -> InvalidInputError:
    return InvalidInputError(words, code=code, field=field, fix=fix)
