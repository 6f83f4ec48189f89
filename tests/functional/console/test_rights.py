# SPDX-License-Identifier: Apache-2.0
"""Role by page, generated from the addresses themselves (ASVS 8.2.1 to 8.3.1): deny by default."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.people import Agora
from vigie.console.urls import urlpatterns
from vigie.store.models import Case, User
from vigie.store.permissions import ROLES, Permission, Role

OPEN = {"login", "once", "logout"}
OWN = {"account", "language", "wishes", "end_sessions", "disconnect"}
ASKS = {
    "start": Permission.DECISION_READ,
    "overview": Permission.DECISION_READ,
    "policies": Permission.POLICY_READ,
    "log": Permission.PROOF_READ,
    "child": Permission.CHILD_READ,
    "decisions": Permission.DECISION_READ,
    "decision": Permission.DECISION_READ,
    "proof": Permission.PROOF_READ,
    "record": Permission.PROOF_READ,
    "decide": Permission.CASE_DECIDE,
    "lift": Permission.CASE_DECIDE,
    "confirm": Permission.CASE_DECIDE,
    "undo": Permission.CASE_DECIDE,
    "team": Permission.CASE_ASSIGN,
    "member": Permission.USER_MANAGE,
    "member_change": Permission.USER_MANAGE,
    "second": Permission.CASE_READ,
    "second_decide": Permission.CASE_READ,
    "queues": Permission.CASE_READ,
    "queues_manage": Permission.QUEUE_MANAGE,
    "queue_leave": Permission.CASE_DECIDE,
    "preferences": Permission.CASE_DECIDE,
    "next": Permission.CASE_DECIDE,
    "case_claim": Permission.CASE_DECIDE,
    "case_release": Permission.CASE_DECIDE,
    "case_skip": Permission.CASE_DECIDE,
    "case_escalate": Permission.CASE_DECIDE,
    "case_leave": Permission.CASE_DECIDE,
    "case_assign": Permission.CASE_ASSIGN,
    "case_watch": Permission.CASE_READ,
    "settings": Permission.SETTING_MANAGE,
    "quality": Permission.QUALITY_READ,
    "shift": Permission.CASE_DECIDE,
    "own_figures": Permission.CASE_DECIDE,
    "shift_grant": Permission.CASE_ASSIGN,
}
ELSEWHERE = {
    "picture", "picture_page", "picture_look", "picture_clear", "sealed_file", "sealed_open",
}  # fmt: skip
"""Addresses that need a picture or a file: `tests/functional/care/test_rights_to_look.py`."""
PEOPLE = {"shift_grant", "member", "member_change", "second_decide"}
"""Pages about a person or a request."""
NAMES = sorted(str(pattern.name) for pattern in urlpatterns)


def address(name: str, number: int) -> str:
    """The address of a page, about an ordinary decision."""
    if name == "once":
        return reverse("console:once", args=["x"])
    if name in PEOPLE:
        person = User.objects.first()
        return reverse(f"console:{name}", args=[person.pk if person else 1])
    if name.startswith("case_"):
        return reverse(f"console:{name}", args=[Case.objects.get(decision=number).pk])
    if name == "queue_leave":
        return reverse("console:queue_leave", args=["general"])
    numbered = name in {"decision", "proof", "record", "decide", "lift", "confirm", "undo"}
    return reverse(f"console:{name}", args=[number] if numbered else [])


def test_every_address_says_what_it_asks_for() -> None:
    assert set(NAMES) == OPEN | OWN | ELSEWHERE | set(ASKS)


@pytest.mark.parametrize("name", sorted(OWN | set(ASKS)))
def test_nobody_gets_in_without_signing_in(agora: Agora, client: Client, name: str) -> None:
    answer = client.get(address(name, agora.proposal()))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/console/login")


@pytest.mark.parametrize("role", sorted(Role))
@pytest.mark.parametrize("name", sorted(ASKS))
def test_a_role_opens_what_its_bundle_holds_and_nothing_else(
    agora: Agora, client: Client, role: Role, name: str
) -> None:
    number = agora.proposal()
    agora.publish()
    agora.person("p", role=role)
    client.post("/console/login", {"name": "p", "password": "correct horse battery staple"})
    answer = client.get(address(name, number))
    if ASKS[name] in ROLES[role]:
        assert answer.status_code in {200, 302, 405}
        assert not answer.get("Location", "").startswith("/console/login")
    else:
        assert answer.status_code == 403


@pytest.mark.parametrize("name", ["decision", "proof", "record", "decide", "lift", "undo"])
def test_a_decision_of_class_child_is_no_object_for_a_moderator(
    agora: Agora, client: Client, name: str
) -> None:
    number = agora.removal()
    agora.person("p", role=Role.MODERATOR)
    client.post("/console/login", {"name": "p", "password": "correct horse battery staple"})
    assert client.get(address(name, number)).status_code == 404


def test_an_unknown_role_opens_nothing(agora: Agora, client: Client) -> None:
    agora.person("p", role="owner")
    client.post("/console/login", {"name": "p", "password": "correct horse battery staple"})
    assert client.get("/console/decisions").status_code == 403
