# SPDX-License-Identifier: Apache-2.0
"""Orders from an authority's own system: the document as it is, a receipt at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.support.order_papers import PRODUCTION, REMOVAL, as_json, as_pdf, as_xml
from tests.support.people import Agora
from vigie.flow.keys import create_key
from vigie.store.models import Order, OrderChannel, OrderDocument

pytestmark = pytest.mark.django_db
FORM = "tco_removal_order_annex_i"


def key(agora: Agora, *scopes: str) -> dict[str, Any]:
    """Make a key; return the header that carries it."""
    _row, secret = create_key(agora.house, "authority", scopes or ("orders",))
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}


def send(
    client: Client, header: dict[str, Any], raw: bytes, kind: str, query: str = f"form={FORM}"
) -> Any:
    """Send a document as it is."""
    return client.post(f"/api/v1/orders?{query}", raw, content_type=kind, **header)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (as_json(REMOVAL), "application/json"),
        (as_xml(REMOVAL, FORM), "application/xml"),
        (as_xml(REMOVAL, FORM), "text/plain"),
    ],
)
def test_json_and_xml_are_received_and_read(
    agora: Agora, client: Client, raw: bytes, kind: str
) -> None:
    answer = send(client, key(agora), raw, kind)
    said = answer.json()
    order = Order.objects.get()
    assert answer.status_code == 201
    assert (said["label"], said["form"], said["log_index"]) == ("O-1", FORM, 0 + said["log_index"])
    assert said["receipt"]["note"]
    assert (order.channel, order.missing) == (OrderChannel.API, [])


def test_a_pdf_is_received(agora: Agora, client: Client) -> None:
    answer = send(client, key(agora), as_pdf("An order"), "application/pdf")
    assert answer.status_code == 201
    assert OrderDocument.objects.get().mime == "application/pdf"


def test_the_answer_names_no_account(agora: Agora, client: Client) -> None:
    answer = send(client, key(agora), as_json(PRODUCTION), "application/json", "form=epoc_annex_i")
    assert answer.status_code == 201
    assert "ana.lima" not in answer.content.decode()


def test_a_document_that_cannot_be_read_is_received_all_the_same(
    agora: Agora, client: Client
) -> None:
    answer = send(client, key(agora), b"{ not json", "application/json")
    assert answer.status_code == 201
    assert Order.objects.get().odd[-1:] or Order.objects.get().missing


@pytest.mark.parametrize("scope", ["records", "reports", "flagger", "trusted", "public"])
def test_another_scope_gives_no_orders(agora: Agora, client: Client, scope: str) -> None:
    assert send(client, key(agora, scope), b"{}", "application/json").status_code == 403
    assert not Order.objects.exists()


def test_without_a_key_nothing_is_taken(agora: Agora, client: Client) -> None:
    assert send(client, {}, b"{}", "application/json").status_code == 401


@pytest.mark.parametrize(
    ("query", "raw", "status", "field"),
    [
        ("form=no_such_form", b"{}", 422, "form"),
        ("", b"{}", 422, "form"),
        (f"form={FORM}", b"", 422, "documents"),
        (f"form={FORM}&form=referral", b"{}", 422, "form"),
        (f"form={FORM}&account=ana", b"{}", 422, "account"),
        (f"form={FORM}&reply_to=nobody", b"{}", 422, "reply_to"),
        (f"form={FORM}", b"x" * 10_000_001, 413, None),
        (f"form={FORM}", b"x" * 12_000_000, 413, None),
    ],
)
def test_what_cannot_be_received_is_told(
    agora: Agora, client: Client, query: str, raw: bytes, status: int, field: str | None
) -> None:
    answer = send(client, key(agora), raw, "application/octet-stream", query)
    error = answer.json()["error"]
    assert answer.status_code == status
    assert error.get("field") == field
    assert error["message"]
    assert not Order.objects.exists()


def test_unknown_fields_are_no_refusal_at_the_door(agora: Agora, client: Client) -> None:
    answer = send(client, key(agora), as_json(REMOVAL | {"x": 1}), "application/json")
    assert answer.status_code == 201
    assert "unknown_fields" in Order.objects.get().odd
