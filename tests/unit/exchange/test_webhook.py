# SPDX-License-Identifier: Apache-2.0
"""Standard Webhooks: signatures, secrets, retries."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.errors import InvalidInputError, RefusedError
from vigie.exchange import outbound, webhook
from vigie.exchange.outbound import Answer

NOW = 1_795_000_000


def headers(secret, message_id, now, body):
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": webhook.sign([secret], message_id, now, body),
    }


def test_signature_is_that_of_the_published_vector(test_data):
    path = test_data / "vectors" / "webhooks" / "standard_webhooks_v1.json"
    vector = json.loads(path.read_text(encoding="utf-8"))
    signed = webhook.sign(
        [vector["secret"]],
        vector["webhook-id"],
        int(vector["webhook-timestamp"]),
        vector["body"].encode(),
    )
    assert signed == vector["webhook-signature"]


@given(body=st.binary(max_size=200), message_id=st.text("abc123_", min_size=1, max_size=30))
def test_the_reference_library_accepts_what_we_sign(body, message_id):
    secret = webhook.new_secret()
    body = json.dumps({"x": body.hex()}).encode()
    # The library knows the present time only.
    now = int(dt.datetime.now(tz=dt.UTC).timestamp())
    known = standardwebhooks.Webhook(secret)
    assert known.verify(body, headers(secret, message_id, now, body)) == json.loads(body)


def test_changed_body_id_time_or_secret_is_refused():
    secret = webhook.new_secret()
    good = headers(secret, "msg_1", NOW, b"{}")
    webhook.verify(secret, good, b"{}", NOW)
    for change in (
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(NOW + 1)},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": ""},
    ):
        with pytest.raises(RefusedError):
            webhook.verify(secret, good | change, b"{}", NOW)
    with pytest.raises(RefusedError):
        webhook.verify(secret, good, b"{ }", NOW)
    with pytest.raises(RefusedError):
        webhook.verify(webhook.new_secret(), good, b"{}", NOW)


@pytest.mark.parametrize("late", [-301, 301])
def test_message_of_another_time_is_refused(late):
    secret = webhook.new_secret()
    with pytest.raises(RefusedError):
        webhook.verify(secret, headers(secret, "msg_1", NOW, b""), b"", NOW + late)


def test_while_a_secret_changes_over_both_sign():
    old, new = webhook.new_secret(), webhook.new_secret()
    signed = webhook.sign([new, old], "msg_1", NOW, b"{}")
    assert len(signed.split(" ")) == 2
    both = headers(old, "msg_1", NOW, b"{}") | {"webhook-signature": signed}
    for secret in (old, new):
        webhook.verify(secret, both, b"{}", NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_AAAA", "whsec_!!!", "MfKQ9r8GKYqrTwjU"])
def test_secret_of_the_wrong_form_or_length_is_refused(secret):
    with pytest.raises(InvalidInputError):
        webhook.check_secret(secret)


@pytest.mark.parametrize(
    ("status", "delivered", "gone"),
    [(200, True, False), (204, True, False), (301, False, False), (410, False, True),
     (500, False, False)],
)  # fmt: skip
def test_answer_says_what_came_of_it(monkeypatch, status, delivered, gone):
    monkeypatch.setattr(outbound, "post", lambda *_a, **_k: Answer(status, b"ok"))
    receipt = webhook.send(
        "https://agora.example/in",
        [webhook.new_secret()],
        "msg_1",
        b"{}",
        NOW,
        resolver=lambda *_: ["93.184.216.34"],
    )
    assert (receipt.status, receipt.delivered, receipt.gone) == (status, delivered, gone)


def test_private_address_is_a_failed_attempt_and_nothing_is_sent():
    receipt = webhook.send(
        "https://agora.example/in",
        [webhook.new_secret()],
        "msg_1",
        b"{}",
        NOW,
        resolver=lambda *_: ["10.0.0.1"],
    )
    assert (receipt.status, receipt.delivered, receipt.problem) == (0, False, "bad_address")


def test_body_above_20_kb_is_refused():
    with pytest.raises(InvalidInputError):
        webhook.send("https://agora.example/", [], "msg_1", bytes(20_001), NOW)


def test_retries_come_later_and_later_and_end():
    delays = [webhook.next_delay(n, 0.5) for n in range(1, 11)]
    assert delays[:3] == [5, 300, 1800]
    known = [delay for delay in delays if delay is not None]
    assert known == sorted(known)
    assert delays[-1] is None
    low, high = webhook.next_delay(2, 0.0), webhook.next_delay(2, 1.0)
    assert (low, high) == (270, 330)
