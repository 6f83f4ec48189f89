# SPDX-License-Identifier: Apache-2.0
"""Notices at the API: the same records as the portal's, priority for trusted flaggers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from tests.support.people import Agora
from vigie.flow.keys import create_key
from vigie.flow.notices.flaggers import add_flagger
from vigie.store.models import Case, Notice
from vigie.web import limits

pytestmark = pytest.mark.usefixtures("one_connection")
BODY: dict[str, Any] = {
    "kind": "illegal",
    "category": "hate",
    "locations": ["https://agora.example/p/p-100"],
    "explanation": "It calls for violence.",
    "good_faith": True,
    "name": "Ana",
    "email": "ana@example.org",
}


def send(secret: str, status: int = 201, **more: Any) -> dict[str, Any]:
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    body = {name: value for name, value in (BODY | more).items() if value is not None}
    answer = client.post("/api/v1/notices", json.dumps(body), content_type="application/json")
    assert answer.status_code == status, answer.content
    found: dict[str, Any] = json.loads(answer.content)
    return found


def ask(secret: str, name: object, status: int = 200) -> dict[str, Any]:
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    answer = client.get(f"/api/v1/notices/{name}")
    assert answer.status_code == status, answer.content
    found: dict[str, Any] = json.loads(answer.content)
    return found


@pytest.fixture
def button(agora: Agora) -> str:
    return create_key(agora.house, "button", ["reports"])[1]


def test_a_button_gives_notice_with_the_same_records_as_the_form(agora: Agora, button: str) -> None:
    agora.proposal()
    made = send(button)
    notice = Notice.objects.get()
    assert (made["number"], made["channel"], made["complete"]) == (notice.number, "api", True)
    assert made["receipt"]["note"].startswith("demo.invalid/log/1/receipt")
    assert Case.objects.get().notice_items.count() == 1
    for name in (made["code"], made["number"]):
        found = ask(button, name)
        assert found["code"] is None
        assert found["state"] == "received"
        for secret in ("Ana", "ana@", "violence"):
            assert secret not in json.dumps(found)


def test_the_same_notice_sent_again_is_answered_as_at_first(agora: Agora, button: str) -> None:
    assert send(button) == send(button)
    assert Notice.objects.count() == 1


def test_a_report_under_the_terms_stays_distinct(agora: Agora, button: str) -> None:
    made = send(button, kind="terms", good_faith=None)
    assert (made["kind"], made["missing"]) == ("terms", [])


def test_class_child_takes_addresses_only_and_shows_none(agora: Agora, button: str) -> None:
    child: dict[str, Any] = {"category": "child", "name": None, "email": None, "explanation": None}
    refused = send(button, 422, category="child")
    assert refused["error"]["code"] == "invalid"
    made = send(button, **child, choice="account")
    assert made["items"] == [
        {"location": None, "outcome": None, "decision_id": None, "decided_at": None}
    ]
    assert Notice.objects.get().explanation == "account"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"category": "nothing"}, "category"),
        ({"locations": []}, "locations"),
        ({"locations": ["x"] * 101}, "locations"),
        ({"locations": ["two words"]}, "locations[0]"),
        ({"locations": ["javascript:alert(1)"]}, "locations"),
        ({"good_faith": False}, "good_faith"),
        ({"explanation": "x" * 10_001}, "explanation"),
        ({"name": "x" * 201}, "name"),
        ({"email": "nobody"}, "email"),
        ({"strange": 1}, "strange"),
        ({"kind": "terms", "category": "ip"}, "category"),
    ],
)
def test_what_does_not_fit_names_its_field(
    agora: Agora, button: str, more: dict[str, Any], field: str
) -> None:
    assert send(button, 422, **more)["error"]["field"] == field
    assert not Notice.objects.exists()


def test_fingerprints_of_too_plain_pictures_are_left_out_and_the_answer_says_so(
    agora: Agora, button: str
) -> None:
    busy = "5a3c96e1f00f87d24bb4691e2dd2c33c0ff0a55a9669c33c1ee17887b44bd22d"
    given = [{"pdq": busy, "quality": 80}, {"pdq": "0" * 64, "quality": 100}]
    made = send(button, category="intimate", hashes=given)
    assert made["hashes"] == 1
    assert [one["pdq"] for one in Notice.objects.get().hashes] == [busy]


def test_other_keys_may_not(agora: Agora) -> None:
    secret = create_key(agora.house, "other", ["records", "trusted"])[1]
    assert send(secret, 403)["error"]["code"] == "scope"
    assert send("vg_wrong", 401)["error"]["code"] == "unauthorized"


def test_a_trusted_flagger_is_served_first_and_sees_its_own_only(agora: Agora, button: str) -> None:
    _, secret = add_flagger(agora.house, "Hotline", "DSC decision 1/26", "test")
    other = send(button, locations=["https://else.example/1"])
    mine = send(secret)
    assert (mine["trusted"], mine["channel"]) == (True, "flagger")
    assert Case.objects.get(notice_items__notice=mine["number"]).trusted
    assert ask(secret, mine["number"])["trusted"]
    ask(secret, other["number"], 404)
    ask(button, mine["number"], 404)


def test_a_key_of_one_service_speaks_for_no_other(agora: Agora) -> None:
    secret = create_key(agora.house, "one", ["reports"], "agora")[1]
    assert send(secret, 404, service="other")["error"]["code"] == "no_item"
    assert Notice.objects.count() == 0
    made = send(secret)
    assert Notice.objects.get().service == "agora"
    ask(create_key(agora.house, "two", ["reports"], "other")[1], made["number"], 404)


def test_over_the_limit_is_told_with_the_time_to_wait(
    agora: Agora, button: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        limits.LIMITS, "api", limits.Limit(free=1, most=1, per_hour=60, all_free=100)
    )
    send(button)
    client = Client(headers={"Authorization": f"Bearer {button}"})
    answer = client.post("/api/v1/notices", json.dumps(BODY), content_type="application/json")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert json.loads(answer.content)["error"]["code"] == "rate_limited"
