# SPDX-License-Identifier: Apache-2.0
"""What a person can choose for a case: actions, grounds with their elements, countries.

Which countries are open follows from the grounds on the list: where an entry is
ready to confirm, where elements are to be confirmed, where counsel comes first
(not to be chosen), where it is lawful, and everywhere else nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from vigie.console import desk_form, once, present
from vigie.console.desk_form import ACTIONS, FOLLOW, LEAVE, NAMES, Form
from vigie.core.actions import ActionKind
from vigie.core.territory import EVERYWHERE, covers
from vigie.flow import house
from vigie.flow.choose import proposals_of
from vigie.law import Cls, Proposal, categories, elements_of
from vigie.web.countries import TILES, by_name, name
from vigie.web.tiles import labelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.utils.functional import _StrPromise

    from vigie.console.page import Page
    from vigie.core.decision import Action, Ground
    from vigie.law import Element, Entry

_DRAWN: Final[dict[Proposal, tuple[str, _StrPromise]]] = {
    Proposal.ONE_CLICK: ("withheld", gettext_lazy("law applies")),
    Proposal.CONFIRM: ("partial", gettext_lazy("confirm the elements first")),
    Proposal.COUNSEL: ("waits", gettext_lazy("counsel first")),
    Proposal.NONE: ("never", gettext_lazy("no ground here")),
}
TERMS_APPLY: Final = gettext_lazy("the terms apply")
LAWFUL: Final = gettext_lazy("lawful")
CONFIDENCE: Final[dict[str, _StrPromise]] = {
    "high": gettext_lazy("high"),
    "medium": gettext_lazy("medium"),
    "low": gettext_lazy("low"),
}
_ACTION_WORDS: Final[dict[str, _StrPromise]] = {
    LEAVE: gettext_lazy("No restriction"),
    "label": gettext_lazy("Label"),
    "demote": gettext_lazy("Demote: do not recommend"),
    "disable": gettext_lazy("Disable access in chosen countries"),
    "remove": gettext_lazy("Remove everywhere"),
}
_RANK: Final = (Proposal.ONE_CLICK, Proposal.CONFIRM, Proposal.COUNSEL, Proposal.NONE)
_KEYS: Final = {"withheld": "full", "partial": "half", "waits": "dash", "never": "none"}
_OPEN: Final = frozenset({Proposal.ONE_CLICK, Proposal.CONFIRM})
_EU: Final = "EU"


@dataclass(frozen=True, slots=True)
class ActionChoice:
    """One answer of the action."""

    value: str
    words: str
    key: str
    checked: bool


@dataclass(frozen=True, slots=True)
class ElementChoice:
    """One element that a person confirms."""

    element: Element
    checked: bool


@dataclass(frozen=True, slots=True)
class GroundChoice:
    """One provision or clause that can be the ground."""

    value: str
    name: str
    what: str
    where: str
    confidence: str
    open: bool
    """False: shown, and not to be chosen."""
    why_not: str
    checked: bool
    elements: list[ElementChoice]


@dataclass(frozen=True, slots=True)
class ChoiceTile:
    """One country of the map: can it be chosen, is it, and why not."""

    code: str
    name: str
    drawn: str
    word: str
    open: bool
    checked: bool

    @property
    def label(self) -> str:
        """Name and state together, set by the rules of the language."""
        return labelled(self.name, self.word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Everything that the panel offers, with what is chosen in it."""

    actions: list[ActionChoice]
    grounds: list[GroundChoice]
    alike: int
    """Further provisions of the same classes, which one button puts on the list."""
    others: list[tuple[str, str]]
    """Grounds that can be put on the list."""
    tiles: list[ChoiceTile]
    outside: list[ChoiceTile]
    """Countries that are not on the map."""
    legend: list[tuple[str, str, int]]

    @property
    def chosen(self) -> int:
        """How many countries are chosen."""
        return sum(tile.checked for tile in (*self.tiles, *self.outside))


def proposals(page: Page) -> tuple[Action, ...]:
    """Return what waits to be followed."""
    return proposals_of(page.case, page.head)


def fresh(page: Page, *, masked: bool = False) -> Form:
    """Return the form of a case that nobody has touched: what is proposed and certain."""
    proposed = proposals(page)
    names = [desk_form.ground_name(one) for one in grounds(proposed)]
    by_country = _standing(names, {code for one in proposed for code in one.territories})
    chosen = [code for code in by_name(by_country) if by_country[code] is Proposal.ONE_CLICK]
    return Form(
        action=_first_action(proposed) if chosen else "",
        territories=chosen,
        grounds=names,
        masked=masked,
        token=once.token(),
        expected=page.head.number,
    )


def _first_action(proposed: tuple[Action, ...]) -> str:
    """Return what is chosen at first: never what cannot be taken back."""
    kinds = {one.action for one in proposed}
    if ActionKind.REMOVED in kinds or not kinds:
        return ""
    return NAMES[kinds.pop()] if len(kinds) == 1 else FOLLOW


def grounds(proposed: Iterable[Action]) -> tuple[Ground, ...]:
    """Return what the proposals rest on."""
    return tuple(dict.fromkeys(g for action in proposed for g in action.grounds))


def _standing(names: Iterable[str], within: set[str]) -> dict[str, Proposal]:
    """Say how the law stands in each of these countries, by the best of the named grounds."""
    law = house.current().law.entries
    asked = desk_form.grounds_of(names)
    entries = [law[one.offence] for one in asked if one.offence in law]
    terms = any(one.terms for one in asked)
    return {code: _best(entries, code, terms=terms) for code in within if code != EVERYWHERE}


def _best(entries: Iterable[Entry], code: str, *, terms: bool) -> Proposal:
    if terms:
        return Proposal.ONE_CLICK
    found = (one.proposal for one in entries if covers(_reach(one), code))
    return min(found, key=_RANK.index, default=Proposal.NONE)


def _reach(entry: Entry) -> tuple[str, ...]:
    """Return where an entry is named: one for counsel acts nowhere yet, and is law at home."""
    return entry.territories or (entry.jurisdiction,)


def choices(page: Page, form: Form, clauses: Mapping[str, Mapping[str, str]]) -> Choices:
    """Return the panel for what is chosen now."""
    proposed = proposals(page)
    names = _listed(page, form, proposed, clauses)
    made = (_ground(name, form, clauses) for name in names)
    further = alike(page, form)
    tiles = _tiles(form, [*names, *further])
    return Choices(
        actions=_actions(form, proposed),
        grounds=[one for one in made if one is not None],
        alike=len(further),
        others=_others(set(names)),
        tiles=tiles[: len(TILES)],
        outside=tiles[len(TILES) :],
        legend=_legend(tiles),
    )


def _listed(
    page: Page, form: Form, proposed: tuple[Action, ...], clauses: Iterable[str] = ()
) -> list[str]:
    """Return the grounds of the list: proposed, chosen, put there; then the terms."""
    first = [desk_form.ground_name(one) for one in grounds(proposed)]
    first += [*form.grounds, *form.more]
    if page.is_child:
        law = house.current().law.entries
        first += [f"law:{one.id}" for one in law.values() if one.is_ground and _is_child(one)]
    return list(dict.fromkeys([*first, *(f"terms:{one}" for one in sorted(clauses))]))


def alike(page: Page, form: Form) -> list[str]:
    """Return further provisions: of the case's category, and of the classes of the list."""
    law = house.current().law.entries
    listed = set(_listed(page, form, proposals(page)))
    named = [law[g.offence] for g in desk_form.grounds_of(listed) if g.offence in law]
    classes = {one.cls for one in named} - {Cls.CHILD}
    same = [f"law:{one.id}" for one in law.values() if one.is_ground and one.cls in classes]
    return [name for name in dict.fromkeys([*_of_category(page), *same]) if name not in listed]


def add_grounds(page: Page, form: Form) -> None:
    """Give each chosen country the provision that acts there, where none is chosen yet.

    The person sees it on the list and in the statement before anything is sent.
    """
    if form.action not in ACTIONS or form.action == desk_form.REMOVE:
        return
    law = house.current().law.entries
    chosen = desk_form.grounds_of(form.grounds)
    if any(one.terms for one in chosen):
        return
    entries = [law[one.offence] for one in chosen if one.offence in law]
    names = [*_listed(page, form, proposals(page)), *alike(page, form)]
    offered = [law[g.offence] for g in desk_form.grounds_of(names) if g.offence in law]
    for code in form.territories:
        found = [one for one in offered if one.proposal in _OPEN and covers(one.territories, code)]
        if found and _best(entries, code, terms=False) not in _OPEN:
            best = min(found, key=lambda one: _RANK.index(one.proposal))
            entries.append(best)
            form.grounds.append(f"law:{best.id}")


def _is_child(entry: Entry) -> bool:
    return entry.cls is Cls.CHILD


def _actions(form: Form, proposed: tuple[Action, ...]) -> list[ActionChoice]:
    found = [
        ActionChoice(value, str(words), str(key), form.action == value)
        for key, (value, words) in enumerate(_ACTION_WORDS.items(), start=1)
    ]
    if len({one.action for one in proposed}) > 1:
        words = ", ".join(dict.fromkeys(present.action(one.action) for one in proposed))
        all_ = _("As proposed: %(actions)s") % {"actions": words}
        found.append(ActionChoice(FOLLOW, all_, "6", form.action == FOLLOW))
    return found


def _of_category(page: Page) -> list[str]:
    """Return where to look for a ground in a case that a notice of a category opened."""
    code = page.case.category if page.case is not None else ""
    known = categories.load().get(code)
    return [f"law:{one}" for ids in known.offences.values() for one in ids] if known else []


def _ground(name: str, form: Form, clauses: Mapping[str, Mapping[str, str]]) -> GroundChoice | None:
    [ground] = desk_form.grounds_of([name]) or [None]
    if ground is None:
        return None
    if ground.terms:
        return _clause(name, ground.terms, form, clauses)
    entry = house.current().law.entries.get(ground.offence or "")
    return _provision(name, entry, form) if entry is not None else None


def _clause(
    name: str,
    clause: str,
    form: Form,
    clauses: Mapping[str, Mapping[str, str]],
) -> GroundChoice:
    titles = clauses.get(clause, {})
    title = titles.get(get_language() or "en") or titles.get("en") or ""
    return GroundChoice(
        value=name,
        name=_("terms: %(clause)s") % {"clause": clause},
        what=title,
        where="",
        confidence="",
        open=True,
        why_not="",
        checked=name in form.grounds,
        elements=[],
    )


def _provision(name_: str, entry: Entry, form: Form) -> GroundChoice:
    can = entry.proposal in _OPEN
    return GroundChoice(
        value=name_,
        name=entry.provision,
        what=entry.what,
        where=_named(entry),
        confidence=str(CONFIDENCE.get(entry.confidence, entry.confidence)),
        open=can,
        why_not="" if can else str(_DRAWN[entry.proposal][1]),
        checked=can and name_ in form.grounds,
        elements=[ElementChoice(one, one.key in form.confirmed) for one in elements_of(entry)]
        if can
        else [],
    )


def _named(entry: Entry) -> str:
    return _EU if entry.jurisdiction == _EU else entry.jurisdiction


def _others(listed: set[str]) -> list[tuple[str, str]]:
    """Return the provisions that are not on the list and can be put there."""
    found = [
        (f"law:{one.id}", f"{one.jurisdiction} · {one.provision}")
        for one in house.current().law.entries.values()
        if one.proposal in _OPEN and not _is_child(one) and f"law:{one.id}" not in listed
    ]
    return sorted(found, key=lambda one: one[1])


def _tiles(form: Form, listed: list[str]) -> list[ChoiceTile]:
    """Return the map to choose from; countries beyond it come last."""
    law = house.current().law
    entries = [
        law.entries[one.offence]
        for one in desk_form.grounds_of(listed)
        if one.offence in law.entries
    ]
    terms = any(one.startswith("terms:") for one in form.grounds)
    denial = any(one.cls is Cls.DENIAL for one in entries)
    named = {code for one in entries for code in _reach(one)} - {EVERYWHERE, _EU}
    codes = [*TILES, *by_name((named | set(form.territories)) - set(TILES) - {EVERYWHERE})]
    made = []
    for code in codes:
        by_law = _best(entries, code, terms=False)
        state = Proposal.ONE_CLICK if terms and by_law not in _OPEN else by_law
        drawn, word = _DRAWN[state]
        if terms and by_law not in _OPEN:
            word = TERMS_APPLY
        elif state is Proposal.NONE and denial and law.matrix.is_lawful(code):
            word = LAWFUL
        checked = code in form.territories
        made.append(ChoiceTile(code, name(code), drawn, str(word), state in _OPEN, checked))
    return made


def _legend(made: list[ChoiceTile]) -> list[tuple[str, str, int]]:
    """Return the legend with counts."""
    counted = Counter((tile.drawn, tile.word) for tile in made)
    return [(_KEYS[drawn], word, count) for (drawn, word), count in counted.items()]


def places(page: Page, form: Form) -> tuple[str, ...]:
    """Return where the choice acts; every country of what acts everywhere is everywhere."""
    chosen = tuple(form.territories)
    if form.action == FOLLOW:
        named = {code for one in proposals(page) for code in one.territories}
        whole = EVERYWHERE in named and named - {EVERYWHERE} <= set(chosen)
    else:
        terms = any(one.startswith("terms:") for one in form.grounds)
        served = set(house.current().everywhere) - {EVERYWHERE}
        whole = terms and served <= set(chosen)
    if form.action not in (FOLLOW, *ACTIONS):
        return ()
    return (*chosen, EVERYWHERE) if whole else chosen
