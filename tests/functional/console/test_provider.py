# SPDX-License-Identifier: Apache-2.0
"""Sign-in at the operator's own provider: who is let in, and every token that is refused."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from tests.support.people import Agora
from tests.support.provider import CLIENT, SECRET, Provider, provider
from vigie.console import signin
from vigie.flow import house
from vigie.store.models import DeskSession, Record, User

PASSWORD = "correct horse battery staple"
CALLBACK = "/console/login/provider/callback"


@pytest.fixture
def there(agora: Agora, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Provider]:
    """A provider, and an installation that knows it."""
    file = tmp_path / "oidc-secret"
    file.write_text(SECRET + "\n", encoding="utf-8")
    with provider() as known:
        settings = dataclasses.replace(
            agora.settings,
            oidc_issuer=known.address,
            oidc_client_id=CLIENT,
            oidc_secret_file=str(file),
            oidc_name="Agora SSO",
        )
        made = dataclasses.replace(agora.house, settings=settings)
        monkeypatch.setattr(house, "current", lambda: made)
        yield known


def leads_to(answer: Any) -> str:
    """The address of the provider that a page leads to."""
    assert answer.status_code == 200
    [address] = re.findall(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.content.decode())
    return unescape(address)


def begin(client: Client, **more: str) -> str:
    return leads_to(client.post("/console/login/provider", more))


def come_back(client: Client, known: Provider, subject: str = "s-1", **more: str) -> Any:
    return client.get(CALLBACK, known.sign_in(begin(client, **more), subject))


@pytest.fixture
def connected(there: Provider, agora: Agora, client: Client) -> Provider:
    """C. Vidal has connected the account `s-1`."""
    agora.person()
    client.post("/console/login", {"name": "c.vidal", "password": PASSWORD})
    answer = come_back(client, there, connect="1")
    assert answer["Location"] == "/console/account"
    client.post("/console/logout")
    return there


def is_in(client: Client) -> bool:
    return client.get("/console/decisions").status_code == 200


def said(client: Client) -> str:
    return client.get("/console/login").content.decode()


def test_who_has_connected_an_account_signs_in_there(connected: Provider) -> None:
    client = Client()
    assert "Sign in at Agora SSO" in said(client)
    answer = come_back(client, connected, next="/console/log")
    assert answer["Location"] == "/console/log"
    assert is_in(client)


def test_what_is_asked_of_the_provider_is_as_little_as_can_be(connected: Provider) -> None:
    address = begin(Client())
    assert "scope=openid&" in address
    assert "code_challenge_method=S256" in address
    assert f"redirect_uri=http%3A%2F%2F127.0.0.1%3A8000{CALLBACK.replace('/', '%2F')}" in address
    more = Client().post("/console/login/provider?scope=admin&auth_params=prompt%3Dnone")
    assert "admin" not in leads_to(more)


def test_a_digest_of_issuer_and_subject_alone_is_kept(connected: Provider) -> None:
    row = SocialAccount.objects.get()
    assert row.uid == hashlib.sha256(f"{connected.address}\ns-1".encode()).hexdigest()
    assert row.extra_data == {"mfa": False}
    assert not SocialToken.objects.exists()
    sessions = [row.session_data for row in DeskSession.objects.all()]
    assert not [one for one in sessions if "access token" in one]


def test_a_stranger_is_told_what_to_do_and_no_account_is_made(connected: Provider) -> None:
    client = Client()
    answer = come_back(client, connected, subject="s-2")
    assert answer["Location"] == "/console/login"
    assert "No account here is connected to this one." in said(client)
    assert not is_in(client)
    assert User.objects.count() == 1


def test_the_same_subject_of_another_issuer_is_somebody_else(
    connected: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with provider() as other:
        known = house.current()
        settings = dataclasses.replace(known.settings, oidc_issuer=other.address)
        made = dataclasses.replace(known, settings=settings)
        monkeypatch.setattr(house, "current", lambda: made)
        client = Client()
        come_back(client, other)
        assert not is_in(client)


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


WRONG: dict[str, dict[str, Any]] = {
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "another audience": {"claims": {"aud": "somebody else"}},
    "another client": {"claims": {"aud": [CLIENT, "b"], "azp": "b"}},
    "another nonce": {"claims": {"nonce": "0" * 64}},
    "no nonce": {"claims": {"nonce": None}},
    "over": {"claims": {"exp": 1_000_000_000}},
    "from the future": {"claims": {"iat": int(time.time()) + 3_600}},
    "nobody": {"claims": {"sub": ""}},
    "a number": {"claims": {"sub": "s" * 300}},
    "a shared secret": {"algorithm": "HS256"},
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_token_that_does_not_hold_lets_nobody_in(connected: Provider, name: str) -> None:
    for key, value in WRONG[name].items():
        setattr(connected, key, value)
    client = Client()
    answer = come_back(client, connected)
    assert answer["Location"] == "/console/login"
    assert "Nothing was changed." in said(client)
    assert not is_in(client)


def test_a_token_signed_by_another_key_lets_nobody_in(connected: Provider) -> None:
    connected.sign_with = rsa_key()
    client = Client()
    come_back(client, connected)
    assert not is_in(client)


def test_metadata_of_another_issuer_lead_nowhere(connected: Provider) -> None:
    connected.metadata = {"issuer": "https://evil.example"}
    client = Client()
    answer = client.post("/console/login/provider")
    assert answer["Location"] == "/console/login"
    assert "does not answer as it should" in said(client)


def test_a_provider_that_is_away_leaves_the_other_ways_open(connected: Provider) -> None:
    connected.away = True
    client = Client()
    assert client.post("/console/login/provider")["Location"] == "/console/login"
    client.post("/console/login", {"name": "c.vidal", "password": PASSWORD})
    assert is_in(client)


def test_a_provider_that_goes_away_on_the_way_back_lets_nobody_in(connected: Provider) -> None:
    client = Client()
    back = connected.sign_in(begin(client), "s-1")
    connected.away = True
    assert client.get(CALLBACK, back)["Location"] == "/console/login"
    assert not is_in(client)


def test_an_answer_belongs_to_the_browser_that_asked(connected: Provider) -> None:
    asked, other = Client(), Client()
    back = connected.sign_in(begin(asked), "s-1")
    other.get(CALLBACK, back)
    assert not is_in(other)


def test_an_answer_is_taken_once(connected: Provider) -> None:
    client = Client()
    back = connected.sign_in(begin(client), "s-1")
    client.get(CALLBACK, back)
    assert is_in(client)
    client.post("/console/logout")
    client.get(CALLBACK, back)
    assert not is_in(client)


def test_who_refuses_there_is_told_that_nothing_happened(connected: Provider) -> None:
    client = Client()
    state = connected.sign_in(begin(client), "s-1")["state"]
    answer = client.get(CALLBACK, {"error": "access_denied", "state": state})
    assert answer["Location"] == "/console/login"
    assert "Nothing was changed." in said(client)


def test_the_way_back_from_the_provider_leads_nowhere_else(connected: Provider) -> None:
    answer = come_back(Client(), connected, next="https://evil.example/console/")
    assert answer["Location"] == "/console/"


def test_a_closed_account_is_not_let_in(connected: Provider) -> None:
    User.objects.update(is_active=False)
    client = Client()
    assert come_back(client, connected)["Location"] == "/console/login"
    assert not is_in(client)


def test_an_account_of_somebody_else_is_not_taken_over(connected: Provider, agora: Agora) -> None:
    agora.person("m.roth")
    client = Client()
    client.post("/console/login", {"name": "m.roth", "password": PASSWORD})
    come_back(client, connected, connect="1")
    assert SocialAccount.objects.get().user.username == "c.vidal"


def test_connecting_by_a_link_replaces_the_given_password(there: Provider, agora: Agora) -> None:
    user = agora.person(must_change_password=True)
    client = Client()
    client.post(f"/console/login/once/{signin.once_token(user)}")
    assert "Connect Agora SSO" in client.get("/console/account").content.decode()
    come_back(client, there, connect="1")
    assert is_in(client)
    user.refresh_from_db()
    assert not user.has_usable_password()
    assert not user.must_change_password
    assert Record.objects.filter(kind="factor.added").count() == 1


@pytest.mark.parametrize(("amr", "enough"), [(["pwd"], False), (["pwd", "mfa"], True)])
def test_two_factors_at_the_provider_are_two(
    connected: Provider, monkeypatch: pytest.MonkeyPatch, amr: list[str], enough: bool
) -> None:
    known = house.current()
    settings = dataclasses.replace(known.settings, require_mfa="all")
    made = dataclasses.replace(known, settings=settings)
    monkeypatch.setattr(house, "current", lambda: made)
    connected.claims = {"amr": amr}
    client = Client()
    come_back(client, connected)
    assert is_in(client) == enough


def test_two_factors_of_one_account_are_none_of_another(
    connected: Provider, agora: Agora, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = house.current()
    settings = dataclasses.replace(known.settings, require_mfa="all")
    made = dataclasses.replace(known, settings=settings)
    monkeypatch.setattr(house, "current", lambda: made)
    connected.claims = {"amr": ["mfa"]}
    agora.person("m.roth")
    client = Client()
    come_back(client, connected)
    assert is_in(client)
    client.post("/console/login", {"name": "m.roth", "password": PASSWORD})
    assert not is_in(client)


def test_without_a_provider_there_is_no_such_page(agora: Agora, client: Client) -> None:
    assert client.post("/console/login/provider").status_code == 404
    assert client.get(CALLBACK).status_code == 404


def test_a_secret_that_cannot_be_read_stops_the_way_there_alone(
    there: Provider, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    known = house.current()
    settings = dataclasses.replace(known.settings, oidc_secret_file="/nowhere/secret")
    made = dataclasses.replace(known, settings=settings)
    monkeypatch.setattr(house, "current", lambda: made)
    assert client.post("/console/login/provider").status_code == 503
    assert client.get("/console/login").status_code == 200


def test_who_has_a_factor_of_their_own_is_asked_for_it_too(connected: Provider) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(User.objects.get(), generate_totp_secret())
    client = Client()
    assert come_back(client, connected)["Location"] == "/console/login/second"
    assert client.get("/console/login/second").status_code == 200
    assert not is_in(client)
