# SPDX-License-Identifier: Apache-2.0
"""A recorded decision as a person reads it: words, shapes, where it holds.

State is a word plus a shape (`data-is`); colour only repeats them. What is in
force comes from the effects, what is proposed from the case; neither is
computed anew here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vigie.core.actions import ActionKind, Outcome
from vigie.core.decision import Decision
from vigie.core.territory import EVERYWHERE
from vigie.store.models import DecisionKind, EffectState
from vigie.web.text import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.functional import _StrPromise

    from vigie.store.models import DecisionRecord, Effect

LIFTED: Final = "LIFTED"
MODEL_PREFIXES: Final = ("text.", "model.")
SURFACES: Final[dict[str, _StrPromise]] = {
    "post": gettext_lazy("post"),
    "reply": gettext_lazy("reply"),
    "profile": gettext_lazy("profile"),
    "message": gettext_lazy("message"),
    "ad": gettext_lazy("advertisement"),
    "ai_prompt": gettext_lazy("prompt to an AI"),
    "ai_output": gettext_lazy("answer of an AI"),
}
OUTCOMES: Final[dict[str, _StrPromise]] = {
    Outcome.ALLOW: gettext_lazy("no restriction"),
    Outcome.LABEL: gettext_lazy("labelled"),
    Outcome.LIMIT: gettext_lazy("not recommended"),
    Outcome.REVIEW: gettext_lazy("waits for a person"),
    Outcome.WITHHOLD: gettext_lazy("access disabled"),
    Outcome.REMOVE: gettext_lazy("removed everywhere"),
}
ACTIONS: Final[dict[str, _StrPromise]] = {
    ActionKind.LABELLED: gettext_lazy("label"),
    ActionKind.DEMOTED: gettext_lazy("do not recommend"),
    ActionKind.DISABLED: gettext_lazy("disable access"),
    ActionKind.REMOVED: gettext_lazy("remove everywhere"),
    LIFTED: gettext_lazy("make visible again"),
}
_SHAPES: Final = {
    Outcome.ALLOW: "",
    Outcome.LABEL: "partial",
    Outcome.LIMIT: "partial",
    Outcome.REVIEW: "person",
    Outcome.WITHHOLD: "partial",
    Outcome.REMOVE: "removed",
}
_TILE_STATES: Final = {
    ActionKind.LABELLED: "labelled",
    ActionKind.DEMOTED: "limited",
    ActionKind.DISABLED: "withheld",
    ActionKind.REMOVED: "removed",
    LIFTED: "visible",
}


@dataclass(frozen=True, slots=True)
class State:
    """A word with its shape."""

    shape: str
    words: str


def decision_of(record: DecisionRecord) -> Decision:
    """Read the decision as made; fields of later versions are left out."""
    return msgspec.convert(record.body, Decision, strict=False)


def surface(code: str) -> str:
    """Name the surface in the language of the page."""
    return str(SURFACES.get(code, code))


def action(code: str) -> str:
    """Name an action as a verb."""
    return str(ACTIONS.get(code, code))


def state(record: DecisionRecord) -> State:
    """Say in a few words what a decision did."""
    if record.superseded_by is not None and record.outcome == Outcome.REVIEW:
        return State("done", _("decided in D-%(number)s") % {"number": record.superseded_by})
    outcome = Outcome(record.outcome)
    words = str(OUTCOMES[outcome])
    if outcome in {Outcome.WITHHOLD, Outcome.LIMIT, Outcome.LABEL}:
        words = f"{words}, {where(record.territories)}"
    if outcome is Outcome.ALLOW and record.kind == DecisionKind.PERSON:
        words = _("visible, decided by a person")
    if record.superseded_by is not None:
        words = _("%(state)s; replaced by D-%(number)s") % {
            "state": words,
            "number": record.superseded_by,
        }
    return State(_SHAPES[outcome], words)


def where(codes: Iterable[str]) -> str:
    """Say in how many countries, or which, if they are few."""
    found = sorted(set(codes))
    if EVERYWHERE in found:
        return _("everywhere")
    if not found:
        return _("nowhere")
    if len(found) <= 3:
        return " ".join(found)
    return ngettext("%(count)s country", "%(count)s countries", len(found)) % {"count": len(found)}


def tile_states(effects: Iterable[Effect], proposed: Iterable[str] = ()) -> dict[str, str]:
    """Return the state of each country: what holds, then what is proposed."""
    states = dict.fromkeys(proposed, "waits")
    for effect in reversed(list(effects)):
        if effect.state != EffectState.CANCELLED:
            drawn = _TILE_STATES.get(effect.action, "withheld")
            states |= dict.fromkeys(effect.territories, drawn)
    return states


@dataclass(frozen=True, slots=True)
class Place:
    """What became of an action in one country: a word of `EffectState`, when, why."""

    state: str
    at: int | None
    reason: str
    overdue: bool


def place(effect: Effect, country: str) -> Place:
    """Return what the platform said of one country; nothing said means sent."""
    said = effect.places.get(country)
    if said is not None:
        return Place(said["state"], said.get("at"), said.get("reason", ""), overdue=False)
    unsaid = effect.state in {EffectState.WAITING, EffectState.CANCELLED}
    state = effect.state if unsaid else EffectState.SENT.value
    return Place(state, None, "", overdue=effect.overdue)


def is_model(detector: str) -> bool:
    """Say whether a detector weighs (dotted) instead of matching a rule (solid)."""
    return detector.startswith(MODEL_PREFIXES)


def marks(decision: Decision) -> list[Mark]:
    """Return the spans of the signals, numbered as the signals table numbers them."""
    return [
        Mark(signal.span[0], signal.span[1], number, is_model(signal.detector))
        for number, signal in enumerate(decision.signals, start=1)
        if signal.span is not None
    ]
