# SPDX-License-Identifier: Apache-2.0
"""Who decided: a role number, with the account for that person and for who leads."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.support.people import Agora
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.webhooks import add_webhook
from vigie.store.models import User
from vigie.store.permissions import ROLES, Permission, Role

PASSWORD = "correct horse battery staple"


def decided(agora: Agora, name: str = "m.roth") -> tuple[User, int]:
    user = agora.person(name, role="moderator")
    User.objects.filter(pk=user.pk).update(number=7)
    asked = PersonDecision(
        on=agora.proposal(), verb=Verb.LEAVE, reason="quotes and refutes", user=user
    )
    return user, decide(agora.house, asked).number


def signed_in(client: Client, name: str) -> Client:
    client.post("/console/login", {"name": name, "password": PASSWORD})
    return client


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OFFICER}))
def test_a_record_says_the_number_and_the_account_to_who_leads(
    agora: Agora, client: Client, role: Role
) -> None:
    _user, number = decided(agora)
    agora.person("reader", role=role)
    signed_in(client, "reader")
    leads = {Permission.USER_MANAGE, Permission.QUALITY_READ} & set(ROLES[role])
    for path in (f"/console/decisions/{number}", "/console/decisions"):
        page = client.get(path).content.decode()
        assert "Moderator 7" in page
        assert ("m.roth" in page) == bool(leads), path


def test_one_s_own_account_stands_beside_one_s_number(agora: Agora, client: Client) -> None:
    _user, number = decided(agora)
    page = signed_in(client, "m.roth").get(f"/console/decisions/{number}").content.decode()
    assert "Moderator 7 (m.roth)" in page


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OFFICER}))
def test_only_who_may_decide_is_offered_to(agora: Agora, client: Client, role: Role) -> None:
    number = agora.proposal()
    agora.person("reader", role=role)
    signed_in(client, "reader")
    may = Permission.CASE_DECIDE in ROLES[role]
    for path in (f"/console/decisions/{number}", "/console/decisions", "/console/search?q="):
        page = client.get(path).content.decode()
        assert ("/decide" in page) <= may, path
    assert (
        "Decide this case" in client.get(f"/console/decisions/{number}").content.decode()
    ) == may


@pytest.mark.parametrize("told", [False, True])
def test_the_undo_says_nothing_leaves_where_nothing_does(
    agora: Agora, client: Client, told: bool
) -> None:
    if told:
        add_webhook(agora.house, "https://hooks.example.com/vigie")
    agora.person()
    signed_in(client, "c.vidal")
    number, other = agora.proposal(), agora.proposal("p-101")
    path = f"/console/decisions/{number}"
    form = {"action": "leave", "reason": "quotes and refutes", "once": "t", "expected": number}
    assert client.post(f"{path}/decide", form).status_code == 302
    for page in (path, f"/console/decisions/{other}/decide", "/console/decisions"):
        shown = client.get(page).content.decode()
        if page == path:
            shown = client.get(f"/console/decisions/{other + 1}").content.decode()
        assert ("so nobody is told" in shown) != told, page
        assert ("It takes effect at" in shown) == told, page
        assert ("on its way" in shown) == told, page
