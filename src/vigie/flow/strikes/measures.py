# SPDX-License-Identifier: Apache-2.0
"""A person decides on what the ladder proposed: warnings and suspensions (Art. 23 DSA).

A suspension comes after a warning that is in force and that the person had
before the last strike. Its length is known, it ends by itself, and its reasons
stand on a page of their own where it can be contested.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Max

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.statement_text import digest_of
from vigie.flow.strikes import ladder, told
from vigie.flow.strikes.points import left_of
from vigie.flow.strikes.reasons import compose
from vigie.flow.strikes.weights import MOST_SUSPENSION
from vigie.flow.strikes.weights import ladder as steps_of
from vigie.flow.transaction import writing
from vigie.store.models import (
    Measure,
    MeasureKind,
    MeasureState,
    Strike,
    SubjectKind,
    User,
)
from vigie.store.permissions import Permission

MAX_TEXT: Final = 2_000
DAY_MS: Final = 86_400_000
ASSESSED: Final = ("absolute", "relative", "gravity", "intention")
"""Art. 23(3)(a) to (d): numbers, share, gravity with consequences, intention if possible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureDecision:
    """What a person decides about a proposal."""

    measure: int
    user: User
    confirm: bool
    reason: str = ""
    """For the record; needed to refuse."""
    assessment: Mapping[str, str] = field(default_factory=dict)
    """By the names of `ASSESSED`; needed to confirm, and read by the person concerned."""
    days: int | None = None
    """Another length of a suspension than the ladder's."""


def decide_measure(house: House, asked: MeasureDecision) -> Measure:
    """Confirm or refuse a proposal; returns it as it is then.

    Raises RefusedError without the permission, ConflictError where somebody was
    first or it no longer stands, InvalidInputError for what is missing.
    """
    check_decision(asked)
    with writing():
        row = _find(asked.measure)
        if row.state != MeasureState.PROPOSED:
            raise ConflictError("This proposal no longer waits.", code="decided_meanwhile")
        now = house.now()
        row.decided_at, row.decided_by = now, asked.user.username
        row.reason = asked.reason.strip()
        if asked.confirm:
            check_stands(house, row)
            _confirm(house, row, asked)
        else:
            row.state = MeasureState.REFUSED
        _record(house, row, asked)
        row.save()
        if asked.confirm:
            told.tell(house, row)
    return row


def check_decision(asked: MeasureDecision) -> None:
    """Raise where a decision is not whole in itself."""
    if not asked.user.has_perm(Permission.MEASURE_DECIDE):
        raise RefusedError("Your role may not decide on measures.")
    texts = {"reason": asked.reason, **asked.assessment}
    for name, text in texts.items():
        if len(text) > MAX_TEXT:
            raise InvalidInputError(
                f"At most {MAX_TEXT} characters.", code="text_too_long", field=name
            )
    if not asked.confirm and not asked.reason.strip():
        raise InvalidInputError("A refusal has a reason.", code="no_reason", field="reason")
    for name in ASSESSED if asked.confirm else ():
        if not asked.assessment.get(name, "").strip():
            raise InvalidInputError(
                "The assessment of Art. 23(3) DSA is not whole.",
                code="no_assessment",
                field=name,
                fix="Say it in a sentence, or that nothing is known.",
            )
    if asked.days is not None and not 1 <= asked.days <= MOST_SUSPENSION:
        raise InvalidInputError(
            "A suspension is for a reasonable time.",
            field="days",
            fix=f"Give 1 to {MOST_SUSPENSION} days.",
        )


def check_stands(house: House, row: Measure) -> None:
    """Raise ConflictError where the ladder would no longer propose it.

    Points that were reversed do not count; a suspension needs a warning in
    force that came before the last strike (Art. 23(1), (2) DSA).
    """
    if left_of(row.strikes) < row.needed:
        raise ConflictError("There are no longer enough points.", code="no_longer")
    if row.kind != MeasureKind.SUSPENSION:
        return
    kind = SubjectKind(row.subject_kind)
    warning = ladder.warning_of(kind, row.subject, row.service, house.now())
    last = Strike.objects.filter(pk__in=row.strikes).aggregate(last=Max("at"))["last"] or 0
    if warning is None or (warning.decided_at or 0) > last:
        raise ConflictError(
            "No warning came before it.",
            code="no_warning",
            fix="A suspension follows a warning and a further strike.",
        )


def _confirm(house: House, row: Measure, asked: MeasureDecision) -> None:
    now = house.now()
    row.state = MeasureState.IN_FORCE
    row.assessment = {name: asked.assessment[name].strip() for name in ASSESSED}
    row.until = _until(row, asked, now)
    # Six months at least to contest it, and as long as it lasts.
    row.token_expires_at = max(now + house.settings.statement_days * DAY_MS, row.until)
    row.token_digest = digest_of(told.token_of(house, row))
    row.content = compose(house, row)


def _until(row: Measure, asked: MeasureDecision, now: int) -> int:
    """A suspension has its days; a warning is in force as long as its strikes count."""
    if row.kind == MeasureKind.SUSPENSION:
        return now + (asked.days or days_of(row)) * DAY_MS
    last = Strike.objects.filter(pk__in=row.strikes).aggregate(last=Max("expires_at"))["last"]
    return max(last or 0, now + DAY_MS)


def days_of(row: Measure) -> int:
    """Return how long the ladder wants a suspension to last."""
    steps = steps_of(SubjectKind(row.subject_kind))
    return next((one.days for one in reversed(steps) if one.points <= row.points and one.days), 7)


def lift_measure(house: House, user: User, measure: int, reason: str) -> Measure:
    """Lift a measure that is in force. Raises as `decide_measure` does."""
    if not user.has_perm(Permission.MEASURE_DECIDE):
        raise RefusedError("Your role may not decide on measures.")
    if not reason.strip() or len(reason) > MAX_TEXT:
        raise InvalidInputError(
            f"Give a reason of at most {MAX_TEXT} characters.", code="no_reason", field="reason"
        )
    with writing():
        row = _find(measure)
        if row.state != MeasureState.IN_FORCE:
            raise ConflictError("This measure is not in force.", code="not_in_force")
        told.end(house, row, MeasureState.LIFTED, reason.strip())
    return row


def expire_measures(house: House, limit: int = 100) -> int:
    """End what is over by its time; return how many. For `jobs`."""
    over = Measure.objects.filter(state=MeasureState.IN_FORCE, until__lte=house.now())
    numbers = list(over.order_by("until").values_list("pk", flat=True)[:limit])
    for number in numbers:
        with writing():
            row = over.filter(pk=number).first()
            if row is not None:
                told.end(house, row, MeasureState.EXPIRED)
    return len(numbers)


def suspension_of(kind: SubjectKind, subject: str, service: str, now: int) -> Measure | None:
    """Return the suspension of an account, or of the processing of somebody's notices.

    Who gives notice is one person on every product: `service` is not asked then.
    """
    if not subject:
        return None
    found = Measure.objects.filter(
        subject_kind=kind,
        subject=subject,
        kind=MeasureKind.SUSPENSION,
        state=MeasureState.IN_FORCE,
        until__gt=now,
    )
    if kind is SubjectKind.AUTHOR:
        found = found.filter(service=service)
    return found.order_by("-until").first()


def _find(number: int) -> Measure:
    row = Measure.objects.filter(pk=number).first()
    if row is None:
        raise NotFoundError("There is no such measure.", code="no_measure")
    return row


def _record(house: House, row: Measure, asked: MeasureDecision) -> None:
    plain = {
        "measure": row.pk,
        "subject_kind": row.subject_kind,
        "kind": row.kind,
        "state": row.state,
        "points": row.points,
        "until": row.until,
    }
    personal = {
        "subject": row.subject,
        "reason": row.reason,
        "assessment": dict(row.assessment),
        "by": by_number(asked.user),
    }
    draft = records.draft(told.DECIDED, house.now(), plain, personal)
    records.append_one(draft)
    row.record_id = draft.record_id
