# SPDX-License-Identifier: Apache-2.0
"""Nothing typed on the portal is lost when a session ends meanwhile, and nothing is sent by it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client

from tests.support.world import World
from vigie.flow.notices.receive import code_of
from vigie.flow.statements import address_of
from vigie.portal import seen
from vigie.store.models import Appeal, DeskSession, Notice, Statement
from vigie.web.limits import LIMITS

WORDS = "It calls for violence against a group; <b>three</b> sentences follow."


def hidden(answer: Any) -> dict[str, str]:
    """The hidden fields of a page."""
    found = re.findall(
        r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.content.decode()
    )
    return dict(found)


def begun(client: Client) -> dict[str, str]:
    """Fill in a notice as far as its third page; return that page's own fields."""
    client.post("/notice/what", {"category": "hate"})
    client.post("/notice/where", {"location": ["https://agora.example/p/p-990"]})
    return hidden(client.get("/notice/why"))


def test_a_notice_goes_on_where_its_session_has_ended(world: World) -> None:
    client = Client()
    page = begun(client)
    DeskSession.objects.all().delete()
    answer = client.post("/notice/why", page | {"kind": "illegal", "explanation": WORDS})
    assert answer["Location"] == "/notice/you"
    assert unescape(client.get("/notice/why").content.decode()).count(WORDS) == 1
    assert "p-990" in client.get("/notice/where").content.decode()
    client.post("/notice/you", {"name": "Ana Lima", "email": "ana@example.org"})
    client.post("/notice/send", {"good_faith": "1"})
    assert Notice.objects.get(explanation=WORDS).items.count() == 1


def test_a_code_in_a_form_is_no_way_around_the_brake(world: World) -> None:
    limit = LIMITS["code"].most
    answers = [
        Client().post("/notice/why", {"draft": f"{n:05}AAAAAAAAAAAAAAA", "explanation": WORDS})
        for n in range(limit + 1)
    ]
    assert answers[0]["Location"] == "/notice/what"
    assert answers[-1].status_code == 429
    assert WORDS in unescape(answers[-1].content.decode())


def test_a_complaint_about_a_notice_that_closed_meanwhile_is_kept(world: World) -> None:
    client, house = Client(), world.agora.house
    code = code_of(house, world.notice)
    assert client.post("/notice/status", {"code": code})["Location"] == "/notice/mine"
    client.get("/notice/mine/appeal")
    world.agora.clock.advance(seen.LASTS_MS + 1)
    before = Appeal.objects.count()
    sent = {"grounds": WORDS, "email": "ana@example.org", "hearing": "on", "item": "1"}
    answer = client.post("/notice/mine/appeal", sent)
    assert answer["Location"] == "/notice/status"
    assert (
        "Nothing that you wrote was sent or lost." in client.get("/notice/status").content.decode()
    )
    answer = client.post("/notice/status", {"code": code})
    assert answer["Location"] == "/notice/mine/appeal"
    page = unescape(client.get("/notice/mine/appeal").content.decode())
    assert WORDS in page
    assert 'value="ana@example.org"' in page
    assert Appeal.objects.count() == before
    assert WORDS not in client.get("/notice/mine/appeal").content.decode()


def test_a_complaint_on_a_statement_needs_no_session(world: World) -> None:
    other = Statement.objects.exclude(decision=world.decided).first()
    assert other is not None
    path = address_of(world.agora.house, other).removeprefix(world.agora.settings.base_url)
    client = Client()
    client.get(path)
    DeskSession.objects.all().delete()
    client.cookies.clear()
    assert client.post(f"{path}/appeal", {"grounds": WORDS}).status_code == 302
    assert Appeal.objects.filter(grounds=WORDS).count() == 1
