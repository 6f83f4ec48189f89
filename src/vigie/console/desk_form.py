# SPDX-License-Identifier: Apache-2.0
"""The form with which a person decides a case: what was chosen, read and checked.

Every rule of law is the verb's (`flow.decide`); here a form that lacks
something comes back whole, with the words at the field.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vigie.core.actions import ActionKind
from vigie.core.decision import Ground
from vigie.flow.asked import MAX_ALSO, MAX_REASON, PersonDecision, Verb
from vigie.law import Exemption
from vigie.law.wording import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict
    from django.utils.functional import _StrPromise

    from vigie.store.models import User

LEAST_REASON: Final = 3
FOLLOW: Final = "follow"
LEAVE: Final = "leave"
REMOVE: Final = "remove"
ACTIONS: Final[dict[str, ActionKind]] = {
    "label": ActionKind.LABELLED,
    "demote": ActionKind.DEMOTED,
    "disable": ActionKind.DISABLED,
    REMOVE: ActionKind.REMOVED,
}
"""What a person can put together, by the names of the form."""
NAMES: Final = {kind: name for name, kind in ACTIONS.items()}
EXEMPTIONS: Final[dict[str, _StrPromise]] = {
    Exemption.NO_CONTACT.value: gettext_lazy(
        "no electronic contact of the author is known (Art. 17(2))"
    ),
    Exemption.COMMERCIAL.value: gettext_lazy(
        "deceptive commercial content in high volume (Art. 17(2))"
    ),
    Exemption.ORDER.value: gettext_lazy("an order of an authority is carried out (Art. 17(5))"),
}
"""Why no statement goes to the author; the record says which."""
_LAW: Final = "law:"
_TERMS: Final = "terms:"
_MOST: Final = 80
"""Values of one list of the form; more are none of ours."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is missing, at its field."""

    field: str
    words: str


@dataclass(slots=True, kw_only=True)
class Form:
    """What the person chose and wrote."""

    action: str = ""
    territories: list[str] = field(default_factory=list)
    grounds: list[str] = field(default_factory=list)
    """`law:<entry>` and `terms:<clause>`."""
    more: list[str] = field(default_factory=list)
    """Grounds that the person put on the list."""
    confirmed: list[str] = field(default_factory=list)
    also: list[int] = field(default_factory=list)
    reason: str = ""
    facts: str = ""
    facts_in: dict[str, str] = field(default_factory=dict)
    exemption: str = ""
    """A key of `EXEMPTIONS`; empty: a statement is owed."""
    imminent: bool = False
    """Danger to life: the decision leaves at once, without the time for an undo."""
    take_over: bool = False
    masked: bool = False
    """True: matched words are shown as masked."""
    token: str = ""
    seen: str = ""
    """Fingerprint of the statement that was shown with the form."""
    expected: int = 0
    """Number of the decision that stood when the form was made."""
    statement: str = ""
    """Language in which the statement is shown."""

    @property
    def restricts(self) -> bool:
        """True where something would be restricted."""
        return self.action == FOLLOW or self.action in ACTIONS

    @property
    def fingerprint(self) -> str:
        """Name what the author would read: same choice, same text."""
        parts = (
            self.action,
            sorted(self.territories),
            sorted(self.grounds),
            self.facts,
            sorted(self.facts_in.items()),
            self.exemption,
        )
        return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:24]

    def problems(self) -> list[Problem]:
        """Say what is missing, each at its field."""
        found = []
        if not self.restricts and self.action != LEAVE:
            found.append(Problem("action", _("Choose what is to happen.")))
        if self.restricts and self.action != REMOVE and not self.territories:
            found.append(Problem("territory", _("Choose at least one country.")))
        if self.action in ACTIONS and not self.grounds:
            found.append(Problem("grounds", _("Choose the ground on which it rests.")))
        if self.exemption and self.exemption not in EXEMPTIONS:
            found.append(Problem("exemption", _("Choose an exception of the list, or none.")))
        if len(self.also) > MAX_ALSO:
            found.append(Problem("also", _("At most 50 items are decided together.")))
        return found + reason_problems(self.reason)


def reason_problems(reason: str) -> list[Problem]:
    """Say what is wrong with a reason."""
    if len(reason.strip()) < LEAST_REASON:
        return [Problem("reason", _("Write the reason: one sentence is enough."))]
    if len(reason) > MAX_REASON:
        return [Problem("reason", _("The reason is longer than 2,000 characters."))]
    return []


def read(data: QueryDict) -> Form:
    """Read a sent form; what is unknown stays in it, so that it is refused aloud."""
    return Form(
        action=data.get("action", "")[:20],
        territories=_values(data, "territory", 3),
        grounds=_values(data, "ground", 200),
        more=_values(data, "more", 200),
        confirmed=_values(data, "confirmed", 200),
        also=[int(one) for one in _values(data, "also", 15) if one.isascii() and one.isdigit()],
        reason=data.get("reason", "").strip(),
        facts=data.get("facts", "").strip()[:MAX_REASON],
        facts_in={
            language: words[:MAX_REASON]
            for language in LANGUAGES
            if (words := data.get(f"facts_{language}", "").strip())
        },
        exemption=data.get("exemption", "")[:64],
        imminent=data.get("imminent", "") == "1",
        take_over=data.get("take_over", "") == "1",
        masked=data.get("masked", "") == "1",
        token=data.get("once", "")[:64],
        seen=data.get("seen", "")[:64],
        expected=_number(data.get("expected", "")),
        statement=data.get("statement", "")[:8],
    )


def _values(data: QueryDict, name: str, longest: int) -> list[str]:
    found = dict.fromkeys(value[:longest] for value in data.getlist(name)[:_MOST])
    return [value for value in found if value]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def ground_name(ground: Ground) -> str:
    """Return the name under which the form knows a ground."""
    return f"{_TERMS}{ground.terms}" if ground.terms else f"{_LAW}{ground.offence}"


def grounds_of(names: Iterable[str]) -> tuple[Ground, ...]:
    """Return the grounds of the form; a name of no kind is left out."""
    found = []
    for name in names:
        if name.startswith(_LAW):
            found.append(Ground(offence=name.removeprefix(_LAW)))
        elif name.startswith(_TERMS):
            found.append(Ground(terms=name.removeprefix(_TERMS)))
    return tuple(found)


def request_of(form: Form, user: User, places: tuple[str, ...]) -> PersonDecision:
    """Return what the form asks of the verb."""
    composed = form.action in ACTIONS
    exempt = form.restricts and form.exemption in EXEMPTIONS
    return PersonDecision(
        on=form.expected,
        verb=Verb.WITHHOLD if form.restricts else Verb.LEAVE,
        reason=form.reason,
        user=user,
        action=ACTIONS[form.action] if composed else None,
        territories=places if form.restricts else (),
        grounds=grounds_of(form.grounds) if composed else (),
        confirmed=tuple(form.confirmed),
        told=form.facts or None,
        told_in=form.facts_in,
        imminent=form.imminent and form.restricts,
        exemption=Exemption(form.exemption) if exempt else None,
        also=tuple(form.also),
        take_over=form.take_over,
    )
