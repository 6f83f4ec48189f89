# SPDX-License-Identifier: Apache-2.0
"""Changes are registered by the platform's release process and listed."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.support.people import Agora
from vigie.flow.keys import create_key
from vigie.store.models import RegisteredChange

CHANGE = {
    "kind": "assistant",
    "title": "New system text",
    "digest": "cd" * 32,
    "version": "2026-11",
    "asked_by": "Product",
    "approved_by": ["Safety lead", "Legal lead"],
    "risk": "Assessment 12: no new risk.",
}


def bearer(agora: Agora, *scopes: str, service: str = "") -> dict[str, str]:
    _row, key = create_key(agora.house, "release", scopes, service=service)
    return {"Authorization": f"Bearer {key}"}


def test_a_change_is_registered_and_listed_with_its_place_in_the_log(
    agora: Agora, client: Client
) -> None:
    headers = bearer(agora, "records")
    made = client.post("/api/v1/changes", CHANGE, content_type="application/json", headers=headers)
    assert made.status_code == 201
    listed = client.get("/api/v1/changes", headers=headers).json()
    assert listed["items"] == [made.json()]
    assert made.json()["log_index"] >= 0


def test_a_key_of_one_service_registers_for_that_service_only(agora: Agora, client: Client) -> None:
    headers = bearer(agora, "records", service="market")
    refused = client.post(
        "/api/v1/changes", CHANGE, content_type="application/json", headers=headers
    )
    assert refused.status_code == 404
    assert not RegisteredChange.objects.exists()


@pytest.mark.parametrize("field", ["kind", "title", "digest"])
def test_what_is_missing_is_named(agora: Agora, client: Client, field: str) -> None:
    body = {name: value for name, value in CHANGE.items() if name != field}
    refused = client.post(
        "/api/v1/changes",
        body,
        content_type="application/json",
        headers=bearer(agora, "records"),
    )
    assert refused.status_code == 422
    assert field in refused.json()["error"]["field"]
