# SPDX-License-Identifier: Apache-2.0
"""The form with which a person decides a case: what can be chosen, what was chosen.

Which countries can be chosen follows from the ground: where the law entry is
ready to confirm, where elements are to be confirmed, where counsel comes
first (not to be chosen), and everywhere else nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vigie.console import once
from vigie.core.territory import EVERYWHERE, covers
from vigie.flow.decide import MAX_REASON, Verb
from vigie.flow.decided import head_of, kept_actions
from vigie.law import Exemption, Proposal
from vigie.web import lawbook
from vigie.web.countries import TILES, by_name, name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict
    from django.utils.functional import _StrPromise

    from vigie.console.page import Page
    from vigie.core.decision import Action, Ground

LEAST_REASON: Final = 3
WITHHOLD: Final = Verb.WITHHOLD.value
LEAVE: Final = Verb.LEAVE.value
_DRAWN: Final[dict[Proposal, tuple[str, _StrPromise]]] = {
    Proposal.ONE_CLICK: ("withheld", gettext_lazy("law applies")),
    Proposal.CONFIRM: ("partial", gettext_lazy("confirm the elements first")),
    Proposal.COUNSEL: ("waits", gettext_lazy("counsel first")),
    Proposal.NONE: ("never", gettext_lazy("no ground here")),
}
TERMS_APPLY: Final = gettext_lazy("the terms apply")
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
_RANK: Final = (Proposal.ONE_CLICK, Proposal.CONFIRM, Proposal.COUNSEL, Proposal.NONE)
_KEYS: Final = {"withheld": "full", "partial": "half", "waits": "dash", "never": "none"}


@dataclass(frozen=True, slots=True)
class ChoiceTile:
    """One country of the map: can it be chosen, is it, and why not."""

    code: str
    name: str
    drawn: str
    word: str
    open: bool
    checked: bool


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
    reason: str = ""
    facts: str = ""
    exemption: str = ""
    """A key of `EXEMPTIONS`; empty: a statement is owed."""
    imminent: bool = False
    """Danger to life: the decision leaves at once, without the time for an undo."""
    token: str = ""
    seen: str = ""
    """Fingerprint of the statement that was shown with the form."""
    expected: int = 0
    """Number of the decision that stood when the form was made."""

    @property
    def fingerprint(self) -> str:
        """Name what the author would read: same choice, same text."""
        parts = (self.action, sorted(self.territories), self.facts, self.exemption)
        return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:24]

    def problems(self, allowed: Iterable[str]) -> list[Problem]:
        """Say what is missing, each at its field."""
        found = []
        if self.action not in {WITHHOLD, LEAVE}:
            found.append(Problem("action", _("Choose what is to happen.")))
        if self.action == WITHHOLD and not self.territories:
            found.append(Problem("territory", _("Choose at least one country.")))
        if set(self.territories) - set(allowed):
            found.append(Problem("territory", _("A chosen country has no ground here.")))
        if self.exemption and self.exemption not in EXEMPTIONS:
            found.append(Problem("exemption", _("Choose an exception of the list, or none.")))
        return found + reason_problems(self.reason)


def reason_problems(reason: str) -> list[Problem]:
    """Say what is wrong with a reason."""
    if len(reason.strip()) < LEAST_REASON:
        return [Problem("reason", _("Write the reason: one sentence is enough."))]
    if len(reason) > MAX_REASON:
        return [Problem("reason", _("The reason is longer than 2,000 characters."))]
    return []


def read(data: QueryDict, allowed: Iterable[str]) -> Form:
    """Read a sent form; unknown countries stay in it, so that they are refused aloud."""
    wanted = data.getlist("territory")
    order = {code: place for place, code in enumerate(allowed)}
    return Form(
        action=data.get("action", ""),
        territories=sorted(set(wanted), key=lambda code: order.get(code, 999)),
        reason=data.get("reason", "").strip(),
        facts=data.get("facts", "").strip()[:MAX_REASON],
        exemption=data.get("exemption", ""),
        imminent=data.get("imminent", "") == "1",
        token=data.get("once", ""),
        seen=data.get("seen", ""),
        expected=int(given) if (given := data.get("expected", "")).isdigit() else 0,
    )


def fresh(page: Page) -> Form:
    """Return the form of a case that nobody has touched: certain countries chosen."""
    chosen = [code for code, state in standing(page).items() if state is Proposal.ONE_CLICK]
    return Form(
        action=WITHHOLD if chosen else "",
        territories=chosen,
        token=once.token(),
        expected=head_of(page.origin).number,
    )


def proposals(page: Page) -> tuple[Action, ...]:
    """Return what was proposed, as the case keeps it."""
    return kept_actions(page.case.proposals) if page.case is not None else ()


def grounds(page: Page) -> tuple[Ground, ...]:
    """Return what the proposals rest on."""
    return tuple(dict.fromkeys(g for action in proposals(page) for g in action.grounds))


def _offences(page: Page) -> list[str]:
    return [one.offence for one in grounds(page) if one.offence]


def standing(page: Page) -> dict[str, Proposal]:
    """Say for each country that the proposal names how the law stands there."""
    named = {code for action in proposals(page) for code in action.territories}
    entries = lawbook.entries(_offences(page))
    by_terms = any(one.terms for one in grounds(page))
    found = {}
    for code in by_name(named - {EVERYWHERE}):
        states = [one.proposal for one in entries if covers(one.territories, code)]
        states += [Proposal.ONE_CLICK] if by_terms else []
        found[code] = min(states, key=_RANK.index, default=Proposal.NONE)
    return found


def places(page: Page, form: Form) -> tuple[str, ...]:
    """Return where the choice acts; every country of a proposal for everywhere is everywhere."""
    if form.action != WITHHOLD:
        return ()
    whole = set(form.territories) == set(may_choose(page))
    named = [code for action in proposals(page) for code in action.territories]
    if whole and EVERYWHERE in named:
        return (*form.territories, EVERYWHERE)
    return tuple(form.territories)


def may_choose(page: Page) -> list[str]:
    """Return the countries that can be chosen."""
    can = {Proposal.ONE_CLICK, Proposal.CONFIRM}
    return [code for code, state in standing(page).items() if state in can]


def tiles(page: Page, form: Form) -> list[ChoiceTile]:
    """Return the map to choose from; countries beyond it come last."""
    states = standing(page)
    by_law = {one.country for one in lawbook.provisions(_offences(page), states)}
    codes = [*TILES, *(code for code in states if code not in TILES)]
    made = []
    for code in codes:
        state = states.get(code, Proposal.NONE)
        drawn, word = _DRAWN[state]
        if state is Proposal.ONE_CLICK and code not in by_law:
            word = TERMS_APPLY
        can = state in {Proposal.ONE_CLICK, Proposal.CONFIRM}
        checked = code in form.territories
        made.append(ChoiceTile(code, name(code), drawn, str(word), can, checked))
    return made


def legend(made: list[ChoiceTile]) -> list[tuple[str, str, int]]:
    """Return the legend with counts."""
    counted = Counter((tile.drawn, tile.word) for tile in made)
    return [(_KEYS[drawn], word, count) for (drawn, word), count in counted.items()]
