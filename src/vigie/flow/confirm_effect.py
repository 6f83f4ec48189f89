# SPDX-License-Identifier: Apache-2.0
"""The platform's word on what became of a decision, place by place."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.core.territory import EVERYWHERE
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.statement_text import parsed
from vigie.flow.transaction import writing
from vigie.journal.rows import JournalEffect
from vigie.store.models import Confirmation, DecisionRecord, Effect, EffectState, Statement
from vigie.store.models import StatementState as State

APPLIED_RECORD: Final = "action.applied"
_OPEN: Final = (
    EffectState.WAITING,  # the platform may have asked the API before a message left
    EffectState.SENT,
    EffectState.PARTLY,
    EffectState.FAILED,
)


def confirm_effect(house: House, confirmation: JournalEffect, source: str) -> None:
    """Record a confirmation that came by the people's door.

    Raises NotFoundError for a decision that no record holds, InvalidInputError
    for a time that does not parse.
    """
    if not DecisionRecord.objects.filter(decision_id=confirmation.decision_id).exists():
        raise NotFoundError("There is no decision of this name.", code="no_decision")
    if parsed(confirmation.applied_at) is None:
        raise InvalidInputError(
            "The time does not parse.", field="applied_at", fix="Write it as RFC 3339."
        )
    with writing():
        apply_confirmation(confirmation, house.now(), source=source)


def apply_confirmation(said: JournalEffect, at: int, *, source: str) -> None:
    """Apply one confirmation inside a transaction; the same one twice counts once.

    A decision that has no record (harmless, or erased) changes nothing, nor does
    a key that speaks for another service.
    """
    decision = DecisionRecord.objects.filter(decision_id=said.decision_id).first()
    if decision is None or Confirmation.objects.filter(source=source).exists():
        return
    if said.service and said.service != decision.service:
        return
    applied = _ms(said.applied_at) or at
    Confirmation.objects.create(
        decision=decision,
        applied_at=applied,
        territories=list(said.territories),
        failed=[{"territory": place, "reason": reason} for place, reason in said.failed],
        received_at=at,
        source=source,
    )
    confirmed = False
    for effect in decision.effects.filter(state__in=_OPEN):
        confirmed |= _update(effect, said, applied)
    if confirmed:
        _record(decision, said, applied, at)
        # The statement is issued with the confirmed time, by `jobs`.
        Statement.objects.filter(decision=decision, state=State.PREPARED).update(due_at=at)


def _update(effect: Effect, said: JournalEffect, applied: int) -> bool:
    """Take a confirmation into an effect; say whether any of it is now applied."""
    places: dict[str, Any] = dict(effect.places)
    for place in _named(said.territories, effect.territories):
        places[place] = {"state": EffectState.APPLIED.value, "at": applied}
    for place, reason in said.failed:
        if place in effect.territories:
            places[place] = {"state": EffectState.FAILED.value, "reason": reason[:500]}
    effect.places = places
    effect.state = _together(effect.territories, places)
    if effect.state in (EffectState.APPLIED, EffectState.PARTLY):
        effect.applied_at = applied
    if effect.state != EffectState.SENT:
        effect.overdue = False
    effect.save(update_fields=["places", "state", "applied_at", "overdue"])
    return effect.state in (EffectState.APPLIED, EffectState.PARTLY)


def _named(said: tuple[str, ...], territories: list[str]) -> list[str]:
    """Return which of the action's places a message speaks of; `*` or none: all."""
    if not said or EVERYWHERE in said:
        return list(territories)
    return [place for place in territories if place in said]


def _together(territories: list[str], places: dict[str, Any]) -> EffectState:
    """Return the state of all places: what nobody spoke of is still sent."""
    states = {places.get(p, {}).get("state", EffectState.SENT.value) for p in territories}
    if states == {EffectState.APPLIED.value}:
        return EffectState.APPLIED
    if EffectState.APPLIED.value in states:
        return EffectState.PARTLY
    if states == {EffectState.FAILED.value}:
        return EffectState.FAILED
    return EffectState.SENT


def _record(decision: DecisionRecord, said: JournalEffect, applied: int, at: int) -> None:
    plain = {
        "decision_id": decision.decision_id,
        "applied_at": applied,
        "territories": list(said.territories),
        "failed": [place for place, _ in said.failed],
    }
    records.append_one(records.draft(APPLIED_RECORD, at, plain))


def _ms(text: str) -> int | None:
    found: datetime | None = parsed(text)
    return round(found.timestamp() * 1000) if found else None
