# SPDX-License-Identifier: Apache-2.0
"""What each fired policy asks for, ground by ground, and who may do it.

The table of what may act without a person is `acting`; here it is asked once
for every ground. Law entries that need counsel are shown and never filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from vigie.core.actions import ActionKind
from vigie.core.clock import iso
from vigie.core.decision import COUNTED, Ground, Signal, Verdict
from vigie.core.territory import EVERYWHERE, everywhere
from vigie.law import Cls, Entry
from vigie.screening.acting import Case, Permission, may_act, pause_until
from vigie.screening.policy import Hit, PolicyState
from vigie.screening.precedence import PROPOSAL, Claim, spread

if TYPE_CHECKING:
    from vigie.screening.batch import Prepared
    from vigie.screening.snapshot import Snapshot

COUNSEL: Final = "counsel_first"
"""Note of a proposal without territories: a person with local counsel decides."""
_SAMPLE: Final = 100
"""Rule (d): one in a hundred goes to a person."""


class Weighed(NamedTuple):
    """Verdicts for the record and claims to be settled."""

    verdicts: list[Verdict]
    claims: list[Claim]


class _Asked(NamedTuple):
    """One ground of one hit: the law entry if legal, and where it applies."""

    ground: Ground
    entry: Entry | None
    territories: tuple[str, ...]


def weigh(
    hits: Sequence[Hit],
    prepared: Prepared,
    signals: Sequence[Signal],
    snapshot: Snapshot,
    now_ms: int,
    name: str,
) -> Weighed:
    """Return the verdicts of fired or failed policies and what they ask for.

    A ground whose territory the item cannot be seen in asks for nothing.
    """
    weighed = Weighed([], [])
    for hit in hits:
        for asked in _asked(hit, prepared, snapshot):
            weighed.verdicts.append(_verdict(hit, asked.ground))
            if hit.state is PolicyState.LIVE:
                case = _case(hit, asked, prepared, signals, snapshot, name)
                claim = _claim(case, asked, snapshot, now_ms)
                counted = hit.policy.counted_only
                weighed.claims.append(claim._replace(note=COUNTED) if counted else claim)
                if case.pause_hours:
                    # The pause holds until a person has looked at what the policy asks for.
                    case = replace(case, action=hit.policy.action_kind, pause_hours=0)
                    weighed.claims.append(_claim(case, asked, snapshot, now_ms))
    weighed.claims.sort(key=lambda claim: claim.note is not None)
    return weighed


def settled(claims: list[Claim], *, gateway: bool) -> list[Claim]:
    """Return the claims that are to be settled.

    The gateway refuses or lets pass: nothing is proposed, since its texts are not kept
    and nobody could look, and what is no refusal has nobody to carry it out. Where
    something is counted only, no other ground of it is told.
    """
    left = [claim for claim in claims if claim.refuses] if gateway else claims
    counted = [claim for claim in left if claim.note == COUNTED]
    return counted or left


def seen_in(prepared: Prepared, snapshot: Snapshot) -> tuple[str, ...]:
    """Return where the item can be seen."""
    visible = prepared.item.countries
    return everywhere(snapshot.served) if visible is None else tuple(visible)


def _asked(hit: Hit, prepared: Prepared, snapshot: Snapshot) -> Iterator[_Asked]:
    seen = seen_in(prepared, snapshot)
    if hit.policy.terms is not None:
        yield _Asked(hit.policy.grounds[0], None, seen)
        return
    for ground in hit.policy.grounds:
        entry = snapshot.law.entries[ground.offence or ""]
        places = _places(entry, seen, snapshot)
        if places or (entry.needs_counsel and entry.jurisdiction in seen):
            yield _Asked(ground, entry, places)


def _places(entry: Entry, seen: tuple[str, ...], snapshot: Snapshot) -> tuple[str, ...]:
    """Return where the entry applies among the places that see the item."""
    if entry.cls is Cls.CHILD or EVERYWHERE in entry.territories:
        return spread(ActionKind.REMOVED, seen, snapshot.served)
    return tuple(place for place in seen if place in entry.territories)


def _case(
    hit: Hit,
    asked: _Asked,
    prepared: Prepared,
    signals: Sequence[Signal],
    snapshot: Snapshot,
    name: str,
) -> Case:
    pause = hit.policy.pause_recommendation
    return Case(
        action=ActionKind.DEMOTED if pause else hit.policy.action_kind,
        territories=asked.territories,
        entry=asked.entry,
        terms=asked.ground.terms,
        state=hit.state,
        failed=hit.failed,
        surface=prepared.item.surface,
        gateway=prepared.subject.gateway,
        matches=tuple(s.match for s in signals if s.match is not None),
        precision_low=snapshot.precision(hit.policy.id, prepared.language),
        for_person=_for_person(name),
        pause_hours=pause,
    )


def _for_person(name: str) -> bool:
    """Draw one decision in a hundred by the random bits of its name: no author can tell."""
    return int(name[-10:], 16) % _SAMPLE == 0


def _claim(case: Case, asked: _Asked, snapshot: Snapshot, now_ms: int) -> Claim:
    permission = may_act(case) if _fired(case) else Permission(None, "")
    if permission.rule is None and asked.entry is not None and asked.entry.needs_counsel:
        return Claim(case.action, (), PROPOSAL, asked.ground, note=COUNSEL)
    until = iso(pause_until(now_ms, case.pause_hours)) if permission.rule == "f" else None
    places = spread(case.action, asked.territories, snapshot.served)
    return Claim(case.action, places, permission.by, asked.ground, until)


def _fired(case: Case) -> bool:
    """A policy that only failed proposes; a sure match acts all the same."""
    return not case.failed or bool(case.matches)


def _verdict(hit: Hit, ground: Ground) -> Verdict:
    return Verdict(
        policy=hit.policy.id,
        version=hit.policy.version,
        state=hit.state,
        ground=ground,
        reasons=hit.reasons,
        failed=hit.failed,
    )
