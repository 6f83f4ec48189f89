# SPDX-License-Identifier: Apache-2.0
"""A notifier's hash never shows in what the platform is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.door import PUBLIC, TRUSTED, Client, set_up
from vigie import keys
from vigie.core.actions import Outcome
from vigie.core.decision import (
    CLAIMED,
    CLAIMED_PICTURE,
    Decision,
    Ground,
    Reason,
    Verdict,
    without_claims,
)
from vigie.core.ids import parse_decision_id
from vigie.ledger.receipt import ReceiptSigner
from vigie.ledger.verify.notes import parse_vkey
from vigie.ledger.verify.promises import verify_receipt
from vigie.screening.matching.base import CLAIMS, BankClass, IndexRow, Ref
from vigie.settings import Settings

HERS = "5a" * 32
CLAIM = IndexRow("pdq", bytes.fromhex(HERS), Ref(CLAIMS, "N-1", BankClass.INTIMATE))


@pytest.fixture
def settings(tmp_path) -> Settings:
    return set_up(tmp_path / "data", index=[CLAIM])


def near(client: Client, key: str = TRUSTED) -> dict[str, Any]:
    return client.decide(key, media=[{"pdq": HERS, "pdq_quality": 100}])


@pytest.mark.parametrize("key", [TRUSTED, PUBLIC])
def test_the_answer_says_nothing_of_a_claim_and_its_receipt_verifies(
    client: Client, settings: Settings, key: str
) -> None:
    answer = near(client, key)
    for word in (CLAIMED, "intimate", "distance"):
        assert word not in json.dumps(answer)
    seed = keys.read(settings.keys_dir, keys.KeyName.RECEIPT)
    vkey = parse_vkey(ReceiptSigner(settings.log_origin, seed).vkey)
    saved = json.dumps(answer["receipt"]).encode()
    [promise] = verify_receipt(saved, [vkey], [], None, 0).promises
    assert promise.decision_id == answer["decision"]["decision_id"]


def test_an_old_answer_says_no_more_and_the_journal_keeps_it_all(client: Client) -> None:
    made = near(client)["decision"]
    path = f"/v1/decisions/{made['decision_id']}"
    assert client.get(path).json() == {"decision": made}
    address = parse_decision_id(made["decision_id"])
    kept = client.door.past.decision(address.writer, address.ordinal)
    assert kept is not None
    assert b'"claimed"' in kept.decision


def test_the_same_request_again_says_as_little(client: Client) -> None:
    body = {"id": "p-1", "surface": "post", "author": {"id": "a"}, "media": [{"pdq": HERS}]}
    first, again = (client.post(body, idempotency_key="k-1") for _ in range(2))
    assert first.status_code == again.status_code == 200
    assert CLAIMED not in first.text + again.text


def test_the_reason_of_rule_g_is_left_out_and_the_others_stay() -> None:
    reasons = (Reason(clause=CLAIMED_PICTURE, value=0.9), Reason(clause="score", value=0.9))
    verdict = Verdict(
        policy="x", version=1, state="live", ground=Ground(terms="1"), reasons=reasons
    )
    made = Decision(
        decision_id="w-1-0",
        item_id="p",
        version=1,
        outcome=Outcome.REVIEW,
        verdicts=(verdict,),
    )
    assert [one.clause for one in without_claims(made).verdicts[0].reasons] == ["score"]
