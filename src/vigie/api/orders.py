# SPDX-License-Identifier: Apache-2.0
"""Orders, requests and referrals from an authority's own system: JSON, XML or PDF as they are.

The body is the document, byte for byte: it is sealed and logged before it is read, so
that a wrong field is a finding on the desk and never a refusal at the door.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from ninja import Path, Query, Router, Schema, Status
from pydantic import WithJsonSchema

from vigie.api import access
from vigie.api.errors import FOUND, LIMITED
from vigie.api.notice_schemas import ReceiptOut
from vigie.api.schemas import ErrorEnvelope
from vigie.core.clock import iso
from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.flow import house
from vigie.flow.orders import answering
from vigie.flow.orders.given import (
    MAX_DOCUMENT,
    MAX_MAIL,
    MAX_SENDER,
    GivenDocument,
    OrderGiven,
)
from vigie.flow.orders.receive import OrderReceipt, by_code, receive_order
from vigie.law import orders as forms
from vigie.store.models import ApiScope, OrderChannel
from vigie.web.limits import allow_sender

router = Router(tags=["orders"], auth=access.BearerKey(ApiScope.ORDERS))
MAIL_OR_NONE: Final = r"^([!-?A-~]{1,64}@[!-?A-~]{1,189})?$"
PARAMETERS: Final = ("form", "name", "sender", "reply_to")
ANSWERS: Final[dict[Any, Any]] = LIMITED | {413: ErrorEnvelope, 415: ErrorEnvelope}
_BODY: Final = {
    "required": True,
    "description": "The document, byte for byte: JSON (fields by name), XML or PDF; its first "
    "bytes say which, whatever the header names.",
    "content": {"application/json": {"schema": {}}},
}


class OrderReceiptOut(Schema):
    """Confirms the receipt and nothing else: no account, no content, no completeness."""

    number: int
    label: str
    code: str
    """With it the sender sees where it stands."""
    form: str
    received_at: str
    log_index: int
    receipt: ReceiptOut
    checkpoint: str | None


_FORMS: Final = [one.id for one in forms.received_here()]
Form = Annotated[
    str,
    WithJsonSchema({"type": "string", "enum": _FORMS}),
    Query(max_length=64, description="A form of the reference of order forms."),
]
Name = Annotated[str, Query(max_length=200, description="File name, for the people of the desk.")]
Sender = Annotated[str, Query(max_length=MAX_SENDER, description="Who sends it; proves nothing.")]
Mail = Annotated[
    str,
    Query(max_length=MAX_MAIL, pattern=MAIL_OR_NONE, description="For questions; proves nothing."),
]


@router.post(
    "/orders",
    response=ANSWERS | {201: OrderReceiptOut},
    operation_id="give_order",
    openapi_extra={"requestBody": _BODY},
)
def give_order(
    request: HttpRequest, form: Form, name: Name = "", sender: Sender = "", reply_to: Mail = ""
) -> Status[OrderReceiptOut]:
    """Receive one document of a form; it counts as received even where it cannot be read."""
    key = access.key_of(request, *PARAMETERS)
    current = house.current()
    allow_sender(current, f"key {key.pk}", "api")
    given = OrderGiven(
        form=form,
        channel=OrderChannel.API,
        documents=(GivenDocument(name or "document", _body(request)),),
        sender=sender,
        reply_to=reply_to,
        key=key,
    )
    return Status(201, _out(receive_order(current, given)))


class OrderLetterOut(Schema):
    """One letter: its kind and its times, no word of it."""

    kind: str
    written_at: str
    sent_at: str | None


class OrderStatusOut(Schema):
    """Where an order stands, for whoever holds its code: nothing about accounts or items."""

    number: int
    label: str
    form: str
    state: str
    outcome: str | None
    received_at: str
    closed_at: str | None
    letters: list[OrderLetterOut]


_GROUP: Final = "[0-9A-Za-z]{4}"
Code = Annotated[str, Path(pattern=rf"^{_GROUP}(-?{_GROUP}){{4}}$")]


@router.get("/orders/{code}", response=FOUND | {200: OrderStatusOut}, operation_id="get_order")
def get_order(request: HttpRequest, code: Code) -> OrderStatusOut:
    """Say where an order stands, by the tracking code of its receipt."""
    access.key_of(request)
    found = by_code(code)
    if found is None:
        raise NotFoundError("There is no order of this code.", code="no_order")
    return OrderStatusOut(
        number=found.number,
        label=f"O-{found.number}",
        form=found.form,
        state=found.state,
        outcome=answering.outcome_of(found) or None,
        received_at=iso(found.received_at),
        closed_at=iso(found.closed_at) if found.closed_at else None,
        letters=[
            OrderLetterOut(
                kind=one.kind,
                written_at=iso(one.at),
                sent_at=iso(one.sent_at) if one.sent_at else None,
            )
            for one in found.letters.order_by("pk")
        ],
    )


def _body(request: HttpRequest) -> bytes:
    """Return the document. Raises InvalidInputError for a form and for what is too large."""
    if (request.content_type or "").startswith("multipart/"):
        raise InvalidInputError(
            "The document itself is the body.",
            code="media_type",
            fix="Send it as application/xml, application/pdf or application/json.",
            http_status=415,
        )
    length = request.META.get("CONTENT_LENGTH") or "0"
    try:
        if length.isdigit() and int(length) <= MAX_DOCUMENT:
            return request.body
    except RequestDataTooBig:
        pass
    raise InvalidInputError(
        f"A document has at most {MAX_DOCUMENT // 1_000_000} MB. Nothing was received.",
        code="too_large",
        fix="Send the rest as a second document, or by post or mail to the contact point.",
        http_status=413,
    )


def _out(given: OrderReceipt) -> OrderReceiptOut:
    order = given.order
    return OrderReceiptOut(
        number=order.number,
        label=f"O-{order.number}",
        code=given.code,
        form=order.form,
        received_at=iso(order.received_at),
        log_index=order.record.entry.index,
        receipt=ReceiptOut(**given.receipt),
        checkpoint=given.checkpoint,
    )
