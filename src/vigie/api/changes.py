# SPDX-License-Identifier: Apache-2.0
"""Registered changes of recommenders, assistants, image models and safety settings."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Discriminator, Field, RootModel, StringConstraints, Tag

from vigie.api import access
from vigie.api.errors import CHANGES, REFUSALS
from vigie.api.schemas import SAID, SOME, TEXT, Cursor, Strict
from vigie.core.clock import iso
from vigie.flow import house
from vigie.flow.changes import Change, register_change
from vigie.store.models import RegisteredChange

router = Router(tags=["changes"])
Name = Annotated[str, StringConstraints(max_length=200, pattern=SAID)]
Moment = Annotated[int, Field(ge=0, le=253_402_300_799_999)]
"""Milliseconds since 1970 UTC, up to the year 9999."""


class _Change(Strict):
    """What every change has."""

    title: Annotated[str, StringConstraints(max_length=200, pattern=SAID)]
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


class RankerChange(_Change):
    """A change of a recommender system."""

    kind: Literal["recommender"]
    version: Annotated[str, StringConstraints(max_length=100, pattern=TEXT)] = ""
    asked_by: Annotated[str, StringConstraints(max_length=200, pattern=TEXT)] = ""
    approved_by: Annotated[list[Name], Field(max_length=10)] = []
    risk: Annotated[str, StringConstraints(max_length=10_000, pattern=TEXT)] = ""


class WholeChange(_Change):
    """A change of what generates, or of what guards it: everything is named."""

    kind: Literal["assistant", "image_model", "safety"]
    version: Annotated[str, StringConstraints(max_length=100, pattern=SAID)]
    asked_by: Name
    """The function that asked for it; not a name."""
    approved_by: Annotated[list[Name], Field(min_length=2, max_length=10)]
    """Two different people who approved it."""
    risk: Annotated[str, StringConstraints(max_length=10_000, pattern=SAID)]
    """The assessment of its risks, or where it lies."""


def _which(value: Any) -> str:
    """Return which shape is meant: an error then names a field that the caller knows."""
    given = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    return "ranker-change" if given.get("kind") == "recommender" else "whole-change"


class ChangeIn(RootModel[Any]):
    """A change as the platform's release process registers it."""

    root: Annotated[
        Annotated[RankerChange, Tag("ranker-change")] | Annotated[WholeChange, Tag("whole-change")],
        Discriminator(_which),
    ]


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
    one = body.root
    access.check_service(key, one.service)
    given = one.dict() | {"approved_by": tuple(one.approved_by), "by": f"key {key.name}"}
    return Status(201, _out(register_change(house.current(), Change(**given))))


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
