# SPDX-License-Identifier: Apache-2.0
"""Endpoints that want to be told (Standard Webhooks)."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router, Status

from vigie.api import access, present
from vigie.api.errors import CHANGES, FOUND, REFUSALS
from vigie.api.schemas import TestOut, WebhookIn, WebhookOut, WebhookPage
from vigie.flow import house
from vigie.flow.webhooks import add_webhook, remove_webhook, test_webhook
from vigie.store.models import WebhookEndpoint

router = Router(tags=["webhooks"])
Number = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/webhooks", response=REFUSALS | {200: WebhookPage}, operation_id="list_webhooks")
def list_webhooks(request: HttpRequest) -> WebhookPage:
    """List the endpoints, without their secrets."""
    access.check_whole_house(access.key_of(request))
    rows = WebhookEndpoint.objects.order_by("id")
    return WebhookPage(items=[present.webhook(one) for one in rows])


@router.post("/webhooks", response=CHANGES | {201: WebhookOut}, operation_id="add_webhook")
def add(request: HttpRequest, body: WebhookIn) -> Status[WebhookOut]:
    """Add an endpoint; the answer shows its secret this one time."""
    access.check_whole_house(access.key_of(request))
    row = add_webhook(house.current(), body.url, body.events)
    return Status(201, present.webhook(row, row.secret))


@router.post(
    "/webhooks/{endpoint_id}/test", response=FOUND | {202: TestOut}, operation_id="test_webhook"
)
def test(request: HttpRequest, endpoint_id: Number) -> Status[TestOut]:
    """Put one test message on its way."""
    access.check_whole_house(access.key_of(request))
    task = test_webhook(house.current(), endpoint_id)
    return Status(202, TestOut(message_id=task.message_id, state=task.state))


@router.delete(
    "/webhooks/{endpoint_id}", response=FOUND | {200: WebhookOut}, operation_id="remove_webhook"
)
def remove(request: HttpRequest, endpoint_id: Number) -> WebhookOut:
    """Disable an endpoint; what still waits for it is cancelled."""
    access.check_whole_house(access.key_of(request))
    remove_webhook(endpoint_id)
    return present.webhook(WebhookEndpoint.objects.get(pk=endpoint_id))
