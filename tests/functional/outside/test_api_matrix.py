# SPDX-License-Identifier: Apache-2.0
"""Operation by scope by service, walked from the API itself (ASVS 8.2.1 to 8.2.3)."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from django.test import Client

from tests.functional.outside.test_permission_matrix import taken_back, written
from tests.support.rights import API
from tests.support.world import World
from vigie.api.door import api
from vigie.flow.keys import create_key, revoke_key
from vigie.store.models import ApiScope, ItemContent, WebhookEndpoint


class Operation(NamedTuple):
    """One operation as the program serves it."""

    name: str
    method: str
    path: str


def operations() -> list[Operation]:
    """Return every operation with its method and path."""
    return [
        Operation(str(one.operation_id), method.lower(), path)
        for _prefix, router in api._routers
        for path, view in router.path_operations.items()
        for one in view.operations
        for method in one.methods
    ]


OPERATIONS = operations()
BODIES: dict[str, Any] = {
    "publish_policies": {"policies": [{"source": "id: x", "state": "draft"}]},
    "create_bank": {"name": "partners", "class": "terms", "owner": "Agora"},
    "import_entries": {"entries": [{"algorithm": "sha256", "value": "ef" * 32}]},
    "match_hashes": {"hashes": [{"algorithm": "sha256", "value": "ef" * 32}]},
    "add_webhook": {"url": "https://hooks.example/two", "events": ["decision.made"]},
    "give_notice": {
        "kind": "illegal",
        "category": "hate",
        "locations": ["https://agora.example/p/p-950"],
        "explanation": "It calls for violence.",
        "good_faith": True,
    },
    "give_order": {"reference": "1/26"},
    "register_change": {
        "kind": "safety",
        "title": "x",
        "digest": "ab" * 32,
        "service": "agora",
        "version": "2",
        "asked_by": "product",
        "approved_by": ["A. One", "B. Two"],
        "risk": "Low.",
    },
}


def ask(world: World, one: Operation, secret: str) -> tuple[int, str]:
    """Call an operation about what is here; return status and body."""
    named = {
        "decision_id": world.decided.decision_id,
        "service": "agora",
        "path:item_id": "p-500",
        "path:author_id": "a-9",
        "policy_id": "insult",
        "name": "terror-list",
        "endpoint_id": WebhookEndpoint.objects.get().pk,
        "notice": world.notice.number,
        "number": world.appeal.number,
        "code": "0000-0000-0000-0000-0000",
    }
    path = one.path
    for name, value in named.items():
        path = path.replace(f"{{{name}}}", str(value))
    assert "{" not in path
    appeal = {"by": "author", "decision_id": world.decided.decision_id, "grounds": "A quotation."}
    body = json.dumps(BODIES.get(one.name, appeal if one.name == "contest" else {}))
    client = Client(headers={"Authorization": f"Bearer {secret}"} if secret else {})
    sent = {"data": body, "content_type": "application/json"} if one.method == "post" else {}
    query = "?form=referral" if one.name == "give_order" else ""
    answer: Any = getattr(client, one.method)(f"/api/v1/{path.lstrip('/')}{query}", **sent)
    return answer.status_code, answer.content.decode()


def test_every_operation_stands_in_the_table() -> None:
    assert {one.name for one in OPERATIONS} == set(API)


def test_without_a_key_in_force_nothing_answers(world: World) -> None:
    row, gone = create_key(world.agora.house, "gone", list(ApiScope))
    revoke_key(world.agora.house, row.pk)
    for one in OPERATIONS:
        for secret in ("", "vg_wrong", gone):
            with taken_back() as asked:
                assert ask(world, one, secret)[0] == 401, one.name
            assert written(asked) == []


@pytest.mark.parametrize("scope", list(ApiScope))
def test_a_scope_opens_its_operations_and_nothing_else(world: World, scope: ApiScope) -> None:
    secret = create_key(world.agora.house, scope, [scope])[1]
    wrong = []
    for one in OPERATIONS:
        with taken_back() as asked:
            status, body = ask(world, one, secret)
        opens = scope in API[one.name].scopes
        if (status == 403) is opens or status in {401, 500}:
            wrong.append((one.name, status, body[:200]))
        if not opens:
            assert '"scope"' in body
            assert written(asked) == []
    assert wrong == []


@pytest.mark.parametrize("scope", [ApiScope.RECORDS, ApiScope.REPORTS])
def test_a_key_of_another_service_sees_and_changes_nothing_here(
    world: World, scope: ApiScope
) -> None:
    secret = create_key(world.agora.house, "elsewhere", [scope], service="elsewhere")[1]
    kept = ItemContent.objects.filter(item_id="p-500").count()
    for one in OPERATIONS:
        asks = API[one.name]
        if scope not in asks.scopes:
            continue
        with taken_back() as asked:
            status, body = ask(world, one, secret)
            assert ItemContent.objects.filter(item_id="p-500").count() == kept, one.name
        assert world.decided.decision_id not in body, one.name
        assert world.appeal.decision.decision_id not in body, one.name
        if not asks.service_key:
            assert (one.name, status) == (one.name, 403)
            assert written(asked) == []
        elif "{" in one.path and one.name not in {"get_policy", "erase_author"}:
            assert (one.name, status) == (one.name, 404)
