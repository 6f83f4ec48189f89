# SPDX-License-Identifier: Apache-2.0
"""A notice by its code: where it stands, the decision with redress, and for nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from tests.functional.portal.test_notice_form import WHERE, page, words
from tests.support.people import Agora
from vigie.flow.notices.form import Channel, NoticeForm
from vigie.flow.notices.receive import receive_notice
from vigie.store.models import Case
from vigie.web.limits import LIMITS


def given_notice(agora: Agora, **more: Any) -> Any:
    form = NoticeForm(
        channel=Channel.PORTAL,
        category=more.pop("category", "hate"),
        locations=(WHERE,),
        explanation=more.pop("explanation", "Secret words."),
        good_faith=True,
        **more,
    )
    return receive_notice(agora.house, form)


def test_the_code_opens_the_status_and_stands_in_no_address(agora: Agora, client: Client) -> None:
    code = given_notice(agora, name="Ana", email="ana@example.org").code
    assert client.get("/notice/mine").headers["Location"] == "/notice/status"
    answer = client.post("/notice/status", {"code": code.lower()})
    assert answer.headers["Location"] == "/notice/mine"
    shown = page(client, "/notice/mine")
    assert "waits for a person" in shown
    assert "We received your notice." in shown
    for secret in ("Ana", "ana@example.org", "Secret words.", code):
        assert secret not in shown
    client.post("/notice/mine/close")
    assert client.get("/notice/mine").status_code == 302


def test_an_opened_notice_closes_by_itself(agora: Agora, client: Client) -> None:
    client.post("/notice/status", {"code": given_notice(agora).code})
    agora.clock.advance(30 * 60_000)
    assert client.get("/notice/mine").headers["Location"] == "/notice/status"
    assert client.get("/notice/mine/receipt.json").status_code == 302


@pytest.mark.parametrize(
    "code", ["", "K7QF", "0000-0000-0000-0000-0000", "é" * 40, "<b>", "a" * 99]
)
def test_a_forged_code_shows_nothing(agora: Agora, client: Client, code: str) -> None:
    given_notice(agora)
    answer = client.post("/notice/status", {"code": code})
    assert answer.status_code == 422
    assert "notice_seen" not in client.session


def test_guesses_at_codes_are_slowed_down_and_then_refused(agora: Agora, client: Client) -> None:
    seen = [
        client.post("/notice/status", {"code": "0000-0000-0000-0000-0000"}).status_code
        for _ in range(LIMITS["code"].free + 1)
    ]
    assert seen == [422] * LIMITS["code"].free + [429]


def test_the_receipt_is_a_file_for_the_verifier(agora: Agora, client: Client) -> None:
    given = given_notice(agora)
    client.post("/notice/status", {"code": given.code})
    assert json.loads(client.get("/notice/mine/receipt.json").content) == given.receipt


def test_the_decision_is_shown_with_redress(agora: Agora, client: Client) -> None:
    from vigie.flow.decide import PersonDecision, Verb, decide

    given = given_notice(agora)
    case = Case.objects.get()
    asked: dict[str, Any] = {
        "on": case.decision.number,
        "reason": "clear",
        "user": agora.person(),
    }
    decide(agora.house, PersonDecision(verb=Verb.WITHHOLD, territories=("DE",), **asked))
    client.post("/notice/status", {"code": given.code})
    shown = words(client.get("/notice/mine"))
    assert "We have decided to restrict the content at 1 address" in shown
    assert "A person decided; no automated means were used to decide." in shown
    assert "Germany" in shown
    assert "StGB 130" in shown
    for redress in ("complaint", "out-of-court", "court"):
        assert redress in shown
    assert "c.vidal" not in shown
