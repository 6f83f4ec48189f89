# SPDX-License-Identifier: Apache-2.0
"""Registered changes of recommenders, assistants, image models and safety settings."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from vigie.api import access
from vigie.api.errors import CHANGES, REFUSALS
from vigie.api.schemas import SOME, TEXT, Cursor, Strict
from vigie.core.clock import iso
from vigie.flow import house
from vigie.flow.changes import Change, register_change
from vigie.store.models import ChangeKind, RegisteredChange

router = Router(tags=["changes"])
Words = Annotated[str, StringConstraints(max_length=200, pattern=TEXT)]
Moment = Annotated[int, Field(ge=0, le=253_402_300_799_999)]
"""Milliseconds since 1970 UTC, up to the year 9999."""


class ChangeIn(Strict):
    """A change as the platform's release process registers it.

    Of an assistant, an image model or a safety setting everything is required
    but the times: version, who asked, two approvers, the assessment of risks.
    """

    kind: ChangeKind
    title: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=SOME)]
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """SHA-256 of what was changed to; of an assistant as `vigie change digest` computes it."""
    description: Annotated[str, StringConstraints(max_length=5_000, pattern=TEXT)] = ""
    service: Annotated[str, StringConstraints(min_length=1, max_length=512, pattern=SOME)] = (
        "default"
    )
    effective_at: Moment | None = None
    """None: now."""
    ends_at: Moment | None = None
    """None: until another one."""
    version: Annotated[str, StringConstraints(max_length=100, pattern=TEXT)] = ""
    asked_by: Words = ""
    """The function that asked for it; not a name."""
    approved_by: Annotated[list[Words], Field(max_length=10)] = []
    """Who approved it: two different ones."""
    risk: Annotated[str, StringConstraints(max_length=10_000, pattern=TEXT)] = ""
    """The assessment of its risks, or where it lies."""


class ChangeOut(Schema):
    """A registered change, with its entry in the log."""

    id: int
    kind: str
    title: str
    description: str
    digest: str
    service: str
    version: str
    asked_by: str
    approved_by: list[str]
    risk: str
    effective_at: str
    ends_at: str | None
    registered_at: str
    log_index: int


class ChangePage(Schema):
    """Registered changes, the newest first."""

    items: list[ChangeOut]
    next_cursor: str | None = None


class ChangeQuery(Schema):
    """Which page of changes."""

    limit: int = Field(default=50, ge=1, le=200)
    cursor: Cursor | None = None


@router.post("/changes", response=CHANGES | {201: ChangeOut}, operation_id="register_change")
def register(request: HttpRequest, body: ChangeIn) -> Status[ChangeOut]:
    """Register a change; it is public at once."""
    key = access.key_of(request)
    access.check_service(key, body.service)
    given = Change(
        kind=body.kind.value,
        title=body.title,
        digest=body.digest,
        description=body.description,
        service=body.service,
        effective_at=body.effective_at,
        ends_at=body.ends_at,
        version=body.version,
        asked_by=body.asked_by,
        approved_by=tuple(body.approved_by),
        risk=body.risk,
        by=f"key {key.name}",
    )
    return Status(201, _out(register_change(house.current(), given)))


@router.get("/changes", response=REFUSALS | {200: ChangePage}, operation_id="list_changes")
def list_changes(request: HttpRequest, query: Query[ChangeQuery]) -> ChangePage:
    """List registered changes, the newest first."""
    key = access.key_of(request, *ChangeQuery.model_fields)
    found = RegisteredChange.objects.select_related("record__entry").order_by("-pk")
    if key.service:
        found = found.filter(service=key.service)
    if query.cursor is not None:
        found = found.filter(pk__lt=int(query.cursor))
    rows = list(found[: query.limit + 1])
    more = len(rows) > query.limit
    shown = rows[: query.limit]
    return ChangePage(
        items=[_out(row) for row in shown],
        next_cursor=str(shown[-1].pk) if more else None,
    )


def _out(row: RegisteredChange) -> ChangeOut:
    return ChangeOut(
        id=row.pk,
        kind=row.kind,
        title=row.title,
        description=row.description,
        digest=row.digest,
        service=row.service,
        version=row.version,
        asked_by=row.asked_by,
        approved_by=list(row.approved_by),
        risk=row.risk,
        effective_at=iso(row.effective_at),
        ends_at=iso(row.ends_at) if row.ends_at else None,
        registered_at=iso(row.registered_at),
        log_index=row.record.entry.index,
    )
