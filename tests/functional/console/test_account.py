# SPDX-License-Identifier: Apache-2.0
"""One's own account: first steps, wishes, sessions; and the brake of a network."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.support.people import Agora
from vigie.console import brake, signin
from vigie.core.clock import FixedClock
from vigie.flow import accounts
from vigie.store.models import DeskSession, RateBucket, Record, User
from vigie.web.passwords import words_of

PASSWORD = "correct horse battery staple"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def sign_in(client: Client, name: str = "c.vidal", password: str = PASSWORD, **more: str):
    return client.post("/console/login", {"name": name, "password": password, **more})


def page(client: Client, path: str = "/console/account") -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> FixedClock:
    """The clock of sessions, in our hands."""
    clock = FixedClock()
    monkeypatch.setattr(signin, "clock", clock)
    return clock


def test_a_network_that_guesses_rests_whatever_names_it_tries(
    agora: Agora, watch: FixedClock
) -> None:
    agora.person()
    here, there = Client(REMOTE_ADDR="203.0.113.7"), Client(REMOTE_ADDR="203.0.113.99")
    for number in range(brake.PASSWORDS.free):
        assert sign_in(here, f"name-{number}", "wrong").status_code == 403
    for client in (here, there):
        answer = sign_in(client)
        assert answer.status_code == 429, "the same /24"
        assert "Too many tries to sign in came from your network." in answer.content.decode()
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    assert sign_in(elsewhere).status_code == 302
    watch.advance(61_000)
    assert sign_in(here).status_code == 302


def test_right_passwords_cost_a_network_nothing(agora: Agora) -> None:
    agora.person()
    client = Client(REMOTE_ADDR="203.0.113.7")
    for _ in range(brake.PASSWORDS.free + 5):
        assert sign_in(client).status_code == 302


def test_no_address_is_kept_by_the_brake(agora: Agora) -> None:
    sign_in(Client(REMOTE_ADDR="203.0.113.7"), "nobody", "wrong")
    [row] = RateBucket.objects.all()
    assert re.fullmatch("[0-9a-f]{64}", row.key)


def test_beginnings_with_a_passkey_have_a_brake_too(
    agora: Agora, client: Client, watch: FixedClock
) -> None:
    for _ in range(brake.BEGINNINGS.free):
        client.get("/console/login/passkey", headers={"accept": "application/json"})
    answer = client.get("/console/login/passkey", headers={"accept": "application/json"})
    assert answer.status_code == 429


def test_the_first_steps_are_language_password_and_second_factor(
    agora: Agora, client: Client
) -> None:
    user = agora.person(must_change_password=True)
    client.post(f"/console/login/once/{signin.once_token(user)}")
    shown = page(client)
    steps = ("1. Your language", "2. Your password", "3. A second factor")
    assert [one in shown for one in steps] == [True] * 3
    client.post("/console/account/language", {"language": "fr"})
    user.refresh_from_db()
    assert user.language == "fr"
    assert '<html lang="fr"' in page(client)


@pytest.mark.parametrize("language", ["xx", "", "en-GB", "../"])
def test_an_unknown_language_is_refused(agora: Agora, desk: Client, language: str) -> None:
    for path in ("language", "wishes"):
        answer = desk.post(f"/console/account/{path}", {"language": language})
        assert answer.status_code == 422


def test_wishes_are_kept_and_followed(agora: Agora, desk: Client) -> None:
    assert 'data-keys="on"' in page(desk)
    desk.post("/console/account/wishes", {"language": "de", "mask_words": "1", "own_figures": "1"})
    user = User.objects.get()
    assert (user.language, user.single_keys, user.mask_words, user.own_figures) == (
        "de",
        False,
        True,
        True,
    )
    shown = page(desk)
    assert '<html lang="de"' in shown
    assert 'data-keys="off"' in shown


def test_the_language_of_the_account_is_the_consoles(agora: Agora, client: Client) -> None:
    agora.person(language="de")
    sign_in(client)
    assert '<html lang="de"' in page(client, "/console/overview")
    assert '<html lang="fr"' in page(client, "/console/overview?lang=fr")
    assert '<html lang="fr"' in page(client, "/console/log"), "for this session"
    client.post("/console/logout")
    sign_in(client)
    assert '<html lang="de"' in page(client, "/console/log")


def test_a_language_chosen_when_signing_in_holds_for_the_session(
    agora: Agora, client: Client
) -> None:
    agora.person()
    assert 'name="lang" value="fr"' in page(client, "/console/login?lang=fr")
    sign_in(client, lang="fr")
    assert '<html lang="fr"' in page(client, "/console/log")


def test_own_sessions_are_listed_and_ended(agora: Agora, desk: Client) -> None:
    other = Client(headers={"user-agent": FIREFOX})
    sign_in(other)
    shown = page(desk)
    assert "Firefox, Linux" in shown
    [handle] = re.findall(r'name="session" value="([0-9a-f]{32})"', shown)
    answer = desk.post("/console/account/sessions/end", {"session": handle})
    if answer["Location"].startswith("/console/account/confirm"):
        answer = desk.post(answer["Location"], {"password": PASSWORD})
    assert "ended=1" in answer["Location"]
    assert other.get("/console/decisions").status_code == 302
    assert desk.get("/console/decisions").status_code == 200


def test_ending_sessions_asks_again_who_it_is(
    agora: Agora, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from allauth.account.internal.flows import reauthentication

    monkeypatch.setattr(reauthentication, "did_recently_reauthenticate", lambda _request: False)
    other = Client()
    sign_in(other)
    answer = desk.post("/console/account/sessions/end", {"session": "others"})
    assert answer["Location"].startswith("/console/account/confirm")
    assert other.get("/console/decisions").status_code == 200
    monkeypatch.undo()
    answer = desk.post(answer["Location"], {"password": PASSWORD})
    assert "ended=1" in answer["Location"], "what was sent goes on by itself"
    assert other.get("/console/decisions").status_code == 302


def test_nobody_ends_the_session_of_another(agora: Agora, desk: Client) -> None:
    agora.person("m.roth")
    other = Client()
    sign_in(other, "m.roth")
    [handle] = re.findall(r'value="([0-9a-f]{32})"', page(desk) + page(other)) or [""]
    desk.post("/console/account/sessions/end", {"session": handle or "others"})
    assert other.get("/console/decisions").status_code == 200


def test_a_session_keeps_no_address_and_no_key_on_the_page(agora: Agora, desk: Client) -> None:
    shown = page(desk)
    for row in DeskSession.objects.all():
        assert row.session_key not in shown
        assert "127.0.0.1" not in str(row.get_decoded())


@pytest.mark.parametrize(
    "password",
    ["vigie agora password", "moderator-moderator-9", "c.vidal.c.vidal.1", "agoraagora vigie"],
)
def test_a_password_of_the_words_of_this_place_is_refused(
    agora: Agora, desk: Client, password: str
) -> None:
    fields = {"old": PASSWORD, "new": password, "again": password}
    answer = desk.post("/console/account", fields)
    assert answer.status_code == 422
    assert "words that others would try here first" in answer.content.decode()


def test_the_words_of_this_place_are_those_of_the_list(agora: Agora) -> None:
    user = agora.person()
    assert {"agora", "vigie", "moderator", "cvidal"} <= words_of(user)


def test_a_common_password_is_refused(agora: Agora, desk: Client) -> None:
    common = "1qaz2wsx3edc4rfv"
    answer = desk.post("/console/account", {"old": PASSWORD, "new": common, "again": common})
    assert answer.status_code == 422
    assert "too common" in answer.content.decode()


@pytest.mark.parametrize("password", ["пароль из многих слов тут", "🐦" * 15, "x y" * 300])
def test_any_characters_make_a_password(agora: Agora, desk: Client, password: str) -> None:
    fields = {"old": PASSWORD, "new": password, "again": password}
    assert desk.post("/console/account", fields).status_code == 302
    client = Client()
    assert sign_in(client, password=password).status_code == 302


def test_a_closed_account_cannot_use_a_link(agora: Agora, client: Client) -> None:
    agora.person("a.dmin", role="admin")
    user = agora.person()
    path = f"/console/login/once/{signin.once_token(user)}"
    accounts.deactivate(agora.house, user.pk, by="command line")
    assert client.post(path).status_code == 410
    assert Record.objects.filter(kind="account.closed").exists()
