# SPDX-License-Identifier: Apache-2.0
"""Issuing statements: when the effect is confirmed, or five minutes after sending.

Issued means that the page works and the platform was told its address; the
platform passes it on to the person concerned.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from django.db.models import QuerySet

from vigie.core import addresses
from vigie.flow import records, webhooks
from vigie.flow.house import House
from vigie.flow.orders import hidden
from vigie.flow.orders import statement as order_statement
from vigie.flow.statement_text import Applied, again, worded
from vigie.flow.transaction import writing
from vigie.store.models import (
    DecisionRecord,
    Effect,
    EffectState,
    OutgoingTask,
    Statement,
    StatementState,
    TaskKind,
    TaskState,
)

ISSUED_RECORD: Final = "statement.issued"
_CONFIRMED: Final = (EffectState.APPLIED, EffectState.PARTLY)


class Step(StrEnum):
    """How far what a statement tells has come, the least first."""

    DECIDED = "decided"
    """Nothing of it has reached the service by a message of ours."""
    SENT = "sent"
    """The service has taken our message."""
    FAILED = "failed"
    """The service said that it could not apply it."""
    PARTLY = "partly"
    CONFIRMED = "confirmed"


_STEPS: Final = {
    EffectState.APPLIED: Step.CONFIRMED,
    EffectState.PARTLY: Step.PARTLY,
    EffectState.FAILED: Step.FAILED,
}


class Standing(NamedTuple):
    """What is known of a statement's measures now: the step of all, times where confirmed."""

    step: Step
    applied: Applied


def address_of(house: House, statement: Statement) -> str:
    """Return the unguessable address of a statement's page."""
    token = house.statement_token(statement.decision.decision_id, statement.token_expires_at or 0)
    return f"{house.settings.base_url}{addresses.PATH}{token}"


def standing_of(statement: Statement) -> Standing:
    """Return how far the measures of a statement have come: never further than they have."""
    effects = {
        (one.action, tuple(one.territories)): one
        for one in _effects(statement.decision).exclude(state=EffectState.CANCELLED)
    }
    measures = statement.content.get("restrictions", [])
    named = [(one["action"], tuple(one["territories"])) for one in measures]
    order = list(Step)
    steps = [_step(effects.get(one)) for one in named]
    return Standing(min(steps, key=order.index, default=Step.DECIDED), _applied(statement.decision))


def _step(effect: Effect | None) -> Step:
    if effect is None:
        return Step.DECIDED
    known = _STEPS.get(EffectState(effect.state))
    if known is not None:
        return known
    # An attempt that nobody took has not reached the service.
    taken = OutgoingTask.objects.filter(
        decision=effect.decision_id, kind=TaskKind.WEBHOOK, state=TaskState.DELIVERED
    )
    return Step.SENT if taken.exists() else Step.DECIDED


def due_statements(now: int, limit: int = 100) -> list[int]:
    """Return the statements that are to be issued now; one under a duty of silence is none."""
    rows = Statement.objects.filter(state=StatementState.PREPARED, due_at__lte=now)
    rows = rows.exclude(hidden.about("decision"))
    return list(rows.order_by("due_at").values_list("pk", flat=True)[:limit])


def issue_statement(house: House, statement_id: int) -> bool:
    """Issue a prepared statement; False where it was issued or ended, or nobody may be told."""
    now = house.now()
    with writing():
        row = Statement.objects.select_related("decision").filter(pk=statement_id).first()
        if row is None or row.state != StatementState.PREPARED:
            return False
        if hidden.is_hidden(row.decision_id):
            return False
        _compose_again(house, row)
        row.state = StatementState.ISSUED
        row.issued_at = now
        row.save(update_fields=["state", "issued_at", "confirmed", "content", "database_records"])
        plain = {"decision_id": row.decision.decision_id, "confirmed": row.confirmed}
        records.append_one(records.draft(ISSUED_RECORD, now, plain))
        _tell(house, row, now)
    return True


def _compose_again(house: House, row: Statement) -> None:
    """Name the confirmed times; where one is missing, the page says so."""
    row.confirmed = row.decision.effects.filter(state__in=_CONFIRMED).exists()
    applied = _applied(row.decision)
    if not applied:
        return
    if row.exception:  # of an order: it goes to no database
        row.content = order_statement.reworded(house, row.content, applied)
        return
    row.content, row.database_records = worded(
        again(row.content, applied), house, row.content.get("titles", {})
    )


def _applied(decision: DecisionRecord) -> Applied:
    """Return the confirmed times; what an earlier decision began keeps its own."""
    found = _effects(decision).filter(state__in=_CONFIRMED, applied_at__isnull=False)
    found = found.order_by("applied_at")
    return {(one.action, tuple(one.territories)): one.applied_at or 0 for one in found}


def _effects(decision: DecisionRecord) -> QuerySet[Effect]:
    """Return the effects of all decisions about the same version of an item."""
    return Effect.objects.filter(
        decision__service=decision.service,
        decision__item_id=decision.item_id,
        decision__version=decision.version,
    ).order_by("pk")


def _tell(house: House, row: Statement, now: int) -> None:
    data = {
        "decision_id": row.decision.decision_id,
        "item_id": row.decision.item_id,
        "service": row.decision.service,
        "statement_url": address_of(house, row),
        "expires_at": row.token_expires_at,
    }
    body = webhooks.payload(webhooks.STATEMENT_ISSUED, now, data)
    webhooks.enqueue(webhooks.STATEMENT_ISSUED, body, now, decision=row.decision.number)
