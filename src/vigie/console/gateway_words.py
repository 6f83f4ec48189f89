# SPDX-License-Identifier: Apache-2.0
"""What the AI gateway's features, endings, categories and alarms are called on its pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vigie.core.gateway import EVERYWHERE, AlarmKind, Ending, Feature, Mode, Stage
from vigie.flow.gateway.actor import COMMAND_LINE, ITSELF
from vigie.flow.gateway.timeline import What
from vigie.web import countries
from vigie.web.templatetags.vigie_tags import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.utils.functional import _StrPromise

    from vigie.flow.gateway.digest import Figure, Sum

FEATURES: Final[dict[str, _StrPromise]] = {
    Feature.CHAT: gettext_lazy("Chat and text"),
    Feature.IMAGE_GENERATION: gettext_lazy("Pictures from words"),
    Feature.IMAGE_EDIT: gettext_lazy("Changes of photos"),
    Feature.EMBEDDINGS: gettext_lazy("Embeddings"),
    Feature.MODERATION: gettext_lazy("Judging on request"),
    Feature.ALL: gettext_lazy("Everything"),
}
ENDINGS: Final[dict[str, _StrPromise]] = {
    Ending.RELEASED: gettext_lazy("released"),
    Ending.REFUSED: gettext_lazy("refused"),
    Ending.CUT: gettext_lazy("cut"),
    Ending.BRAKED: gettext_lazy("met a brake"),
    Ending.FAILED: gettext_lazy("failed"),
    Ending.LEFT: gettext_lazy("the user left"),
}
CATEGORIES: Final[dict[str, _StrPromise]] = {
    "denial": gettext_lazy("denial of crimes against humanity"),
    "ncii_synthetic": gettext_lazy("a person undressed without consent"),
    "minor_sexual": gettext_lazy("sexual content and a minor, counted only"),
    "terror": gettext_lazy("support of terrorism"),
    "hate": gettext_lazy("hatred"),
    "harassment": gettext_lazy("harassment"),
    "sexual": gettext_lazy("sexual content"),
    "sex_crime": gettext_lazy("sexual offence"),
    "violence": gettext_lazy("violence"),
    "weapons_mass": gettext_lazy("weapons of mass harm"),
    "crime_other": gettext_lazy("another offence"),
    "self_harm": gettext_lazy("self-harm"),
    "defamation": gettext_lazy("defamation"),
    "privacy": gettext_lazy("privacy"),
    "ip": gettext_lazy("rights of others"),
    "advice": gettext_lazy("professional advice"),
    "elections": gettext_lazy("elections"),
    "jailbreak": gettext_lazy("attempt to get around the rules"),
    "other": gettext_lazy("other law or rules"),
}
STAGES: Final[dict[str, _StrPromise]] = {
    Stage.PROMPT: gettext_lazy("what was asked"),
    Stage.ANSWER: gettext_lazy("the answer"),
    Stage.IMAGE: gettext_lazy("a picture"),
}
MODES: Final[dict[str, _StrPromise]] = {
    Mode.STRICT: gettext_lazy("strict: nothing before it was judged"),
    Mode.PACED: gettext_lazy("paced: runs ahead by a set number of characters"),
    Mode.OBSERVE: gettext_lazy("observe: passes at once and is never cut"),
}
ALARMS: Final[dict[str, _StrPromise]] = {
    AlarmKind.UNREGISTERED: gettext_lazy("A configuration that nobody registered"),
    AlarmKind.PROBING: gettext_lazy("Many near variants: somebody looks for a gap"),
    AlarmKind.OPENED: gettext_lazy("Released unjudged, as a profile says"),
    AlarmKind.DETECTOR: gettext_lazy("A detector fails"),
    AlarmKind.UPSTREAM: gettext_lazy("An upstream fails"),
    AlarmKind.STOPS: gettext_lazy("Very many stops"),
    AlarmKind.DRIFT: gettext_lazy("More or fewer stops than the day before"),
}
LINES: Final[dict[str, tuple[str, _StrPromise]]] = {
    What.STOPPED: ("withheld", gettext_lazy("stopped")),
    What.TRIPPED: ("withheld", gettext_lazy("stopped by itself")),
    What.AGAIN: ("withheld", gettext_lazy("pressed again while it stood")),
    What.IN_FORCE: ("done", gettext_lazy("in force in every process")),
    What.CUT: ("failed", gettext_lazy("answers under way ended")),
    What.NOTE: ("", gettext_lazy("note")),
    What.RELEASE_ASKED: ("proposed", gettext_lazy("start asked for")),
    What.RELEASED: ("done", gettext_lazy("started again")),
}


@dataclass(frozen=True, slots=True)
class State:
    """A shape and what it says."""

    shape: str
    words: str


def of(table: Mapping[str, _StrPromise], code: str) -> str:
    """Return the words of a code; an unknown one as it is."""
    return str(table.get(code, code))


def place(codes: Iterable[str]) -> str:
    """Say where a brake holds."""
    found = list(codes)
    return _("everywhere") if EVERYWHERE in found else countries.sentence(found)


def country(code: str) -> str:
    """Name a column of figures; without a code none was known."""
    return countries.name(code) if code else _("not known")


def stopped(codes: Iterable[str]) -> State:
    """Say whether and where a feature stands still."""
    found = set(codes)
    if EVERYWHERE in found:
        return State("withheld", _("stopped everywhere"))
    if found:
        return State("partial", _("stopped in %(countries)s") % {"countries": place(found)})
    return State("", _("runs"))


def who(name: str) -> str:
    """Name who acted, in a timeline."""
    known = {COMMAND_LINE: _("the command line"), ITSELF: _("Vigie itself")}
    return known.get(name, name)


def what(ending: str, category: str) -> str:
    """Name a line of figures."""
    if not category:
        return of(ENDINGS, ending)
    names = {"ending": of(ENDINGS, ending), "category": of(CATEGORIES, category)}
    return _("%(ending)s: %(category)s") % names


def number(figure: Figure) -> str:
    """Write a figure; one that is hidden says why."""
    return _("fewer than 10") if figure.exchanges is None else whole(figure.exchanges)


def total(found: Sum) -> str:
    """Write a number over several lines, of which some may be hidden."""
    if not found.least:
        return whole(found.exchanges)
    if not found.exchanges:
        return _("not shown")
    return _("%(number)s or more") % {"number": whole(found.exchanges)}
