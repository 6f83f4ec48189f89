# SPDX-License-Identifier: Apache-2.0
"""From rows to the shapes of the API; who sees what is decided here and in `access`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from vigie.api.access import is_trusted
from vigie.api.schemas import (
    CheckpointOut,
    DecisionOut,
    EffectOut,
    PlaceOut,
    StatementOut,
    WebhookOut,
)
from vigie.core.clock import iso
from vigie.core.decision import Decision, without_claims
from vigie.flow import house
from vigie.flow.statements import Step, standing_of
from vigie.law.restriction import OTHER_TERMS
from vigie.store.models import CaseState, DecisionRecord, Statement
from vigie.web import lawbook

if TYPE_CHECKING:
    from vigie.store.models import ApiKey, Effect, WebhookEndpoint

CHILD = "child"


def decision(record: DecisionRecord, key: ApiKey) -> DecisionOut:
    """Return a decision; scores and spans only to a trusted key, never for class child."""
    statement = getattr(record, "statement", None)
    shown = is_trusted(key) and record.cls != CHILD
    return DecisionOut(
        decision_id=record.decision_id,
        label=record.label,
        kind=record.kind,
        service=record.service,
        item_id=record.item_id,
        version=record.version,
        surface=record.surface,
        outcome=record.outcome,
        at=iso(record.at),
        territories=record.territories,
        category=_category(record),
        log_index=record.log_index,
        supersedes=record.supersedes.decision_id if record.supersedes else None,
        superseded_by=_name(record.superseded_by),
        duplicate_of=record.duplicate_of.decision_id if record.duplicate_of else None,
        waits_for_person=any(case.state == CaseState.OPEN for case in record.cases.all()),
        effects=[_effect(one) for one in record.effects.all()],
        statement=statement.state if statement is not None else None,
        as_made=_as_made(record) if shown else None,
    )


def _as_made(record: DecisionRecord) -> dict[str, Any]:
    """Return the decision as made, without the claims of notifiers."""
    made = msgspec.convert(record.body, Decision, strict=False)
    shown: dict[str, Any] = msgspec.to_builtins(without_claims(made))
    return shown


def _category(record: DecisionRecord) -> str | None:
    """Return the statement category of the first ground that has one, as the doors say it."""
    for entry in lawbook.entries(record.offences):
        codes = entry.codes()
        if codes is not None:
            return codes.category
    grounds = [g for a in record.body.get("actions", ()) for g in a.get("grounds", ())]
    return OTHER_TERMS if any(ground.get("terms") for ground in grounds) else None


def _name(number: int | None) -> str | None:
    """Return the name of the decision with a short number."""
    if number is None:
        return None
    names = DecisionRecord.objects.filter(number=number).values_list("decision_id", flat=True)
    return names.first()


def _effect(effect: Effect) -> EffectOut:
    return EffectOut(
        action=effect.action,
        territories=effect.territories,
        state=effect.state,
        overdue=effect.overdue,
        places=[_place(code, said) for code, said in sorted(effect.places.items())],
    )


def _place(code: str, said: dict[str, Any]) -> PlaceOut:
    at = said.get("at")
    return PlaceOut(
        territory=code,
        state=str(said.get("state", "sent")),
        at=iso(at) if at is not None else None,
        reason=said.get("reason"),
    )


def statement(row: Statement) -> StatementOut:
    """Return a statement with the address of its page."""
    current = house.current()
    expires = row.token_expires_at
    url = None
    if expires and row.state not in {"exempt", "cancelled"}:
        token = current.statement_token(row.decision.decision_id, expires)
        url = f"{current.settings.base_url}/s/{token}"
    pages: dict[str, Any] = {
        name: row.content[name] for name in ("en", "fr", "de") if name in row.content
    }
    return StatementOut(
        decision_id=row.decision.decision_id,
        state=row.state,
        exception=row.exception or None,
        url=url,
        expires_at=iso(expires) if expires else None,
        issued_at=iso(row.issued_at) if row.issued_at else None,
        confirmed=standing_of(row).step in (Step.CONFIRMED, Step.PARTLY),
        content=pages,
        database_records=row.database_records,
    )


def webhook(row: WebhookEndpoint, secret: str | None = None) -> WebhookOut:
    """Return an endpoint; its secret only where it was just made."""
    return WebhookOut(
        id=row.pk,
        url=row.url,
        events=row.events,
        enabled=row.enabled,
        created_at=iso(row.created_at),
        secret=secret,
    )


def checkpoint(found: dict[str, Any]) -> CheckpointOut:
    """Return the published checkpoint."""
    return CheckpointOut(size=found["size"], note=found["note"], at=found["at"])
