# SPDX-License-Identifier: Apache-2.0
"""The one table of what may act without a person; everything else proposes.

(a) an exact digest, or PDQ on which two independent lists agree, in class
`child` or `terrorist`; (b) media with the same bytes as media that a person has
decided, never text, and in class `intimate` a picture at most 10 bits from one that a
person confirmed; (c) an order whose sender is proven, within its territory and never
beyond borders; (d) the operator's own terms
with an evaluation on file; (e) the gateway's refusal to generate; (f) a pause
of recommendation of at most 24 h on a clause of the terms; (g) a picture that a person
says shows her, hidden for at most 48 h on a clause of the terms, where a detector that
knows nothing of the notice agrees. A notifier's hash alone does nothing. No score and no word
list restricts on a legal ground, at any confidence. Sources: Regulation (EU)
2022/2065 Art. 14(4), 17; Art. 19(3) ICCPR; Art. 11 EU Charter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from vigie.core.actions import ACTIONS, ActionKind
from vigie.core.decision import Basis, Match
from vigie.core.item import Surface
from vigie.core.territory import EVERYWHERE
from vigie.law import Cls, Entry

MATCH_CLASSES: Final = (Cls.CHILD, Cls.TERRORIST)
AI_SURFACES: Final = (Surface.AI_PROMPT, Surface.AI_OUTPUT)
LEAST_PRECISION: Final = 0.98
"""Rule (d): the lower 95 % bound on the operator's labelled sample."""
PERSON_SHARE: Final = 0.01
"""Rule (d): the share that goes to a person all the same."""
LONGEST_PAUSE_MS: Final = 24 * 3_600_000
CONFIRMED_BITS: Final = 10
"""Rule (b): so near to a confirmed picture of class intimate needs no further look."""
LONGEST_HOLD_MS: Final = 48 * 3_600_000
"""Rule (g): the time in which a person must have looked."""
_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One ground's request for one action on one item, with all that is known.

    Exactly one of `entry` (a legal ground), `terms` (a clause) and `order` is given.
    """

    action: ActionKind
    territories: tuple[str, ...]
    entry: Entry | None = None
    terms: str | None = None
    state: str = "live"
    failed: bool = False
    """Something that the policy reads could not be seen."""
    surface: str = "post"
    gateway: bool = False
    """Asked by the gateway, before anything was generated or forwarded."""
    matches: tuple[Match, ...] = ()
    decided: bool = False
    """A person took this action on this ground for media of the same bytes."""
    confirmed: int | None = None
    """Bits between a medium and a picture of class `intimate` that a person confirmed,
    on this ground and with this action; None: it is near none."""
    order: str | None = None
    """Number of an authority's order that asks for it."""
    proven: bool = False
    """The order's sender is proven as its form asks."""
    order_places: tuple[str, ...] = ()
    """Where the order is to have effect."""
    precision_low: float | None = None
    """Lower 95 % bound of precision for this clause and language; None: not on file."""
    for_person: bool = False
    """Drawn into the share that goes to a person."""
    pause_hours: int = 0
    """Hours of rule (f) that the live policy names; 0: off."""
    paused_before: bool = False
    """This version of the item has been paused already."""
    hold_hours: int = 0
    """Hours of rule (g) that the live policy names; 0: off."""
    agreed: bool = False
    """A medium is near a notifier's hash, and another detector reached the policy's limit."""
    held_before: bool = False
    """This version of the item has been hidden by rule (g) already."""


class Permission(NamedTuple):
    """The letter of the rule that allows it, or None and why not."""

    rule: str | None
    reason: str

    @property
    def by(self) -> str:
        """How a decision names it: `rule a`, or `proposal`."""
        return f"rule {self.rule}" if self.rule else "proposal"


def may_act(case: Case) -> Permission:
    """Say by which rule the action may be taken without a person, if by any."""
    refusal = _never(case)
    if refusal is not None:
        return Permission(None, refusal)
    if case.entry is not None:
        return _on_law(case, case.entry)
    return _on_order(case) if case.order is not None else _on_terms(case)


def pause_until(now_ms: int, hours: int) -> int:
    """Return when a pause under rule (f) ends by itself, never after 24 hours."""
    return now_ms + min(max(hours, 0) * _HOUR_MS, LONGEST_PAUSE_MS)


def hold_until(now_ms: int, hours: int) -> int:
    """Return when hiding under rule (g) ends by itself, never after 48 hours."""
    return now_ms + min(max(hours, 0) * _HOUR_MS, LONGEST_HOLD_MS)


def is_known(match: Match) -> bool:
    """Say whether a match is sure enough for rule (a): same bytes, or two owners agree."""
    if match.basis is Basis.EXACT:
        return True
    return match.basis is Basis.AGREED and len(set(match.owners)) >= 2


def _never(case: Case) -> str | None:
    """What holds before any rule is asked."""
    if case.state != "live":
        return f"the policy is in state {case.state}: it is recorded and never acts"
    if sum(one is not None for one in (case.entry, case.terms, case.order)) != 1:
        return "an action rests on one ground: a law entry, a clause of the terms or an order"
    return None if case.entry is None else _never_on_law(case, case.entry)


def _never_on_law(case: Case, entry: Entry) -> str | None:
    if not entry.is_ground:
        return f"an entry of kind {entry.kind} is never a ground"
    if entry.needs_counsel:
        return "the law entry is not sure enough: a person with local counsel decides"
    if entry.cls is Cls.CHILD:
        removed = case.action is ActionKind.REMOVED
        return None if removed else "class child is removed, everywhere"
    if not _within(case, entry):
        return "the action would reach beyond the territory of the law entry"
    return None


def _within(case: Case, entry: Entry) -> bool:
    if EVERYWHERE in entry.territories:
        return True
    return (
        bool(case.territories)
        and ACTIONS[case.action].territorial
        and set(case.territories) <= set(entry.territories)
    )


def _on_law(case: Case, entry: Entry) -> Permission:
    if _matched(case, entry):
        return Permission("a", "known material by exact digest or by agreement of two lists")
    decided = _decided(case)
    if decided is not None:
        return Permission("b", decided)
    if _refuses_to_generate(case):
        return Permission("e", "the gateway refuses to generate")
    return Permission(None, "no score, word list or near match restricts on a legal ground")


def _on_order(case: Case) -> Permission:
    """Rule (c): the authority answers for the reasons, we for sender and territory."""
    if not case.proven:
        return Permission(None, "the sender of the order is not proven")
    rule = ACTIONS[case.action]
    if not (rule.territorial and rule.reversible):
        return Permission(None, "an order acts within borders, and can be taken back")
    if not case.territories or not set(case.territories) <= set(case.order_places):
        return Permission(None, "the action would reach beyond the territory of the order")
    return Permission("c", "an order whose sender is proven, within its territory")


def _matched(case: Case, entry: Entry) -> bool:
    return entry.cls in MATCH_CLASSES and any(
        match.cls == entry.cls and is_known(match) for match in case.matches
    )


def _on_terms(case: Case) -> Permission:
    decided = _decided(case)
    if decided is not None:
        return Permission("b", decided)
    if _refuses_to_generate(case):
        return Permission("e", "the gateway refuses to generate")
    if case.hold_hours:
        return _held(case)
    if case.failed:
        return Permission(None, "a detector that the policy reads failed")
    refusal = _not_measured(case)
    if refusal is None:
        return Permission("d", "measured on the operator's sample, reversible")
    return _paused(case) if case.pause_hours else Permission(None, refusal)


def _paused(case: Case) -> Permission:
    refusal = _no_pause(case)
    if refusal is None:
        return Permission("f", "recommendation pauses until a person has looked")
    return Permission(None, refusal)


def _decided(case: Case) -> str | None:
    """Say how a person has decided this picture already, if one has (rule b)."""
    if case.decided:
        return "the same bytes as media that a person has decided"
    if case.confirmed is None or not 0 <= case.confirmed <= CONFIRMED_BITS:
        return None
    if case.entry is not None and case.entry.cls is not Cls.INTIMATE:
        return None
    return "at most 10 bits from a picture that a person confirmed"


def _held(case: Case) -> Permission:
    refusal = _no_hold(case)
    if refusal is None:
        return Permission("g", "hidden until a person has looked: another detector agrees")
    return Permission(None, refusal)


def _no_hold(case: Case) -> str | None:
    """Say what rule (g) lacks."""
    if not case.agreed:
        return "a notifier's hash decides nothing: no other detector agrees"
    if case.action is not ActionKind.DISABLED:
        return "until a person has looked a claimed picture is only hidden"
    if case.held_before:
        return "this version of the item has been hidden once already"
    if not 0 < case.hold_hours * _HOUR_MS <= LONGEST_HOLD_MS:
        return "hiding before a person has looked lasts at most 48 hours"
    return None


def _refuses_to_generate(case: Case) -> bool:
    return case.gateway and case.surface in AI_SURFACES


def _not_measured(case: Case) -> str | None:
    """Say what rule (d) lacks."""
    if case.precision_low is None:
        return "no evaluation of this clause is on file for this language"
    if not case.precision_low >= LEAST_PRECISION:
        return f"the lower bound of precision is below {LEAST_PRECISION}"
    if not ACTIONS[case.action].reversible:
        return "the action cannot be taken back"
    return "drawn for a person: one in a hundred is" if case.for_person else None


def _no_pause(case: Case) -> str | None:
    """Say what rule (f) lacks."""
    if case.action is not ActionKind.DEMOTED:
        return "without a person only recommendation pauses"
    if case.paused_before:
        return "this version of the item has been paused once already"
    if not 0 < case.pause_hours * _HOUR_MS <= LONGEST_PAUSE_MS:
        return "a pause lasts at most 24 hours"
    return None
