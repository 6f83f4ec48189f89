# SPDX-License-Identifier: Apache-2.0
"""Who sees what at the API: scopes, services, class child, revoked keys."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from tests.support.people import SAID, Agora
from vigie.core.actions import ActionKind, Outcome
from vigie.core.decision import Action, Decision, Ground
from vigie.flow.keys import create_key, revoke_key
from vigie.intake.answer import category_of
from vigie.law.restriction import OTHER_TERMS
from vigie.store.models import DecisionRecord, ItemContent

pytestmark = pytest.mark.usefixtures("one_connection")


class Caller:
    """A program that holds one key."""

    def __init__(self, secret: str = "") -> None:
        self.client = Client(headers={"Authorization": f"Bearer {secret}"} if secret else {})

    def get(self, path: str, status: int = 200) -> dict:
        """Return the JSON of a path, which must answer so."""
        return self._told(self.client.get(f"/api/v1/{path}"), status)

    def delete(self, path: str, status: int = 200) -> dict:
        """Delete, and return the answer."""
        return self._told(self.client.delete(f"/api/v1/{path}"), status)

    def _told(self, answer, status: int) -> dict:
        assert answer.status_code == status, answer.content
        found = json.loads(answer.content)
        if status >= 400:
            assert set(found) == {"error"}
            assert found["error"]["code"]
            assert found["error"]["request_id"]
        return dict(found)


def caller(agora: Agora, *scopes: str, service: str = "") -> Caller:
    return Caller(create_key(agora.house, "+".join(scopes), scopes, service)[1])


def name_of(number: int) -> str:
    return DecisionRecord.objects.get(number=number).decision_id


def test_without_a_key_of_the_scope_nothing_is_shown(agora: Agora):
    agora.proposal()
    assert Caller().get("decisions", 401)["error"]["code"] == "unauthorized"
    assert Caller("vg_wrong").get("decisions", 401)["error"]["code"] == "unauthorized"
    for scope in ("trusted", "public"):
        assert caller(agora, scope).get("decisions", 403)["error"]["code"] == "scope"


def test_a_revoked_key_is_refused_at_once(agora: Agora):
    row, secret = create_key(agora.house, "gone", ["records"])
    assert Caller(secret).get("decisions")["items"] == []
    revoke_key(agora.house, row.pk)
    Caller(secret).get("decisions", 401)


def test_scores_and_spans_are_for_trusted_keys_and_the_words_for_nobody(agora: Agora):
    path = f"decisions/{name_of(agora.proposal())}"
    plain, trusted = caller(agora, "records"), caller(agora, "records", "trusted")
    assert plain.get(path)["as_made"] is None
    assert trusted.get(path)["as_made"]["signals"]
    for one in (plain, trusted):
        shown = json.dumps(one.get(path))
        assert SAID[:30] not in shown
        assert "a-9" not in shown


def test_class_child_stands_in_no_list_and_shows_no_list_to_anybody(agora: Agora):
    number, other = agora.removal(), agora.proposal()
    for one in (caller(agora, "records"), caller(agora, "records", "trusted")):
        for query in ("", "?waiting=true", "?item_id=p-200", "?outcome=remove"):
            named = [row["decision_id"] for row in one.get(f"decisions{query}")["items"]]
            assert name_of(number) not in named
        assert [row["decision_id"] for row in one.get("decisions")["items"]] == [name_of(other)]
        for path in (f"decisions/{name_of(number)}", f"statements/{name_of(number)}"):
            shown = json.dumps(one.get(path))
            for never in ("synthetic-list", "sha256", "ab" * 32, "hash", "distance", "caption"):
                assert never not in shown, path
    asked = caller(agora, "records").get(f"decisions/{name_of(number)}")
    assert asked["category"] == "STATEMENT_CATEGORY_PROTECTION_OF_MINORS"
    assert asked["outcome"] == "remove"


def test_a_key_of_one_service_sees_and_changes_no_other(agora: Agora):
    mine, theirs = agora.proposal("p-1"), agora.proposal("p-2", service="forum")
    own = caller(agora, "records", service="forum")
    assert [row["item_id"] for row in own.get("decisions")["items"]] == ["p-2"]
    own.get(f"decisions/{name_of(theirs)}")
    assert own.get(f"decisions/{name_of(mine)}", 404)["error"]["code"] == "no_decision"
    own.delete("items/agora/p-1", 404)
    own.get("webhooks", 403)
    own.get("banks", 403)
    assert ItemContent.objects.count() == 2


def test_deletion_answers_with_a_receipt_and_the_words_are_gone(agora: Agora):
    number = agora.proposal("p-1")
    receipt = caller(agora, "records").delete("items/agora/p-1")
    assert (receipt["subject"], receipt["contents"], receipt["keys"]) == ("item", 1, 1)
    assert receipt["log_indexes"] == [DecisionRecord.objects.get(number=number).log_index]
    assert not ItemContent.objects.exists()
    assert caller(agora, "records").delete("items/agora/p-1")["contents"] == 0


@pytest.mark.parametrize("query", ["?surprise=1", "?limit=5&limit=6", "?limit=0", "?outcome=maybe"])
def test_what_is_not_understood_is_refused_by_name(agora: Agora, query: str):
    found = caller(agora, "records").get(f"decisions{query}", 422)["error"]
    assert found["field"] == query[1:].split("=", maxsplit=1)[0]


def test_a_wrong_value_inside_a_list_is_named_by_its_path(agora: Agora):
    one = caller(agora, "records")
    body = {"policies": [{"source": "id: x"}, {"source": 7}]}
    answer = one.client.post("/api/v1/policies", body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "policies[1].source"


def test_a_decision_on_the_terms_has_the_category_that_the_door_said(agora: Agora):
    name = agora.new_id()
    made = Decision(
        decision_id=name,
        item_id="p-7",
        version=1,
        outcome=Outcome.REVIEW,
        actions=(
            Action(
                action=ActionKind.LABELLED,
                territories=("DE",),
                by="proposal",
                state="proposed",
                grounds=(Ground(terms="4.1"),),
            ),
        ),
    )
    agora.record(agora.item("p-7", "Buy now."), made)
    shown = caller(agora, "records").get(f"decisions/{name}")["category"]
    assert shown == category_of(made, agora.house.law) == OTHER_TERMS
