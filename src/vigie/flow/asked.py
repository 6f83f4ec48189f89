# SPDX-License-Identifier: Apache-2.0
"""What a person asks for, and what of it can be checked before looking anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from vigie.core.actions import ActionKind
from vigie.core.decision import Ground
from vigie.core.errors import InvalidInputError
from vigie.law.restriction import Exemption
from vigie.law.wording import LANGUAGES
from vigie.store.models import User

MAX_REASON: Final = 2_000
MAX_ALSO: Final = 50
"""Related items of one decision."""
MAX_GROUNDS: Final = 60


class Verb(StrEnum):
    """What a person can do with a decision."""

    WITHHOLD = "withhold"
    """Restrict: carry out the proposal, or what the person puts together."""
    CONFIRM = "confirm"
    """What the machine did stands; a person answers for it."""
    LEAVE = "leave"
    """Neither proposal nor notice is followed; nothing is restricted by it."""
    LIFT = "lift"
    """What was restricted is restored."""
    UNDO = "undo"
    """The last decision of a person is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDecision:
    """What a person asks for."""

    on: int
    """Number of the decision that the person saw as the last word."""
    verb: Verb
    reason: str
    """For the record; erasable, never shown to the author."""
    user: User
    action: ActionKind | None = None
    """What to do; none: carry out what was proposed."""
    territories: tuple[str, ...] = ()
    """Where; none: everywhere that was proposed."""
    grounds: tuple[Ground, ...] = ()
    """With an action: on what it rests; none: on what the proposal rests on."""
    confirmed: tuple[str, ...] = ()
    """Elements that the person confirmed, by `law.Element.key`."""
    told: str | None = None
    """Facts in the person's own words, for the author's statement."""
    told_in: Mapping[str, str] = field(default_factory=dict)
    """The same in other languages of statements."""
    imminent: bool = False
    """Danger to life: nothing waits for a possible undo."""
    exemption: Exemption | None = None
    """Why no statement is owed to the author (Art. 17(2), (5) DSA); none: one is owed."""
    also: tuple[int, ...] = ()
    """Numbers of related decisions that are decided in the same way, all or none."""
    take_over: bool = False
    """Decide although somebody else has claimed the case."""
    second: User | None = None
    """Who confirmed it, where the queue asks for a second person."""

    @property
    def told_all(self) -> tuple[str, ...]:
        """Everything that the author would read in this person's words."""
        return tuple(one for one in (self.told, *self.told_in.values()) if one)


def check_request(asked: PersonDecision) -> None:
    """Raise InvalidInputError where the request is not whole in itself."""
    if not asked.reason.strip():
        raise InvalidInputError("A decision has a reason.", code="no_reason", field="reason")
    if any(len(one) > MAX_REASON for one in (asked.reason, *asked.told_all)):
        raise InvalidInputError(
            f"At most {MAX_REASON} characters.", code="text_too_long", field="reason"
        )
    if not set(asked.told_in) <= set(LANGUAGES):
        raise InvalidInputError("No statement is in that language.", field="facts")
    _check_choice(asked)
    _check_also(asked)


def _check_choice(asked: PersonDecision) -> None:
    """What belongs to a restriction alone is named with one alone."""
    if asked.verb is not Verb.WITHHOLD and (asked.action or asked.grounds):
        raise InvalidInputError(
            "Only a restriction has an action and a ground.", code="no_action", field="action"
        )
    if len(asked.grounds) > MAX_GROUNDS:
        raise InvalidInputError(f"At most {MAX_GROUNDS} grounds.", field="grounds")
    if asked.exemption is not None and asked.verb is not Verb.WITHHOLD:
        raise InvalidInputError(
            "No statement is owed here.",
            code="no_statement_owed",
            field="exemption",
            fix="Name an exception only where something is restricted.",
        )


def _check_also(asked: PersonDecision) -> None:
    if len(asked.also) > MAX_ALSO:
        raise InvalidInputError(
            f"At most {MAX_ALSO} items are decided together.", code="too_many", field="also"
        )
    if asked.also and asked.verb not in (Verb.WITHHOLD, Verb.LEAVE):
        raise InvalidInputError(
            "Only a case is decided together with others.", code="also_not_here", field="also"
        )
