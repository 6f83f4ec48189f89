# SPDX-License-Identifier: Apache-2.0
"""What the door answers: decisions with reasons, receipts that verify, old decisions."""

from __future__ import annotations

import json

import pytest

from tests.support.door import AGORA, CLAUSE, NOW, PLANTED, PUBLIC, RECORDS, item, opened
from vigie import keys
from vigie.core.clock import iso
from vigie.ledger.receipt import ReceiptSigner
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.notes import parse_vkey
from vigie.ledger.verify.promises import PENDING, verify_receipt

SHAPE = {
    "decision_id", "item_id", "version", "outcome", "actions", "verdicts", "signals", "pending",
    "snapshot", "supersedes", "statement_url",
}  # fmt: skip


def _vkey(settings):
    signer = ReceiptSigner(settings.log_origin, keys.read(settings.keys_dir, keys.KeyName.RECEIPT))
    return parse_vkey(signer.vkey)


def _checked(answer, settings, now_ms=0):
    saved = json.dumps(answer["receipt"]).encode()
    return verify_receipt(saved, [_vkey(settings)], [], None, now_ms)


def test_a_decision_has_every_field_of_its_shape(client) -> None:
    decision = client.decide()["decision"]
    assert set(decision) >= SHAPE
    assert decision["outcome"] == "allow"
    assert decision["snapshot"] == 1
    for signal in decision["signals"]:
        assert set(signal) >= {"detector", "version", "label", "value", "status"}


def test_a_planted_word_is_proposed_to_a_person_with_its_reasons(client) -> None:
    text = f"Since {PLANTED} came."
    decision = client.decide(text=text, countries=["FR", "DE"])["decision"]
    assert decision["outcome"] == "review"
    assert {one["state"] for one in decision["actions"]} == {"proposed"}
    grounds = [ground for one in decision["verdicts"] for ground in [one["ground"]]]
    assert {"terms": CLAUSE} in grounds
    assert {"offence": "fr_denial"} in grounds
    [reason] = decision["verdicts"][0]["reasons"]
    assert (reason["value"], reason["limit"]) == (1.0, 0.5)
    [signal] = [one for one in decision["signals"] if one["label"] == "planted"]
    start, end = signal["span"]
    assert text[start:end] == PLANTED
    assert signal["status"] == "ok"


def test_spans_count_code_points_of_the_original_text(client) -> None:
    text = f"🙂🙂 é {PLANTED}"
    [signal] = [
        one for one in client.decide(text=text)["decision"]["signals"] if one["label"] == "planted"
    ]
    assert text[slice(*signal["span"])] == PLANTED


def test_a_speech_offence_reaches_its_own_territory_only(client) -> None:
    decision = client.decide(text=PLANTED, countries=["FR", "AT"])["decision"]
    offences = [one for one in decision["verdicts"] if "offence" in one["ground"]]
    assert [one["ground"]["offence"] for one in offences] == ["fr_denial"]


def test_the_receipt_of_one_item_verifies(client, settings) -> None:
    answer = client.decide()
    [promise] = _checked(answer, settings).promises
    assert promise.decision_id == answer["decision"]["decision_id"]
    assert promise.state == PENDING


@pytest.mark.parametrize("count", [1, 2, 3, 7, 33])
def test_one_signature_covers_a_whole_batch(client, settings, count: int) -> None:
    items = [item(id=f"p-{n}", text=PLANTED if n % 3 == 0 else "Hello.") for n in range(count)]
    answer = client.post({"items": [*items, item(id="bad", version=0)]}).json()
    checked = _checked(answer, settings)
    assert checked.receipt.total == count
    made = [one["decision"]["decision_id"] for one in answer["results"][:-1]]
    assert [one.decision_id for one in checked.promises] == made


def test_a_changed_record_in_a_receipt_is_refused(client, settings) -> None:
    answer = client.decide()
    opening = answer["receipt"]["openings"][0]
    opening["record"]["outcome"] = "remove"
    with pytest.raises(LedgerError):
        _checked(answer, settings)


def test_a_receipt_of_another_key_is_refused(client, settings) -> None:
    answer = client.decide()
    other = ReceiptSigner(settings.log_origin, bytes(32)).vkey
    saved = json.dumps(answer["receipt"]).encode()
    with pytest.raises(LedgerError):
        verify_receipt(saved, [parse_vkey(other)], [], None, 0)


def test_a_batch_of_refused_items_has_no_receipt(client) -> None:
    answer = client.post({"items": [item(version=0)]}).json()
    assert answer["receipt"] is None


def test_a_decision_is_found_as_it_was_made(client) -> None:
    made = client.decide()["decision"]
    found = client.get(f"/v1/decisions/{made['decision_id']}").json()
    assert found == {"decision": made}


def test_only_a_key_of_the_same_service_reads_a_decision(client) -> None:
    made = client.decide(service="forum")["decision"]
    answer = client.get(f"/v1/decisions/{made['decision_id']}", AGORA)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_decision")


@pytest.mark.parametrize(
    "name", ["nonsense", "wffffffffff-1-0000000000", "s-1-0000000000", "effect", "a%0A"]
)
def test_a_decision_that_nobody_made_is_not_found(client, name: str) -> None:
    answer = client.get(f"/v1/decisions/{name}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_decision")


def test_a_wrong_random_part_does_not_find_the_decision(client) -> None:
    name = client.decide()["decision"]["decision_id"]
    other = name[:-10] + f"{int(name[-10:], 16) ^ 1:010x}"
    assert client.get(f"/v1/decisions/{other}").status_code == 404


def _confirm(client, name, key="vg_t", **fields):
    body = {"applied_at": "2026-11-22T20:00:00Z", "territories": ["FR"], **fields}
    return client.http.post(
        f"/v1/decisions/{name}/effect",
        json=body,
        headers={"authorization": f"Bearer {key}"},
    )


def test_a_confirmation_is_journaled_and_answered_202(client) -> None:
    name = client.decide()["decision"]["decision_id"]
    failed = [{"territory": "DE", "reason": "not served"}]
    answer = _confirm(client, name, failed=failed)
    assert (answer.status_code, answer.json()["state"]) == (202, "recorded")
    assert _confirm(client, "s-1f-0123456789").status_code == 202


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"applied_at": "yesterday"}, "bad_time", "applied_at"),
        ({"applied_at": "2026-99-99T99:99:99Z"}, "bad_time", "applied_at"),
        ({"applied_at": "9999-12-31T23:59:59-23:59"}, "bad_time", "applied_at"),
        ({"territories": ["France"]}, "bad_country", "territories"),
        ({"territories": []}, "bad_country", "territories"),
        ({"territories": ["FR"] * 301}, "bad_country", "territories"),
        ({"failed": [{"territory": "DE", "reason": "a\0b"}]}, "bad_reason", "failed[0].reason"),
        ({"more": 1}, "bad_effect", None),
    ],
)
def test_a_confirmation_that_breaks_the_contract_is_refused(client, fields, code, field) -> None:
    name = client.decide()["decision"]["decision_id"]
    answer = _confirm(client, name, **fields)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"].get("field") == field


@pytest.mark.parametrize(("ahead_ms", "status"), [(300_000, 202), (301_000, 422)])
def test_a_confirmation_may_be_five_minutes_ahead_and_no_more(client, ahead_ms, status) -> None:
    name = client.decide()["decision"]["decision_id"]
    answer = _confirm(client, name, applied_at=iso(NOW + ahead_ms))
    assert answer.status_code == status
    if status == 422:
        error = answer.json()["error"]
        assert (error["code"], error["field"]) == ("bad_time", "applied_at")
        assert error["fix"]


def test_a_confirmation_of_another_service_or_scope_or_of_nothing_is_refused(client) -> None:
    name = client.decide(service="forum")["decision"]["decision_id"]
    assert _confirm(client, name, AGORA).status_code == 404
    assert _confirm(client, name, RECORDS).status_code == 403
    assert _confirm(client, name, "vg_no").status_code == 401
    assert _confirm(client, "wffffffffff-1-0000000000").status_code == 404


def test_a_receipt_for_the_public_opens_nothing_and_verifies_all_the_same(client, settings) -> None:
    answer = client.decide(PUBLIC, text=PLANTED)
    [opening] = answer["receipt"]["openings"]
    assert set(opening) == {"decision_id", "entry", "index", "path"}
    [promise] = _checked(answer, settings).promises
    assert promise.state == PENDING


def test_decisions_are_found_after_a_restart(settings, clock) -> None:
    with opened(settings, clock) as client:
        made = client.decide()["decision"]
    with opened(settings, clock) as client:
        found = client.get(f"/v1/decisions/{made['decision_id']}").json()["decision"]
    assert found == made
