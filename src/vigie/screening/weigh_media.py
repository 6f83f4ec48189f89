# SPDX-License-Identifier: Apache-2.0
"""What a person's decisions, and the hashes of notifiers, say of an item's media.

Rule (b): media of the same bytes as media that a person decided, and in class
`intimate` pictures very near to one that a person confirmed, meet the same action
in the same places. Rule (g): what is near a notifier's hash is hidden for a while
where another detector agrees; without one, nothing at all happens here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from vigie.core.actions import ActionKind
from vigie.core.clock import iso
from vigie.core.decision import CLAIMED, CLAIMED_PICTURE, Reason, Signal, Verdict
from vigie.screening.acting import CONFIRMED_BITS, Case, hold_until, may_act
from vigie.screening.matching.base import NOTIFIED
from vigie.screening.matching.pdq import PDQ
from vigie.screening.policy import Policy, PolicyState
from vigie.screening.precedence import Claim, spread
from vigie.screening.weigh import Weighed, seen_in

if TYPE_CHECKING:
    from vigie.core.item import MediaFacts
    from vigie.screening.batch import Prepared
    from vigie.screening.snapshot import Decided, Snapshot

SAME_BYTES: Final = "same_bytes"
NEAR_CONFIRMED: Final = "near_confirmed"


class _Met(NamedTuple):
    """A medium that meets what a person decided; `distance` None: the same bytes."""

    media: int
    decided: Decided
    distance: int | None


def weigh_media(
    weighed: Weighed, prepared: Prepared, signals: Sequence[Signal], snapshot: Snapshot
) -> None:
    """Add what rule (b) says of the item's media."""
    near = {
        signal.match.media
        for signal in signals
        if signal.match is not None and NOTIFIED in signal.match.banks
    }
    for met in _met(prepared.media, near, snapshot):
        _add(weighed, met, prepared, snapshot)


def weigh_claimed(
    weighed: Weighed,
    prepared: Prepared,
    signals: Sequence[Signal],
    snapshot: Snapshot,
    now_ms: int,
) -> None:
    """Add what rule (g) says of an item with a medium near a notifier's hash."""
    for active in snapshot.policies.active:
        policy = active.policy
        if active.state is not PolicyState.LIVE or policy.hide_claimed is None:
            continue
        if policy.looks_at(prepared.item.surface):
            reasons = tuple(_agreeing(signals, policy.hide_claimed.limits))
            _add_hold(weighed, policy, reasons, seen_in(prepared, snapshot), snapshot, now_ms)


def _met(media: Sequence[MediaFacts], near: set[int], snapshot: Snapshot) -> Iterator[_Met]:
    for number, facts in enumerate(media):
        same = snapshot.decided.get(facts.sha256 or "")
        if same is not None:
            yield from (_Met(number, one, None) for one in same)
        elif number in near:
            found, distance = _nearest(facts, snapshot)
            yield from (_Met(number, one, distance) for one in found)


def _nearest(facts: MediaFacts, snapshot: Snapshot) -> tuple[tuple[Decided, ...], int]:
    """Return what was decided about the nearest confirmed picture, and how near it is."""
    if snapshot.index is None or facts.pdq is None:
        return (), 0
    turns = [PDQ.validate(text) for text in facts.dihedral or (facts.pdq,)]
    hits = [hit for found in snapshot.index.query(turns, CONFIRMED_BITS) for hit in found.hits]
    hits.sort(key=lambda hit: hit.distance)
    for hit in hits:
        if hit.value in snapshot.confirmed:
            return snapshot.confirmed[hit.value], hit.distance
    return (), 0


def _add(weighed: Weighed, met: _Met, prepared: Prepared, snapshot: Snapshot) -> None:
    decided = met.decided
    kind = ActionKind(decided.action)
    seen = seen_in(prepared, snapshot)
    places = tuple(place for place in seen if place in decided.territories)
    case = Case(
        action=kind,
        territories=places,
        entry=snapshot.law.entries.get(decided.ground.offence or ""),
        terms=decided.ground.terms,
        surface=prepared.item.surface,
        decided=met.distance is None,
        confirmed=met.distance,
    )
    permission = may_act(case)
    if not places or permission.rule is None:
        return
    weighed.verdicts.append(
        Verdict(
            policy=decided.policy,
            version=decided.version,
            state=PolicyState.LIVE,
            ground=decided.ground,
            reasons=(_reason(met),),
        )
    )
    where = spread(kind, places, snapshot.served)
    weighed.claims.append(Claim(kind, where, permission.by, decided.ground))


def _reason(met: _Met) -> Reason:
    clause = SAME_BYTES if met.distance is None else NEAR_CONFIRMED
    return Reason(clause=clause, signal=f"media/{met.media}", expression=met.decided.decision_id)


def _agreeing(signals: Sequence[Signal], limits: Mapping[str, float]) -> Iterator[Reason]:
    """Yield the signals of other detectors that reach a limit of the policy."""
    claiming = {signal.detector for signal in signals if signal.label == CLAIMED}
    for signal in signals:
        limit = limits.get(signal.label)
        seen = signal.status == "ok" and signal.detector not in claiming
        if limit is not None and seen and signal.value >= limit:
            yield Reason(
                clause=CLAIMED_PICTURE,
                signal=f"{signal.detector}/{signal.label}",
                value=signal.value,
                limit=limit,
            )


def _add_hold(
    weighed: Weighed,
    policy: Policy,
    reasons: tuple[Reason, ...],
    seen: tuple[str, ...],
    snapshot: Snapshot,
    now_ms: int,
) -> None:
    hours = policy.hide_claimed.hours if policy.hide_claimed else 0
    case = Case(
        action=ActionKind.DISABLED,
        territories=seen,
        terms=policy.grounds[0].terms,
        hold_hours=hours,
        agreed=bool(reasons),
    )
    permission = may_act(case)
    if permission.rule is None or not seen:
        return
    ground = policy.grounds[0]
    weighed.verdicts.append(
        Verdict(
            policy=policy.id,
            version=policy.version,
            state=PolicyState.LIVE,
            ground=ground,
            reasons=reasons,
        )
    )
    until = iso(hold_until(now_ms, hours))
    where = spread(ActionKind.DISABLED, seen, snapshot.served)
    weighed.claims.append(Claim(ActionKind.DISABLED, where, permission.by, ground, until))
