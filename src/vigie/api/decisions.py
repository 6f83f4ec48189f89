# SPDX-License-Identifier: Apache-2.0
"""What became of decisions, their proofs and statements, and the checkpoint."""

from __future__ import annotations

from typing import Annotated

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Schema
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from vigie.api import access, archived, present
from vigie.api.errors import FOUND, REFUSALS
from vigie.api.schemas import (
    TEXT,
    CheckpointOut,
    Cursor,
    DecisionOut,
    DecisionPage,
    ProofOut,
    StatementOut,
)
from vigie.core.actions import Outcome
from vigie.core.errors import NotFoundError
from vigie.flow.orders import hidden
from vigie.store.models import Case, CaseState, DecisionRecord, Statement
from vigie.web import proofs

router = Router(tags=["decisions"])
DecisionId = Annotated[str, Path(pattern=r"^[a-z0-9]{1,16}-[0-9a-f]{1,13}-[0-9a-f]{10}$")]
RELATED = ("supersedes", "duplicate_of", "statement")


class DecisionQuery(Schema):
    """What a list of decisions can be narrowed by."""

    item_id: Annotated[str, Field(max_length=256, pattern=TEXT)] | SkipJsonSchema[None] = None
    service: Annotated[str, Field(max_length=64, pattern=TEXT)] | SkipJsonSchema[None] = None
    outcome: Outcome | SkipJsonSchema[None] = None
    waiting: bool = False
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Cursor | SkipJsonSchema[None] = None


@router.get("/decisions", response=REFUSALS | {200: DecisionPage}, operation_id="list_decisions")
def list_decisions(request: HttpRequest, query: Query[DecisionQuery]) -> DecisionPage:
    """List recorded decisions, the newest first; class child is in no list."""
    key = access.key_of(request, *DecisionQuery.model_fields)
    found = access.visible(key).exclude(cls=present.CHILD)
    found = found.select_related(*RELATED).prefetch_related("effects", "cases")
    exact = {"item_id": query.item_id, "service": query.service, "outcome": query.outcome}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if query.waiting:
        waiting = Case.objects.filter(decision=OuterRef("pk"), state=CaseState.OPEN)
        found = found.filter(Exists(waiting))
    if query.cursor is not None:
        found = found.filter(number__lt=int(query.cursor))
    rows = list(found.order_by("-number")[: query.limit + 1])
    more = len(rows) > query.limit
    shown = rows[: query.limit]
    return DecisionPage(
        items=[present.decision(one, key) for one in shown],
        next=str(shown[-1].number) if more else None,
    )


@router.get(
    "/decisions/{decision_id}", response=FOUND | {200: DecisionOut}, operation_id="get_decision"
)
def get_decision(request: HttpRequest, decision_id: DecisionId) -> DecisionOut:
    """Say what became of a decision."""
    key = access.key_of(request)
    return present.decision(access.decision(key, decision_id), key)


@router.get(
    "/statements/{decision_id}",
    response=FOUND | {200: StatementOut},
    operation_id="get_statement",
    tags=["statements"],
)
def get_statement(request: HttpRequest, decision_id: DecisionId) -> StatementOut:
    """Return the statement of reasons of a decision and the address of its page."""
    record = access.decision(access.key_of(request), decision_id)
    row = Statement.objects.select_related("decision").filter(decision=record).first()
    if row is None or hidden.is_hidden(record.number):
        raise NotFoundError("This decision owes no statement.", code="no_statement")
    return present.statement(row)


@router.get(
    "/proofs/{decision_id}",
    response=FOUND | {200: ProofOut, 409: FOUND[404]},
    operation_id="get_proof",
    tags=["proofs"],
)
def get_proof(request: HttpRequest, decision_id: DecisionId) -> HttpResponse:
    """Return the proof file of a decision, byte for byte as `vigie-verify` reads it."""
    key = access.key_of(request)
    record = access.visible(key).filter(decision_id=decision_id).first()
    hidden = record is None and DecisionRecord.objects.filter(decision_id=decision_id).exists()
    if hidden:
        access.decision(key, decision_id)
    data = archived.proof(key, decision_id) if record is None else proofs.make(record).data
    answer = HttpResponse(data, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="proof.json"'
    return answer


@router.get(
    "/checkpoint",
    response=FOUND | {200: CheckpointOut},
    operation_id="get_checkpoint",
    tags=["proofs"],
)
def get_checkpoint(request: HttpRequest) -> CheckpointOut:
    """Return the log's signed state; the file itself stands at `/log/1/checkpoint`."""
    access.key_of(request)
    found = proofs.latest()
    if found is None:
        raise NotFoundError("No checkpoint is signed yet.", code="no_checkpoint")
    return present.checkpoint(found)
