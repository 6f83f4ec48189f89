# SPDX-License-Identifier: Apache-2.0
"""Signing in, the session's end, and links that work once (ASVS 6 and 7)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.support.people import Agora
from vigie.console import signin
from vigie.core.clock import FixedClock

PASSWORD = "correct horse battery staple"


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> FixedClock:
    """The clock of sessions, in our hands."""
    clock = FixedClock()
    monkeypatch.setattr(signin, "clock", clock)
    return clock


def sign_in(client: Client, name: str = "c.vidal", password: str = PASSWORD, **more: str):
    return client.post("/console/login", {"name": name, "password": password, **more})


def test_signing_in_leads_to_what_waits(agora: Agora, client: Client) -> None:
    agora.person()
    answer = sign_in(client, "C.Vidal ")
    assert answer.status_code == 302
    assert answer["Location"] == "/console/"


@pytest.mark.parametrize(
    ("role", "room"),
    [("moderator", "queues"), ("legal", "queues"), ("auditor", "overview")],
)
def test_the_console_begins_with_what_waits_for_who_decides(
    agora: Agora, client: Client, role: str, room: str
) -> None:
    agora.person("b.egins", role)
    answer = client.get(sign_in(client, "b.egins")["Location"])
    assert answer["Location"] == f"/console/{room}"
    assert client.get(answer["Location"]).status_code == 200


def test_a_wrong_name_and_a_wrong_password_read_the_same(agora: Agora, client: Client) -> None:
    agora.person()
    wrong_password = sign_in(client, password="wrong").content.decode()
    wrong_name = sign_in(client, "nobody").content.decode()
    fact = "Name or password is not right."
    assert fact in wrong_password
    assert fact in wrong_name


def test_an_account_rests_after_five_wrong_passwords_and_wakes_again(
    agora: Agora, client: Client, watch: FixedClock
) -> None:
    agora.person()
    for _ in range(5):
        assert sign_in(client, password="wrong").status_code == 403
    assert "Too many wrong passwords" in sign_in(client).content.decode()
    watch.advance(signin.FIRST_REST_MS + 1)
    assert sign_in(client).status_code == 302


def test_four_wrong_passwords_lock_nobody_out(agora: Agora, client: Client) -> None:
    agora.person()
    for _ in range(4):
        sign_in(client, password="wrong")
    assert sign_in(client).status_code == 302


def test_the_session_gets_a_new_token_at_signing_in(agora: Agora, client: Client) -> None:
    agora.person()
    client.get("/console/login")
    client.session.save()
    before = client.session.session_key
    sign_in(client)
    assert client.session.session_key != before


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/console/",
        "//evil.example/console/",
        "/\\evil.example",
        "/",
        "javascript:1",
    ],
)
def test_no_way_back_leads_elsewhere(agora: Agora, client: Client, elsewhere: str) -> None:
    agora.person()
    answer = sign_in(client, next=elsewhere)
    assert answer["Location"] == "/console/"


def test_the_way_back_is_kept(agora: Agora, client: Client) -> None:
    agora.person()
    asked = client.get("/console/decisions?outcome=remove")
    query = parse_qs(urlsplit(asked["Location"]).query)
    answer = sign_in(client, next=query["next"][0])
    assert answer["Location"] == "/console/decisions?outcome=remove"


def test_a_given_password_opens_nothing_but_its_change(agora: Agora, client: Client) -> None:
    agora.person(must_change_password=True)
    sign_in(client)
    for path in ("/console/decisions", "/console/overview", "/console/log"):
        assert client.get(path)["Location"] == "/console/account"
    own = "a quite long sentence of mine"
    changed = client.post("/console/account", {"new": own, "again": own})
    assert changed["Location"] == "/console/account?changed=1"
    assert client.get("/console/decisions").status_code == 200


@pytest.mark.parametrize(
    ("new", "again", "words"),
    [
        ("short", "short", "at least 15 characters"),
        ("a quite long sentence", "another long sentence", "The two new passwords differ."),
        (PASSWORD, PASSWORD, "another password than the one you were given"),
    ],
)
def test_a_weak_new_password_is_refused_with_its_reason(
    agora: Agora, client: Client, new: str, again: str, words: str
) -> None:
    agora.person(must_change_password=True)
    sign_in(client)
    answer = client.post("/console/account", {"new": new, "again": again})
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_changed_password_ends_all_other_sessions(agora: Agora, client: Client) -> None:
    agora.person()
    other = Client()
    sign_in(other)
    sign_in(client)
    own = "a quite long sentence of mine"
    client.post("/console/account", {"old": PASSWORD, "new": own, "again": own})
    assert client.get("/console/decisions").status_code == 200
    assert other.get("/console/decisions").status_code == 302


def test_changing_the_password_asks_for_the_old_one(agora: Agora, desk: Client) -> None:
    own = "a quite long sentence of mine"
    answer = desk.post("/console/account", {"old": "wrong", "new": own, "again": own})
    assert answer.status_code == 422
    assert "The password until now is not right." in answer.content.decode()


def test_a_link_signs_in_one_time_only(agora: Agora, client: Client) -> None:
    path = f"/console/login/once/{signin.once_token(agora.person())}"
    assert "Sign in as c.vidal" in client.get(path).content.decode()
    assert client.get(path).status_code == 200, "looking does not use it up"
    assert client.post(path).status_code == 302
    assert client.get("/console/decisions").status_code == 200
    assert Client().post(path).status_code == 410


def test_a_link_ends_after_its_time(
    agora: Agora, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/console/login/once/{signin.once_token(agora.person())}"
    monkeypatch.setattr(signin, "ONCE_SECONDS", -1)
    assert client.post(path).status_code == 410


@pytest.mark.parametrize("token", ["x", "MQ.", "MQ.abc-def", "é.b", "!!.c7-" + "0" * 32])
def test_an_invented_link_signs_nobody_in(agora: Agora, client: Client, token: str) -> None:
    agora.person()
    assert client.post(f"/console/login/once/{token}").status_code == 410


def test_a_session_ends_after_an_hour_of_rest(
    agora: Agora, client: Client, watch: FixedClock
) -> None:
    agora.person()
    sign_in(client)
    watch.advance(signin.IDLE_MS - 1)
    assert client.get("/console/decisions").status_code == 200
    watch.advance(signin.IDLE_MS + 1)
    answer = client.get("/console/decisions")
    assert "ended=1" in answer["Location"]


def test_a_session_ends_after_twelve_hours_in_all(
    agora: Agora, client: Client, watch: FixedClock
) -> None:
    agora.person()
    sign_in(client)
    for _ in range(13):
        watch.advance(signin.IDLE_MS - 60_001)
        if client.get("/console/decisions").status_code == 302:
            break
    assert client.get("/console/decisions").status_code == 302


def test_signing_out_ends_the_session_on_the_server(agora: Agora, desk: Client) -> None:
    stolen = Client()
    stolen.cookies.load({name: morsel.value for name, morsel in desk.cookies.items()})
    assert desk.get("/console/logout").status_code == 405
    desk.post("/console/logout")
    assert stolen.get("/console/decisions").status_code == 302


def test_a_disabled_account_is_out_at_once(agora: Agora, desk: Client) -> None:
    from vigie.store.models import User

    User.objects.update(is_active=False)
    assert desk.get("/console/decisions").status_code == 302


def test_words_that_could_not_be_kept_are_not_said_to_be(agora: Agora, desk: Client) -> None:
    from vigie.store.models import DeskSession

    path = f"/console/decisions/{agora.proposal()}/decide"
    DeskSession.objects.all().delete()  # ended from elsewhere: whose words they are is unknown
    said = desk.post(path, {"action": "leave", "reason": "a long reason"}, follow=True)
    shown = said.content.decode()
    assert "Please sign in again." in shown
    assert "Nothing that you wrote was sent or lost." not in shown
    assert "Nothing was recorded." in shown


def test_words_survive_a_session_that_ended_while_they_were_written(
    agora: Agora, client: Client, watch: FixedClock
) -> None:
    number = agora.proposal()
    agora.person()
    sign_in(client)
    path = f"/console/decisions/{number}/decide"
    watch.advance(signin.IDLE_MS + 1)
    typed = {"action": "leave", "reason": "a long and careful reason", "territory": ["FR"]}
    ended = client.post(path, typed)["Location"]
    assert "ended=1" in ended
    assert "Nothing that you wrote was sent or lost." in client.get(ended).content.decode()
    sign_in(client, next=path)
    assert "a long and careful reason" in client.get(path).content.decode()
    assert "a long and careful reason" not in client.get(path).content.decode(), "once"


def test_another_person_does_not_get_the_words(
    agora: Agora, client: Client, watch: FixedClock
) -> None:
    number = agora.proposal()
    agora.person()
    agora.person("m.roth")
    sign_in(client)
    path = f"/console/decisions/{number}/decide"
    watch.advance(signin.IDLE_MS + 1)
    client.post(path, {"action": "leave", "reason": "a long and careful reason"})
    sign_in(client, "m.roth")
    assert "a long and careful reason" not in client.get(path).content.decode()
