# SPDX-License-Identifier: Apache-2.0
"""What upholding a complaint would take back, before anybody decides; writes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.core.actions import ACTIONS
from vigie.flow.appeals.persons import chain_of
from vigie.flow.chain import head_of, standing
from vigie.flow.house import House
from vigie.flow.strikes.points import left_of, points
from vigie.store.models import (
    Appeal,
    BankEntry,
    DecidedMedia,
    Measure,
    MeasureState,
    Strike,
    StrikeState,
    SubjectKind,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What would change."""

    visible: list[str]
    """Where it would be visible again."""
    can_be_kept: list[str]
    """Countries of which some can stay restricted; empty: all or nothing."""
    strikes: list[Strike]
    points_before: int
    points_after: int
    measures: list[Measure]
    media: int
    entries: int


def forecast(house: House, appeal: Appeal) -> Forecast:
    """Return what upholding an author's complaint would take back now."""
    contested, now = appeal.decision, house.now()
    head = head_of(contested)
    chain = [one.number for one in chain_of(contested)]
    labels = [one.label for one in chain_of(contested)]
    now_there = {place for one in standing(head) for place in one.territories}
    was = standing(contested)
    gone = now_there & {place for one in was for place in one.territories}
    strikes = list(Strike.objects.filter(decision__in=chain, state=StrikeState.ACTIVE))
    subject = (SubjectKind.AUTHOR, contested.author, contested.service)
    before = points(*subject, now) if contested.author else 0
    live = sum(one.weight for one in strikes if one.expires_at > now)
    territorial = bool(was) and all(ACTIONS[one.action].territorial for one in was)
    return Forecast(
        visible=sorted(gone),
        can_be_kept=sorted(gone) if territorial and len(gone) > 1 else [],
        strikes=strikes,
        points_before=before,
        points_after=before - live,
        measures=[appeal.measure] if appeal.measure else _falling(appeal, strikes),
        media=DecidedMedia.objects.filter(decision__in=chain, active=True).count(),
        entries=BankEntry.objects.filter(reference__in=labels, active=True).count(),
    )


def _falling(appeal: Appeal, strikes: list[Strike]) -> list[Measure]:
    """Return what is in force and would not stand without these strikes."""
    gone = {one.pk: one.weight for one in strikes}
    running = Measure.objects.filter(
        subject_kind=SubjectKind.AUTHOR,
        subject=appeal.decision.author,
        service=appeal.decision.service,
        state=MeasureState.IN_FORCE,
    )
    return [
        one
        for one in running.order_by("pk")
        if left_of(one.strikes) - sum(gone.get(n, 0) for n in one.strikes) < one.needed
    ]
