# SPDX-License-Identifier: Apache-2.0
"""Notices from the platform's own buttons and from trusted flaggers (Art. 16, 22 DSA).

The same records, cases and clocks as the portal's form. Nothing here ever shows
who gave a notice or in which words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Annotated, Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from ninja import Path, Router, Status

from vigie.api import access
from vigie.api.errors import FOUND, LIMITED
from vigie.api.notice_schemas import (
    ChildNotice,
    NoticeIn,
    NoticeItemOut,
    NoticeOut,
    ReceiptOut,
)
from vigie.core.clock import iso
from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.flow import house
from vigie.flow.intimate.hashes import from_documents
from vigie.flow.notices.form import CHILD, Channel, NoticeForm
from vigie.flow.notices.receive import NoticeReceipt, receipt_of, receive_notice
from vigie.flow.notices.status import by_code
from vigie.store.models import ApiKey, ApiScope, Notice, NoticeKind
from vigie.web.limits import allow_sender

SCOPES = (ApiScope.REPORTS, ApiScope.FLAGGER)
router = Router(tags=["notices"], auth=access.BearerKey(*SCOPES))
_GROUP = "[0-9A-HJKMNP-TV-Z]{4}"
Name = Annotated[str, Path(pattern=rf"^([0-9]{{1,15}}|{_GROUP}(-{_GROUP}){{4}})$")]


@router.post("/notices", response=LIMITED | {201: NoticeOut}, operation_id="give_notice")
def give_notice(request: HttpRequest, body: NoticeIn) -> Status[NoticeOut]:
    """Give notice of content; the same notice sent again within a day is answered as at first."""
    key = access.key_of(request)
    current = house.current()
    allow_sender(current, f"key {key.pk}", "api")
    given = receive_notice(current, _form(key, body))
    return Status(201, _out(given, code=given.code))


@router.get("/notices/{notice}", response=FOUND | {200: NoticeOut}, operation_id="get_notice")
def get_notice(request: HttpRequest, notice: Name) -> NoticeOut:
    """Say where a notice stands: by its code, or by the number of one that this key may see."""
    key = access.key_of(request)
    found = _visible(key).filter(number=int(notice)).first() if notice.isdigit() else None
    if found is None:
        found = by_code(house.current(), notice)
    if found is None:
        raise NotFoundError("There is no such notice.", code="no_notice")
    return _out(receipt_of(house.current(), found))


def _visible(key: ApiKey) -> QuerySet[Notice]:
    """Return the notices whose numbers a key may ask for: its own door's, nobody else's."""
    mine = Q(flagger__key=key)
    if ApiScope.REPORTS in key.scopes:
        mine |= Q(channel=Channel.API)
    found = Notice.objects.filter(mine)
    return found.filter(service=key.service) if key.service else found


def _form(key: ApiKey, body: NoticeIn) -> NoticeForm:
    one = body.root
    access.check_service(key, one.service or key.service)
    shared = NoticeForm(
        channel=Channel.FLAGGER if ApiScope.FLAGGER in key.scopes else Channel.API,
        category=one.category,
        locations=tuple(one.locations),
        kind=NoticeKind(one.kind),
        good_faith=one.good_faith,
        language=one.language,
        country=one.country or "",
        service=one.service or key.service,
        key=key,
    )
    if isinstance(one, ChildNotice):
        return replace(shared, explanation=one.choice or "")
    return replace(
        shared,
        explanation=one.explanation,
        name=one.name,
        email=one.email or "",
        user=one.user,
        on_behalf=one.on_behalf,
        hashes=tuple(_usable(known.dict() for known in one.hashes)),
    )


def _usable(given: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the hashes that can find a picture; the answer says how many were taken."""
    for one in given:
        try:
            from_documents([one])
        except InvalidInputError:
            continue
        yield one


def _out(given: NoticeReceipt, code: str | None = None) -> NoticeOut:
    notice = given.notice
    items = notice.items.select_related("decision").order_by("position")
    child = notice.category == CHILD
    return NoticeOut(
        number=notice.number,
        label=notice.label,
        code=code,
        state=notice.state,
        kind=notice.kind,
        category=notice.category,
        channel=notice.channel,
        trusted=notice.flagger_id is not None,
        complete=notice.complete,
        missing=notice.missing,
        received_at=iso(notice.received_at),
        decided_at=iso(notice.decided_at) if notice.decided_at else None,
        log_index=notice.log_index,
        hashes=len(notice.hashes),
        items=[
            NoticeItemOut(
                location=None if child else one.location,
                outcome=one.outcome or None,
                decision_id=one.decision.decision_id if one.decision and not child else None,
                decided_at=iso(one.decided_at) if one.decided_at else None,
            )
            for one in items
        ],
        receipt=ReceiptOut(**given.receipt) if code else None,
        checkpoint=given.checkpoint,
    )
