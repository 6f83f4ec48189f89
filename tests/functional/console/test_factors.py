# SPDX-License-Identifier: Apache-2.0
"""Second factors and passkeys: set up, asked for, used once, removed, required (ASVS 6 and 7)."""

from __future__ import annotations

import dataclasses
import json
import re
import time
from html import unescape
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from tests.support.authenticator import Passkey
from tests.support.people import Agora
from vigie.console import signin
from vigie.flow import factors, house
from vigie.store.models import Record, User

PASSWORD = "correct horse battery staple"
FACTORS = "/console/account/factors"
HOME = "/console/"


@pytest.fixture(autouse=True)
def calm(db: None) -> None:
    """Codes and tries are remembered for a while; every test begins without."""
    cache.clear()


@pytest.fixture
def kept(django_capture_on_commit_callbacks: Any) -> Any:
    """Do what waits for the commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def browser() -> Client:
    """A browser at an address that browsers trust with passkeys."""
    return Client(headers={"host": "localhost"})


def sign_in(client: Client, name: str = "c.vidal", password: str = PASSWORD, **more: str) -> Any:
    return client.post("/console/login", {"name": name, "password": password, **more})


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.get("Location"))
    return answer.content.decode()


def code_of(secret: str, steps: int = 0) -> str:
    """The code that an app shows now, or some half minutes later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def add_app(client: Client, kept: Any) -> tuple[str, list[str]]:
    """Set an app up as a person would; return its secret and the recovery codes."""
    shown = page(client, f"{FACTORS}/app")
    [secret] = re.findall(r'<dd class="mono" translate="no">([A-Z2-7]{32})</dd>', shown)
    with kept():
        answer = client.post(f"{FACTORS}/app", {"code": code_of(secret)})
    assert answer["Location"] == f"{FACTORS}/codes"
    return secret, re.findall(r"<li>(\d{12})</li>", page(client, f"{FACTORS}/codes"))


def options_of(shown: str) -> dict[str, Any]:
    """What a page gives its script."""
    [found] = re.findall(r'<script id="passkey-options"[^>]*>(.*?)</script>', shown, re.DOTALL)
    made: dict[str, Any] = json.loads(unescape(found))
    return made


def add_passkey(client: Client, kept: Any, key: Passkey, **more: str) -> Any:
    options = options_of(page(client, f"{FACTORS}/passkeys/add"))
    with kept():
        return client.post(
            f"{FACTORS}/passkeys/add", {"credential": key.register(options), "name": "", **more}
        )


def is_in(client: Client) -> bool:
    return client.get("/console/decisions").status_code == 200


def ask_all(agora: Agora, monkeypatch: pytest.MonkeyPatch, rule: str = "roles") -> None:
    """Let the installation ask for a second factor."""
    settings = dataclasses.replace(agora.settings, require_mfa=rule)
    made = dataclasses.replace(agora.house, settings=settings)
    monkeypatch.setattr(house, "current", lambda: made)


def test_an_app_is_set_up_and_asked_for_at_the_next_sign_in(
    agora: Agora, desk: Client, client: Client, kept: Any
) -> None:
    secret, codes = add_app(desk, kept)
    assert len(codes) == 10
    other = Client()
    answer = sign_in(other, next="/console/log")
    assert answer["Location"] == "/console/login/second"
    assert not is_in(other)
    assert "Six digits from the app" in page(other, "/console/login/second")
    answer = other.post("/console/login/second", {"code": code_of(secret)})
    assert answer["Location"] == "/console/log", "the way back is kept"
    assert is_in(other)


def test_a_code_works_once(agora: Agora, desk: Client, kept: Any) -> None:
    secret, _codes = add_app(desk, kept)
    code = code_of(secret)
    for number, client in enumerate((Client(), Client())):
        sign_in(client)
        client.post("/console/login/second", {"code": code})
        assert is_in(client) == (number == 0)


def test_a_code_of_yesterday_or_of_another_secret_is_refused(
    agora: Agora, desk: Client, kept: Any
) -> None:
    secret, _codes = add_app(desk, kept)
    client = Client()
    sign_in(client)
    for wrong in (code_of(secret, -20), "000000", "", "x" * 500):
        answer = client.post("/console/login/second", {"code": wrong})
        assert answer.status_code == 200
    assert not is_in(client)


def test_five_wrong_codes_make_the_account_rest(agora: Agora, desk: Client, kept: Any) -> None:
    secret, _codes = add_app(desk, kept)
    client = Client()
    sign_in(client)
    for _ in range(5):
        client.post("/console/login/second", {"code": "000000"})
    answer = client.post("/console/login/second", {"code": code_of(secret)})
    assert "Too many wrong codes" in answer.content.decode()
    assert not is_in(client)


def test_a_recovery_code_lets_in_once(agora: Agora, desk: Client, kept: Any) -> None:
    _secret, codes = add_app(desk, kept)
    for number, client in enumerate((Client(), Client())):
        sign_in(client)
        client.post("/console/login/second", {"code": codes[3]})
        assert is_in(client) == (number == 0)
    assert "9 codes are left" in page(desk, FACTORS)


def test_recovery_codes_are_shown_once(agora: Agora, desk: Client, kept: Any) -> None:
    _secret, codes = add_app(desk, kept)
    again = page(desk, f"{FACTORS}/codes")
    assert not [code for code in codes if code in again]


def test_what_rests_in_the_store_is_no_secret(agora: Agora, desk: Client, kept: Any) -> None:
    secret, codes = add_app(desk, kept)
    rows = json.dumps([row.data for row in Authenticator.objects.all()])
    assert secret not in rows
    assert not [code for code in codes if code in rows]


def test_a_passkey_signs_in_alone(agora: Agora, browser: Client, kept: Any) -> None:
    agora.person()
    sign_in(browser)
    key = Passkey()
    assert add_passkey(browser, kept, key, passwordless="1").status_code == 302
    other = Client(headers={"host": "localhost"})
    asked = other.get("/console/login/passkey", headers={"accept": "application/json"})
    answer = other.post(
        "/console/login/passkey",
        {"credential": key.sign_in(asked.json()["request_options"]), "next": "/console/log"},
    )
    assert answer["Location"] == "/console/log"
    assert is_in(other)


def test_a_passkey_is_a_second_factor(agora: Agora, browser: Client, kept: Any) -> None:
    agora.person()
    sign_in(browser)
    key = Passkey()
    add_passkey(browser, kept, key)
    other = Client(headers={"host": "localhost"})
    assert sign_in(other)["Location"] == "/console/login/second"
    options = options_of(page(other, "/console/login/second"))
    other.post("/console/login/second", {"credential": key.sign_in(options)})
    assert is_in(other)


def passkey_answers(key: Passkey, options: dict[str, Any]) -> dict[str, str]:
    """Answers that must not let anybody in."""
    stranger = Passkey(credential=key.credential, user=key.user)
    return {
        "another origin": key.sign_in(options, origin="http://localhost.evil.example"),
        "another key": stranger.sign_in(options),
        "no finger": Passkey(
            key=key.key, credential=key.credential, user=key.user, verifies=False
        ).sign_in(options),
        "not json": "{",
        "no answer": "{}",
        "a list": "[]",
        "no user": json.dumps({**json.loads(key.sign_in(options)), "response": {}}),
    }


@pytest.mark.parametrize(
    "wrong",
    ["another origin", "another key", "no finger", "not json", "no answer", "a list", "no user"],
)
def test_a_forged_passkey_lets_nobody_in(
    agora: Agora, browser: Client, kept: Any, wrong: str
) -> None:
    agora.person()
    sign_in(browser)
    key = Passkey()
    add_passkey(browser, kept, key, passwordless="1")
    other = Client(headers={"host": "localhost"})
    asked = other.get("/console/login/passkey", headers={"accept": "application/json"})
    forged = passkey_answers(key, asked.json()["request_options"])[wrong]
    answer = other.post("/console/login/passkey", {"credential": forged})
    assert answer["Location"] == "/console/login"
    assert not is_in(other)
    assert 'role="alert"' in page(other, "/console/login")


def test_an_answer_of_a_passkey_works_once(agora: Agora, browser: Client, kept: Any) -> None:
    agora.person()
    sign_in(browser)
    key = Passkey()
    add_passkey(browser, kept, key, passwordless="1")
    other = Client(headers={"host": "localhost"})
    asked = other.get("/console/login/passkey", headers={"accept": "application/json"})
    answer = key.sign_in(asked.json()["request_options"])
    other.post("/console/login/passkey", {"credential": answer})
    assert is_in(other)
    other.post("/console/logout")
    other.post("/console/login/passkey", {"credential": answer})
    assert not is_in(other)


def test_the_passkey_of_a_closed_account_lets_nobody_in(
    agora: Agora, browser: Client, kept: Any
) -> None:
    agora.person()
    sign_in(browser)
    key = Passkey()
    add_passkey(browser, kept, key, passwordless="1")
    User.objects.update(is_active=False)
    other = Client(headers={"host": "localhost"})
    asked = other.get("/console/login/passkey", headers={"accept": "application/json"})
    answer = key.sign_in(asked.json()["request_options"])
    assert other.post("/console/login/passkey", {"credential": answer})["Location"] == (
        "/console/login"
    )
    assert not is_in(other)


def test_a_link_is_one_factor_and_the_second_is_asked_for(
    agora: Agora, desk: Client, kept: Any
) -> None:
    add_app(desk, kept)
    user = User.objects.get()
    path = f"/console/login/once/{signin.once_token(user)}"
    other = Client()
    assert other.post(path)["Location"] == "/console/login/second"
    assert not is_in(other)
    assert Client().post(path).status_code == 410, "used up, though nobody is in yet"


def test_changing_factors_asks_again_who_it_is(agora: Agora, desk: Client, kept: Any) -> None:
    secret, _codes = add_app(desk, kept)
    other = Client()
    sign_in(other)
    other.post("/console/login/second", {"code": code_of(secret)})
    paths = ("app/remove", "passkeys/add", "codes/new")
    for path in paths:
        answer = other.get(f"{FACTORS}/{path}")
        assert answer["Location"].startswith("/console/account/confirm?"), path
    wrong = other.post(f"/console/account/confirm?next={FACTORS}/app/remove", {"password": "wrong"})
    assert "This password is not right." in wrong.content.decode()
    right = other.post(
        f"/console/account/confirm?next={FACTORS}/app/remove", {"password": PASSWORD}
    )
    assert right["Location"] == f"{FACTORS}/app/remove"
    assert other.get(f"{FACTORS}/app/remove").status_code == 200


def test_removing_the_last_factor_takes_the_codes_with_it(
    agora: Agora, desk: Client, kept: Any
) -> None:
    add_app(desk, kept)
    with kept():
        desk.post(f"{FACTORS}/app/remove")
    assert not Authenticator.objects.exists()
    assert sign_in(Client())["Location"] == HOME


def test_every_change_of_factors_is_recorded(agora: Agora, desk: Client, kept: Any) -> None:
    add_app(desk, kept)
    with kept():
        desk.post(f"{FACTORS}/app/remove")
    kinds = list(Record.objects.filter(kind__startswith="factor.").values_list("kind", flat=True))
    assert kinds.count("factor.added") == 2, "app and codes"
    assert kinds.count("factor.removed") == 2


@pytest.mark.parametrize("role", ["admin", "child_safety"])
def test_a_role_that_needs_a_factor_opens_nothing_before(
    agora: Agora, client: Client, monkeypatch: pytest.MonkeyPatch, kept: Any, role: str
) -> None:
    ask_all(agora, monkeypatch)
    agora.person("a.dmin", role=role)
    sign_in(client, "a.dmin")
    for path in ("/console/decisions", "/console/log", "/console/team", "/console/child-safety"):
        assert client.get(path)["Location"] == FACTORS
    assert "Your role needs a second factor" in page(client, FACTORS)
    add_app(client, kept)
    assert is_in(client)


def test_a_role_that_needs_none_is_asked_for_none(
    agora: Agora, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_all(agora, monkeypatch)
    agora.person()
    sign_in(client)
    assert is_in(client)


def test_an_operator_can_ask_everybody_or_nobody(
    agora: Agora, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    agora.person("m.roth", role="moderator")
    agora.person("a.dmin", role="admin")
    ask_all(agora, monkeypatch, "all")
    sign_in(client, "m.roth")
    assert not is_in(client)
    ask_all(agora, monkeypatch, "none")
    other = Client()
    sign_in(other, "a.dmin")
    assert is_in(other)


def test_a_lost_factor_is_reset_with_the_password_and_every_session(
    agora: Agora, desk: Client, kept: Any
) -> None:
    add_app(desk, kept)
    user = User.objects.get()
    factors.reset(agora.house, user.pk, by="command line")
    assert not is_in(desk)
    other = Client()
    assert sign_in(other).status_code == 403, "the old password alone lets nobody in"
    user.refresh_from_db()
    other.post(f"/console/login/once/{signin.once_token(user)}")
    assert other.get("/console/decisions")["Location"] == "/console/account"
    assert Record.objects.filter(kind="factor.reset").count() == 1


@pytest.mark.parametrize(
    "path",
    ["", "/app", "/app/remove", "/passkeys", "/passkeys/add", "/passkeys/1/remove", "/codes",
     "/codes/new", "/passkeys/1/name"],
)  # fmt: skip
def test_factors_are_for_who_is_signed_in(agora: Agora, client: Client, path: str) -> None:
    answer = client.get(FACTORS + path)
    assert answer["Location"].startswith("/console/login")


def test_nobody_touches_the_passkey_of_another(agora: Agora, browser: Client, kept: Any) -> None:
    agora.person()
    agora.person("m.roth")
    sign_in(browser)
    add_passkey(browser, kept, Passkey())
    number = Authenticator.objects.get(type="webauthn").pk
    other = Client(headers={"host": "localhost"})
    sign_in(other, "m.roth")
    for verb in ("remove", "name"):
        path = f"{FACTORS}/passkeys/{number}/{verb}"
        assert other.get(path).status_code == 404
        assert other.post(path, {"name": "mine"}).status_code == 404
    assert Authenticator.objects.filter(pk=number).exists()


def test_a_given_password_opens_no_factor_page(agora: Agora, client: Client) -> None:
    agora.person(must_change_password=True)
    sign_in(client)
    assert client.get(FACTORS)["Location"] == "/console/account"
    assert client.get(f"{FACTORS}/app")["Location"] == "/console/account"
