# SPDX-License-Identifier: Apache-2.0
"""Complaints from the platform's own buttons (Art. 20 DSA).

The same records, queue and rules as on the statement's page. Nothing here ever
shows a person's words or address.
"""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router, Status

from vigie.api import access
from vigie.api.appeal_schemas import AppealIn, AppealOut, AuthorAppeal, NotifierAppeal
from vigie.api.errors import CHANGES, FOUND, LIMITED
from vigie.api.notice_schemas import ReceiptOut
from vigie.core.clock import iso
from vigie.core.errors import ConflictError, NotFoundError
from vigie.flow import house
from vigie.flow.appeals.form import AppealForm, Channel
from vigie.flow.appeals.lodge import lodge_appeal
from vigie.flow.notices.status import by_code
from vigie.store.models import ApiKey, ApiScope, Appeal, NoticeItem, Statement
from vigie.web.limits import allow_sender

SCOPES = (ApiScope.REPORTS, ApiScope.RECORDS)
router = Router(tags=["complaints"], auth=access.BearerKey(*SCOPES))
Number = Annotated[int, Path(ge=1, le=2**53)]


@router.post("/appeals", response=CHANGES | LIMITED | {201: AppealOut}, operation_id="contest")
def contest(request: HttpRequest, body: AppealIn) -> Status[AppealOut]:
    """Lodge a complaint against a decision, or against a notice that was not followed."""
    key = access.key_of(request)
    current = house.current()
    allow_sender(current, f"key {key.pk}", "api")
    made = lodge_appeal(current, _form(key, body))
    return Status(201, _out(made.appeal, code=made.code))


@router.get("/appeals/{number}", response=FOUND | {200: AppealOut}, operation_id="get_appeal")
def get_appeal(request: HttpRequest, number: Number) -> AppealOut:
    """Say where a complaint stands."""
    key = access.key_of(request)
    found = Appeal.objects.select_related("decision", "outcome_decision").filter(number=number)
    found = found.filter(decision__service=key.service) if key.service else found
    if ApiScope.RECORDS not in key.scopes:
        found = found.filter(channel=Channel.API)
    row = found.first()
    if row is None:
        raise NotFoundError("There is no such complaint.", code="no_appeal")
    return _out(row)


def _form(key: ApiKey, body: AppealIn) -> AppealForm:
    one: AuthorAppeal | NotifierAppeal = body.root
    return AppealForm(
        grounds=one.grounds,
        statement=_statement(key, one) if isinstance(one, AuthorAppeal) else None,
        notice_item=_notice_item(key, one) if isinstance(one, NotifierAppeal) else None,
        email=one.email or "",
        hearing=one.hearing,
        language=one.language,
        channel=Channel.API,
    )


def _statement(key: ApiKey, one: AuthorAppeal) -> Statement:
    decision = access.decision(key, one.decision_id)
    statement = Statement.objects.select_related("decision").filter(decision=decision).first()
    if statement is None:
        raise ConflictError("Nothing was restricted by it.", code="nothing_to_contest")
    return statement


def _notice_item(key: ApiKey, one: NotifierAppeal) -> NoticeItem:
    notice = by_code(house.current(), one.notice)
    item = notice.items.filter(position=one.location - 1).first() if notice else None
    if item is None or (key.service and item.notice.service != key.service):
        raise NotFoundError("There is no such notice.", code="no_notice")
    return item


def _out(row: Appeal, code: str | None = None) -> AppealOut:
    done = row.outcome_decision
    return AppealOut(
        number=row.number,
        label=row.label,
        code=code,
        by=row.by,
        state=row.state,
        decision_id=row.decision.decision_id,
        received_at=iso(row.received_at),
        resolved_at=iso(row.resolved_at) if row.resolved_at else None,
        outcome_decision_id=done.decision_id if done is not None else None,
        reversed=sorted(row.reversed),
        log_index=row.log_index,
        receipt=ReceiptOut(**row.receipt) if code else None,
    )
