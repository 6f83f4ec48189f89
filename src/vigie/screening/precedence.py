# SPDX-License-Identifier: Apache-2.0
"""From fired policies to one decision: verdicts, territories, actions, outcome.

Per territory the narrowest action that meets every ground; what may not act
alone (`acting`) is proposed to a person. Shadow policies are recorded and do
nothing. Source: house rules of decision; Regulation (EU) 2022/2065 Art. 17.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from vigie.core.actions import ACTIONS, STRICTNESS, ActionKind, Outcome
from vigie.core.decision import Action, Ground, Verdict
from vigie.core.territory import everywhere

PROPOSED: Final = "proposed"
SENT: Final = "sent"
PROPOSAL: Final = "proposal"


class Claim(NamedTuple):
    """What one ground asks for in some territories, before it is weighed."""

    kind: ActionKind
    territories: tuple[str, ...]
    by: str
    ground: Ground
    until: str | None = None
    note: str | None = None

    @property
    def effect(self) -> tuple[ActionKind, str, str, str]:
        """What it does and by which rule: claims of one effect become one action."""
        return (self.kind, self.by, self.until or "", self.note or "")

    @property
    def acts(self) -> bool:
        """True where it acts without a person."""
        return self.by != PROPOSAL

    @property
    def refuses(self) -> bool:
        """True where it acts and takes away what it is about: what the gateway can do."""
        return self.acts and ACTIONS[self.kind].outcome in (Outcome.WITHHOLD, Outcome.REMOVE)


def settle(claims: Sequence[Claim], served: tuple[str, ...]) -> tuple[Action, ...]:
    """Return the actions that meet every claim, merged by what they do.

    In each territory the strictest acting claim wins; a proposal remains only
    where it is stricter than what acts there already.
    """
    if not claims:
        return ()
    acting = _strictest(c for c in claims if c.acts)
    proposed = _strictest(c for c in claims if not c.acts)
    left = {
        place: claim
        for place, claim in proposed.items()
        if place not in acting or _strict(claim) > _strict(acting[place])
    }
    merged = [*_merge(acting, claims, SENT, served), *_merge(left, claims, PROPOSED, served)]
    if merged:
        return tuple(merged)
    # Nothing can be filled in: a person is asked all the same, with counsel.
    unsure = [claim for claim in claims if not claim.acts]
    grounds = tuple(dict.fromkeys(claim.ground for claim in unsure))
    return (_action(unsure[0], (), PROPOSED, grounds),) if unsure else ()


def outcome_of(actions: Iterable[Action], *, stale: bool = False) -> Outcome:
    """Return the strictest of what was done; `review` where a proposal waits."""
    found = Outcome.ALLOW
    for action in () if stale else actions:
        one = Outcome.REVIEW if action.state == PROPOSED else ACTIONS[action.action].outcome
        if STRICTNESS[one] > STRICTNESS[found]:
            found = one
    return found


def spread(
    kind: ActionKind, territories: tuple[str, ...], served: tuple[str, ...]
) -> tuple[str, ...]:
    """Return where an action reaches: everywhere where it knows no borders."""
    return territories if ACTIONS[kind].territorial else everywhere(served)


def verdict_order(verdict: Verdict) -> tuple[str, str, str]:
    """Sort key that makes equal inputs give equal decisions."""
    return (verdict.policy, verdict.ground.offence or "", verdict.ground.terms or "")


def _strict(claim: Claim) -> int:
    return ACTIONS[claim.kind].strictness


def _strictest(claims: Iterable[Claim]) -> dict[str, Claim]:
    """Return the strictest claim per place; of equals the first one stands."""
    best: dict[str, Claim] = {}
    for claim in claims:
        for place in claim.territories:
            held = best.get(place)
            if held is None or _strict(claim) > _strict(held):
                best[place] = claim
    return best


def _merge(
    best: dict[str, Claim], claims: Sequence[Claim], state: str, served: tuple[str, ...]
) -> list[Action]:
    """Return one action per effect, with every ground that asks for it there."""
    order = {place: number for number, place in enumerate(everywhere(served))}
    groups: dict[tuple[str, ...], list[str]] = {}
    for place, claim in best.items():
        groups.setdefault(claim.effect, []).append(place)
    actions = []
    for effect, places in groups.items():
        alike = [
            claim
            for claim in claims
            if claim.effect == effect and not set(claim.territories).isdisjoint(places)
        ]
        ordered = tuple(sorted(places, key=lambda p: (order.get(p, len(order)), p)))
        grounds = tuple(dict.fromkeys(claim.ground for claim in alike))
        actions.append(_action(alike[0], ordered, state, grounds))
    return actions


def _action(
    claim: Claim, places: tuple[str, ...], state: str, grounds: tuple[Ground, ...]
) -> Action:
    return Action(
        action=claim.kind,
        territories=places,
        by=claim.by,
        state=state,
        grounds=grounds,
        until=claim.until,
        note=claim.note,
    )
