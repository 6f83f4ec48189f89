# SPDX-License-Identifier: Apache-2.0
"""Notices at the desk: each in its queues, nobody named without a reason, marks that count."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.support.people import Agora
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.notices.form import Channel, NoticeForm
from vigie.flow.notices.receive import receive_notice
from vigie.store.models import ContentLook, Notice, NoticeKind, Record, Strike, User


def give(agora: Agora, **more: Any) -> Notice:
    base: dict[str, Any] = {
        "channel": Channel.PORTAL,
        "category": "hate",
        "locations": ("https://agora.example/p/p-100",),
        "explanation": "<b>It calls for violence.</b>",
        "good_faith": True,
        "name": "Ana Lima",
        "email": "ana@example.org",
    }
    return receive_notice(agora.house, NoticeForm(**(base | more))).notice


CHILD: dict[str, Any] = {"category": "child", "name": "", "email": "", "explanation": ""}


PASSWORD = "correct horse battery staple"


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def entered(agora: Agora, name: str, role: str) -> Client:
    agora.person(name, role)
    client = Client()
    client.post("/console/login", {"name": name, "password": PASSWORD})
    return client


@pytest.fixture
def senior(agora: Agora) -> Client:
    return entered(agora, "s.ahmed", "senior")


def test_the_list_shows_what_a_notice_is_about_and_never_who_gave_it(
    agora: Agora, senior: Client
) -> None:
    notice = give(agora)
    shown = read(senior, "/console/notices")
    assert notice.label in shown
    assert "Incitement to hatred" in shown
    page = read(senior, f"/console/notices/{notice.number}")
    assert "&lt;b&gt;It calls for violence.&lt;/b&gt;" in page
    for secret in ("Ana Lima", "ana@example.org"):
        assert secret not in shown
        assert secret not in page


def test_the_name_is_shown_once_after_a_reason_and_the_look_is_recorded(
    agora: Agora, senior: Client
) -> None:
    notice = give(agora)
    path = f"/console/notices/{notice.number}/who"
    refused = senior.post(path, {"reason": " "})
    assert refused.status_code == 422
    assert "Ana Lima" not in refused.content.decode()
    assert not ContentLook.objects.exists()
    shown = senior.post(path, {"reason": "asked by the police, file 7"})
    assert "Ana Lima" in shown.content.decode()
    look = ContentLook.objects.get()
    assert (look.kind, look.reason) == ("notifier", "asked by the police, file 7")
    assert Record.objects.filter(kind="content.looked").count() == 1
    assert "Ana Lima" not in read(senior, f"/console/notices/{notice.number}")


def test_a_moderator_may_not_see_the_name(agora: Agora) -> None:
    notice = give(agora)
    moderator = entered(agora, "m.roth", "moderator")
    assert (
        moderator.post(f"/console/notices/{notice.number}/who", {"reason": "x"}).status_code == 403
    )
    assert not ContentLook.objects.exists()


def test_class_child_stands_in_its_own_list_for_its_own_role(agora: Agora, senior: Client) -> None:
    notice = give(agora, **CHILD)
    assert notice.label not in read(senior, "/console/notices")
    assert notice.label not in read(senior, "/console/notices?room=child")
    assert senior.get(f"/console/notices/{notice.number}").status_code == 404
    safety = entered(agora, "k.oduya", "child_safety")
    assert notice.label not in read(safety, "/console/notices")
    assert notice.label in read(safety, "/console/notices?room=child")
    page = read(safety, f"/console/notices/{notice.number}")
    assert "What the notice says" not in page
    assert "Who gave it" not in page


def test_where_the_notifier_may_be_the_victim_the_page_says_so_first(
    agora: Agora, senior: Client
) -> None:
    page = read(senior, f"/console/notices/{give(agora, category='stalking').number}")
    assert "She is never named, quoted or heard together with the author" in page


def test_filters_and_pages_are_addresses(agora: Agora, senior: Client) -> None:
    illegal = give(agora)
    report = give(agora, kind=NoticeKind.TERMS)
    shown = read(senior, "/console/notices?kind=terms")
    assert report.label in shown
    assert f">{illegal.label}<" not in shown
    assert f">{report.label}<" not in read(senior, f"/console/notices?before={report.number}")
    for strange in ("before=x", "before=" + "9" * 40, "state=%00", "kind=<b>"):
        assert senior.get(f"/console/notices?{strange}").status_code == 200


def test_an_unfounded_notice_is_marked_counted_and_taken_back(agora: Agora, senior: Client) -> None:
    notice = give(agora)
    path = f"/console/notices/{notice.number}/unfounded"
    early = senior.post(path, {"reason": "spite", "mark": "set"})
    assert early.status_code == 409
    case = notice.items.get().case
    assert case is not None
    user = User.objects.get(username="s.ahmed")
    asked: dict[str, Any] = {"on": case.decision.number, "reason": "clear", "user": user}
    decide(agora.house, PersonDecision(verb=Verb.LEAVE, **asked))
    assert senior.post(path, {"reason": "", "mark": "set"}).status_code == 422
    assert senior.post(path, {"reason": "the same lie again", "mark": "set"}).status_code == 302
    strike = Strike.objects.get(notice_number=notice.number)
    assert (strike.subject, strike.state) == (notice.notifier, "active")
    assert "Take the mark back" in read(senior, f"/console/notices/{notice.number}")
    senior.post(path, {"reason": "a mistake", "mark": "back"})
    strike.refresh_from_db()
    assert strike.state == "reversed"


def test_without_signing_in_nothing_is_shown(agora: Agora, client: Client) -> None:
    notice = give(agora)
    for path in ("notices", f"notices/{notice.number}"):
        assert client.get(f"/console/{path}").status_code == 302
    for verb in ("who", "unfounded"):
        assert client.post(f"/console/notices/{notice.number}/{verb}").status_code == 302
