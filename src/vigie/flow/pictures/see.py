# SPDX-License-Identifier: Apache-2.0
"""A person sees the platform's copy of a picture: veiled for free, clearly at a price.

The bytes are fetched for this one answer, matched against the lists, compared
with what was decided, drawn anew by a decoder process and forgotten: never on
a disk, never in a log. What a list of class `child` knows is shown to nobody;
its item moves to that queue at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.core.errors import NotFoundError, RefusedError
from vigie.core.item import MediaFacts
from vigie.exchange import fetch
from vigie.flow import child_items, looks
from vigie.flow.house import House
from vigie.flow.pictures import child, decoders, known
from vigie.flow.pictures.compare import Compared, Comparison, compare
from vigie.flow.queues import access
from vigie.flow.queues.severity import is_child
from vigie.screening.matching.base import BankClass
from vigie.screening.media.protocol import Clarity, Drawn
from vigie.store.models import (
    Case,
    ContentLook,
    DecisionRecord,
    LookKind,
    Queue,
    User,
)
from vigie.store.permissions import Permission

NO_PICTURE: Final = "no_picture"
CLEAR: Final = (Clarity.HALF, Clarity.GREY, Clarity.COLOUR)


@dataclass(frozen=True, slots=True)
class Place:
    """One picture of a case: where the platform serves it."""

    case: Case
    position: int
    url: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person is shown, and what is known of it."""

    drawn: Drawn
    comparison: Comparison


def addresses(case: Case) -> list[str]:
    """Return where the platform serves the pictures of a case; never for class `child`."""
    seen = case.decision
    if case.queue == Queue.CHILD or is_child(seen.cls, case.category):
        return []
    kept = (
        child_items.shown()
        .filter(service=seen.service, item_id=seen.item_id, version=seen.version)
        .first()
    )
    return list(kept.media_urls) if kept is not None else []


def find(user: User, case_id: int, position: int) -> Place:
    """Return one picture of a case that this person may see; NotFoundError otherwise."""
    case = access.find(user, case_id)
    urls = addresses(case) if user.has_perm(Permission.CONTENT_READ) else []
    if not 0 <= position < len(urls):
        raise NotFoundError("There is no such picture.", code=NO_PICTURE)
    return Place(case, position, urls[position])


def veiled(house: House, user: User, place: Place) -> Seen:
    """Fetch a picture and draw its grey blur; recorded once a shift, costs nothing.

    Raises what `fetch_picture` raises, RefusedError `known_child` where a list
    knows it, UnavailableError while too many pictures wait.
    """
    seen = _seen(house, user, place, Clarity.VEILED)
    looks.seen_blurred(house, user, place.case.decision, place.case)
    return seen


def ask(house: House, user: User, place: Place, clarity: Clarity, reason: str) -> ContentLook:
    """Ask for a clear look: recorded and counted before anything is fetched.

    Raises RefusedError `budget_spent` or `no_permission`, InvalidInputError
    without a reason. A look that is not fetched within 15 s costs nothing.
    """
    case = place.case
    about: dict[str, int | str] = {"picture": place.position, "clarity": clarity.name.lower()}
    return looks.look(
        house,
        user,
        kind=LookKind.CLEAR,
        reason=reason,
        case=case,
        decision=case.decision,
        category=case.category,
        about=about,
    )


def clear(house: House, user: User, place: Place, clarity: Clarity, look_id: int) -> Seen:
    """Hand out a picture that was asked for, once, within 15 s.

    Raises RefusedError `look_over` where the look was used or is over.
    """
    seen = _seen(house, user, place, clarity)
    if seen.drawn.problem or not looks.hand_out(house, user, look_id):
        raise RefusedError("This look is over.", code="look_over")
    return seen


def mark_of(user: User) -> str:
    """Return whose screen it is, as it stands all over a clear copy."""
    return f"Moderator {user.number}" if user.number else f"Account {user.pk}"


def _seen(house: House, user: User, place: Place, clarity: Clarity) -> Seen:
    data = fetch.fetch_picture(
        place.url,
        hosts=house.settings.media_hosts,
        allow_private=house.settings.webhook_private,
    )
    facts = decoders.facts_of(data)
    _stop_child(house, place, facts)
    comparison = compare(facts, _recorded(place.case.decision))
    if facts.status != "ok":
        return Seen(Drawn(problem=facts.problem or Compared.UNREADABLE), comparison)
    return Seen(decoders.draw(data, clarity, mark_of(user)), comparison)


def _stop_child(house: House, place: Place, facts: MediaFacts) -> None:
    """Raise where a list of class `child` knows the bytes, however surely."""
    found = known.of_class(known.matches(house, facts), BankClass.CHILD)
    if found:
        child.move(house, place.case, facts, found)
        raise child.refusal()


def _recorded(decision: DecisionRecord) -> list[str]:
    """Return the hashes recorded for this version of the item, by whichever decision."""
    same = DecisionRecord.objects.filter(
        service=decision.service, item_id=decision.item_id, version=decision.version
    )
    return sorted({value for media in same.values_list("media", flat=True) for value in media})
