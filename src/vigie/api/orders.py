# SPDX-License-Identifier: Apache-2.0
"""Orders, requests and referrals from an authority's own system: JSON, XML or PDF as they are.

The body is the document, byte for byte: it is sealed and logged before it is read, so
that a wrong field is a finding on the desk and never a refusal at the door.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from vigie.api import access
from vigie.api.errors import LIMITED
from vigie.api.notice_schemas import ReceiptOut
from vigie.api.schemas import ErrorEnvelope
from vigie.core.clock import iso
from vigie.core.errors import InvalidInputError
from vigie.flow import house
from vigie.flow.orders.given import (
    MAX_DOCUMENT,
    MAX_MAIL,
    MAX_SENDER,
    GivenDocument,
    OrderGiven,
)
from vigie.flow.orders.receive import OrderReceipt, receive_order
from vigie.store.models import ApiScope, OrderChannel
from vigie.web.limits import allow_sender

router = Router(tags=["orders"], auth=access.BearerKey(ApiScope.ORDERS))
PARAMETERS: Final = ("form", "name", "sender", "reply_to")
ANSWERS: Final[dict[Any, Any]] = LIMITED | {413: ErrorEnvelope}
_BODY: Final = {
    "required": True,
    "description": "The document, byte for byte: JSON (fields by name), XML or PDF.",
    "content": {
        "application/json": {"schema": {"type": "object"}},
        "application/xml": {"schema": {"type": "string"}},
        "application/pdf": {"schema": {"type": "string", "format": "binary"}},
    },
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


Form = Annotated[str, Query(max_length=64, description="A form of the reference of order forms.")]
Name = Annotated[str, Query(max_length=200, description="File name, for the people of the desk.")]
Sender = Annotated[str, Query(max_length=MAX_SENDER, description="Who sends it; proves nothing.")]
Mail = Annotated[str, Query(max_length=MAX_MAIL, description="For questions; proves nothing.")]


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


def _body(request: HttpRequest) -> bytes:
    """Return the document. Raises InvalidInputError where it is too large."""
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
