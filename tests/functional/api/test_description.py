# SPDX-License-Identifier: Apache-2.0
"""The API against its own description: all checks of schemathesis, nothing left out."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck

from tests.support.appeals import lodged
from tests.support.order_papers import receive
from tests.support.people import Agora
from vigie.api.door import api
from vigie.flow.banks import create_bank
from vigie.flow.notices.form import Channel, NoticeForm
from vigie.flow.notices.receive import receive_notice
from vigie.flow.policies import publish_policy
from vigie.flow.webhooks import add_webhook

EXAMPLES = 50
POLICY = """
id: insult
version: 1
title: {en: Insults, fr: Injures, de: Beleidigungen}
description: Words of the operator's own list; proposes a label.
terms: {clause: "4", title: {en: No insults, fr: Pas d'injures, de: Keine Beleidigungen}}
surfaces: [post]
when: {words: "'lexicon:insult' in matched"}
action: label
fail: review
state: draft
author: Agora
sources: [The operator's own terms]
tests:
  - {name: fires on the list, given: {matched: ["lexicon:insult"]}, expect: fires}
"""
SEEDS: dict[str, Any] = {
    "decision_id": "wtest-1-0000000001",
    "service": "agora",
    "item_id": "p-901",
    "author_id": "a-7",
    "policy_id": "insult",
    "name": "partners",
    "endpoint_id": 1,
    "notice": "1",
    "number": 1,
    "code": "",
}
BODIES: dict[str, Any] = {
    "publish_policies": {"policies": [{"source": POLICY, "state": "draft"}]},
    "create_bank": {"name": "new-list", "class": "terms", "owner": "Agora"},
    "import_entries": {"entries": [{"algorithm": "sha256", "value": "ab" * 32}]},
    "register_change": {
        "kind": "safety",
        "title": "Calmer",
        "digest": "ab" * 32,
        "version": "2",
        "asked_by": "product",
        "approved_by": ["A. One", "B. Two"],
        "risk": "Low.",
    },
    "match_hashes": {"hashes": [{"algorithm": "sha256", "value": "ab" * 32}]},
    "give_notice": {
        "kind": "illegal",
        "category": "hate",
        "locations": ["https://agora.example/p/p-901"],
        "good_faith": True,
    },
    "contest": {"by": "author", "decision_id": "wtest-1-0000000001", "grounds": "A quotation."},
    "add_webhook": {"url": "https://hooks.example.com/vigie", "events": ["decision.made"]},
}


def description() -> dict[str, Any]:
    """The API's description with the seeded ids as examples."""
    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
    for operation in (one for path in found["paths"].values() for one in path.values()):
        for parameter in operation.get("parameters", ()):
            if parameter["name"] in SEEDS and parameter["in"] == "path":
                parameter["example"] = SEEDS[parameter["name"]]
        body = BODIES.get(operation["operationId"])
        if body is not None:
            operation["requestBody"]["content"]["application/json"]["example"] = body
    return found


ANSWERS: dict[str, Counter[int]] = defaultdict(Counter)


@pytest.fixture
def seeded(agora: Agora) -> Agora:
    """Records that the examples name."""
    agora.removal()
    number = agora.proposal("p-900")
    agora.proposal("p-901")
    agora.proposal("p-902", author="a-7")
    agora.harmless()
    from vigie.flow.decide import PersonDecision, Verb, decide

    withheld = decide(
        agora.house,
        PersonDecision(on=number, verb=Verb.WITHHOLD, reason="clear", user=agora.person()),
    )
    lodged(agora, withheld)
    publish_policy(agora.house, POLICY, "test", state="shadow")
    create_bank(agora.house, "partners", "terms", "Agora")
    endpoint = add_webhook(agora.house, "https://hooks.example.com/first")
    receive_notice(
        agora.house,
        NoticeForm(
            channel=Channel.API,
            category="hate",
            locations=("https://agora.example/p/p-900",),
            good_faith=True,
        ),
    )
    SEEDS["code"] = receive(agora, "referral", {"reference": "1/26"}).code
    # PostgreSQL's sequences go on where the test before stopped.
    SEEDS["endpoint_id"] = endpoint.pk
    agora.publish()
    return agora


class Bearer:
    """Sends the key of the test, except where a missing key is what is tested."""

    key = ""

    def get(self, case: schemathesis.Case, context: schemathesis.AuthContext) -> str:
        return type(self).key

    def set(self, case: schemathesis.Case, data: str, context: schemathesis.AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


def bound() -> schemathesis.BaseSchema:
    """The description bound to the application itself: no socket, no server."""
    schema = schemathesis.openapi.from_dict(description())
    schema.app = get_wsgi_application()
    schema.auth(refresh_interval=None)(Bearer)
    return schema


def name_what_exists(case: schemathesis.Case) -> None:
    """Let every second valid request name seeded records instead of invented ones."""
    name_what_exists.calls += 1  # type: ignore[attr-defined]
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.path_parameters and name_what_exists.calls % 2:  # type: ignore[attr-defined]
        case.path_parameters = {name: SEEDS[name] for name in case.path_parameters}


name_what_exists.calls = 0  # type: ignore[attr-defined]


@bound().parametrize()
@hypothesis.settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_keeps_its_description(
    case: schemathesis.Case, seeded: Agora, records_key: str, one_connection: None
) -> None:
    Bearer.key = records_key
    name_what_exists(case)
    response = case.call_and_validate()
    ANSWERS[case.operation.label][response.status_code] += 1


def test_every_operation_was_answered_well_at_least_once() -> None:
    wanted = {
        f"{method.upper()} {path}"
        for path, operations in description()["paths"].items()
        for method in operations
    }
    answered = {
        label
        for label, statuses in ANSWERS.items()
        if any(200 <= status < 300 for status in statuses)
    }
    assert answered == wanted, {label: dict(ANSWERS[label]) for label in wanted - answered}
