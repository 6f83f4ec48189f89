# SPDX-License-Identifier: Apache-2.0
"""The ladder proposes; a person decides (`measures`). It never acts alone.

It proposes on a new strike only. A suspension is never proposed while no
warning is in force: then the warning is, however many points there are.
"""

from __future__ import annotations

from django.db.models import QuerySet

from vigie.flow.house import House
from vigie.flow.strikes import told
from vigie.flow.strikes.points import active, left_of, points
from vigie.flow.strikes.weights import Step, ladder
from vigie.store.models import Measure, MeasureKind, MeasureState, SubjectKind

_RUNNING = (MeasureState.PROPOSED, MeasureState.IN_FORCE)


def propose(house: House, kind: SubjectKind, subject: str, service: str) -> Measure | None:
    """Propose what the points call for; inside `writing`, after a new strike.

    What is proposed already is brought up to date; what is in force at the same
    height or above proposes nothing more.
    """
    now = house.now()
    step = next_step(house, kind, subject, service)
    if step is None:
        return None
    running = _of(kind, subject, service, MeasureState.IN_FORCE).filter(kind=step.kind)
    if running.filter(needed__gte=step.points).exists():
        return None
    values = {
        "kind": step.kind,
        "points": points(kind, subject, service, now),
        "needed": step.points,
        "strikes": list(active(kind, subject, service, now).values_list("pk", flat=True)),
    }
    waiting = _of(kind, subject, service, MeasureState.PROPOSED).first()
    if waiting is None:
        return Measure.objects.create(
            subject_kind=kind, subject=subject, service=service, proposed_at=now, **values
        )
    for name, value in values.items():
        setattr(waiting, name, value)
    waiting.save(update_fields=list(values))
    return waiting


def next_step(house: House, kind: SubjectKind, subject: str, service: str) -> Step | None:
    """Return the highest step that the points reach, and that may come now."""
    now = house.now()
    has = points(kind, subject, service, now)
    reached = [step for step in ladder(kind) if step.points <= has]
    if warning_of(kind, subject, service, now) is None:
        reached = [step for step in reached if step.kind is MeasureKind.WARNING]
    return reached[-1] if reached else None


def warning_of(kind: SubjectKind, subject: str, service: str, now: int) -> Measure | None:
    """Return the warning that is in force."""
    found = _of(kind, subject, service, MeasureState.IN_FORCE)
    return found.filter(kind=MeasureKind.WARNING, until__gt=now).order_by("-decided_at").first()


def look_again(house: House, kind: SubjectKind, subject: str, service: str) -> list[Measure]:
    """End what no longer stands on enough points; inside `writing`, after a reversal."""
    ended = []
    found = Measure.objects.filter(
        subject_kind=kind, subject=subject, service=service, state__in=_RUNNING
    )
    for one in found.order_by("pk"):
        if left_of(one.strikes) < one.needed:
            told.end(house, one, MeasureState.LIFTED)
            ended.append(one)
    return ended


def _of(kind: SubjectKind, subject: str, service: str, state: MeasureState) -> QuerySet[Measure]:
    return Measure.objects.filter(subject_kind=kind, subject=subject, service=service, state=state)
