# SPDX-License-Identifier: Apache-2.0
"""The team page: accounts made, changed and closed; nobody becomes an administrator alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests.support.people import Agora
from vigie.flow.queues import first
from vigie.store.models import (
    Case,
    CaseEvent,
    QueueMember,
    Record,
    ReviewQueue,
    SecondPersonRequest,
    User,
)
from vigie.store.permissions import ROLES, Permission, Role

PASSWORD = "correct horse battery staple"


@pytest.fixture
def boss(agora: Agora) -> Client:
    """A browser in which A. Berger, an administrator, is signed in."""
    agora.person("a.berger", role="admin")
    return signed_in("a.berger")


def signed_in(name: str) -> Client:
    client = Client()
    client.post("/console/login", {"name": name, "password": PASSWORD})
    return client


def change(client: Client, user: User, do: str, **more: Any) -> Any:
    return client.post(f"/console/team/{user.pk}/change", {"do": do, **more})


def text(answer: Any) -> str:
    found: str = answer.content.decode()
    return found


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OFFICER}))
def test_who_assigns_cases_sees_the_team_and_who_manages_people_changes_it(
    agora: Agora, role: Role
) -> None:
    other = agora.person("m.roth", role="moderator")
    agora.person("p", role=role)
    client = signed_in("p")
    sees = Permission.CASE_ASSIGN in ROLES[role]
    manages = Permission.USER_MANAGE in ROLES[role]
    assert client.get("/console/team").status_code == (200 if sees else 403)
    assert client.get(f"/console/team/{other.pk}").status_code == (200 if manages else 403)
    assert change(client, other, "close").status_code == (302 if manages else 403)
    other.refresh_from_db()
    assert other.is_active != manages
    made = client.post("/console/team", {"name": "n", "role": "moderator", "language": "en"})
    assert made.status_code == (200 if manages else 403)
    assert User.objects.filter(username="n").exists() == manages


def test_a_new_account_gets_a_link_that_lets_in_once(boss: Client) -> None:
    answer = boss.post("/console/team", {"name": "Mara", "role": "senior", "language": "fr"})
    [link] = re.findall(r"http://127\.0\.0\.1:8000(/console/login/once/[^<]+)<", text(answer))
    user = User.objects.get(username="mara")
    assert (user.role, user.language, user.number, user.must_change_password) == (
        "senior",
        "fr",
        1,
        True,
    )
    client = Client()
    assert client.post(link)["Location"].startswith("/console/")
    assert client.get("/console/decisions")["Location"] == "/console/account"
    assert link not in text(boss.get("/console/team"))


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": ""}, 422),
        ({"name": "x" * 65}, 422),
        ({"name": "a\u202eb"}, 422),
        ({"name": "A.Berger"}, 409),
        ({"role": "owner"}, 422),
        ({"language": "xx"}, 422),
        ({"role": "admin"}, 403),
    ],
)
def test_an_account_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    boss: Client, fields: dict[str, str], status: int
) -> None:
    given = {"name": "mara", "role": "moderator", "language": "en", **fields}
    answer = boss.post("/console/team", given)
    assert answer.status_code == status
    assert "Nothing was changed." in text(answer)
    assert User.objects.count() == 1


def test_names_are_text(boss: Client) -> None:
    boss.post("/console/team", {"name": "<b>x</b>", "role": "moderator", "language": "en"})
    assert "<b>x</b>" not in text(boss.get("/console/team"))


def test_a_role_is_changed_at_once_and_recorded(agora: Agora, boss: Client) -> None:
    user = agora.person("m.roth", role="moderator")
    change(boss, user, "role", role="senior")
    user.refresh_from_db()
    assert user.role == "senior"
    assert Record.objects.filter(kind="account.changed").count() == 1


def test_an_administrator_is_made_by_two(agora: Agora, boss: Client) -> None:
    user = agora.person("m.roth", role="moderator")
    alone = change(boss, user, "role", role="admin", reason="holiday cover")
    assert alone.status_code == 403
    assert "vigie account role" in text(alone)
    agora.person("b.azar", role="admin")
    answer = change(boss, user, "role", role="admin", reason="holiday cover")
    assert "Another administrator must confirm it" in text(answer)
    user.refresh_from_db()
    assert user.role == "moderator"
    [asked] = SecondPersonRequest.objects.all()
    path = f"/console/second/{asked.pk}"
    assert boss.post(path, {"do": "confirm"}).status_code == 403, "never one's own"
    other = signed_in("b.azar")
    assert "Make m.roth an administrator." in text(other.get("/console/second"))
    assert other.post(path, {"do": "confirm"}).status_code == 302
    user.refresh_from_db()
    assert user.role == "admin"
    assert other.post(path, {"do": "confirm"}).status_code == 409, "once"


def test_an_administrator_needs_a_reason(agora: Agora, boss: Client) -> None:
    agora.person("b.azar", role="admin")
    user = agora.person("m.roth", role="moderator")
    assert change(boss, user, "role", role="admin").status_code == 422
    assert not SecondPersonRequest.objects.exists()


def test_nobody_changes_or_closes_their_own_account(agora: Agora, boss: Client) -> None:
    agora.person("b.azar", role="admin")
    me = User.objects.get(username="a.berger")
    assert change(boss, me, "role", role="moderator").status_code == 403
    assert change(boss, me, "close").status_code == 403
    assert boss.get("/console/team").status_code == 200


def test_a_closed_account_is_out_at_once_and_its_cases_go_back(agora: Agora, boss: Client) -> None:
    user = agora.person("m.roth", role="moderator")
    agora.proposal()
    Case.objects.update(claimed_by=user, claimed_until=agora.house.now() + 60_000, assigned_to=user)
    client = signed_in("m.roth")
    change(boss, user, "close")
    assert client.get("/console/decisions").status_code == 302
    case = Case.objects.get()
    assert (case.claimed_by, case.claimed_until, case.assigned_to) == (None, 0, None)
    assert CaseEvent.objects.filter(kind="released", user=user).count() == 1


def test_an_account_is_opened_again_by_a_link_alone(agora: Agora, boss: Client) -> None:
    user = agora.person("m.roth", role="moderator")
    change(boss, user, "close")
    answer = change(boss, user, "open")
    assert "/console/login/once/" in text(answer)
    client = signed_in("m.roth")
    assert client.get("/console/decisions").status_code == 302, "the old password is gone"


def test_a_reset_hands_out_a_link_and_is_not_for_administrators(agora: Agora, boss: Client) -> None:
    user = agora.person("m.roth", role="moderator")
    assert "/console/login/once/" in text(change(boss, user, "reset"))
    other = agora.person("b.azar", role="admin")
    answer = change(boss, other, "reset")
    assert answer.status_code == 403
    assert "vigie account reset-mfa" in text(answer)
    assert other.check_password(PASSWORD)


def test_all_sessions_of_somebody_can_be_ended(agora: Agora, boss: Client) -> None:
    user = agora.person("m.roth", role="moderator")
    client = signed_in("m.roth")
    change(boss, user, "sessions")
    assert client.get("/console/decisions").status_code == 302


def test_queues_and_categories_are_given_and_taken(agora: Agora, boss: Client) -> None:
    first.ensure()
    ReviewQueue.objects.update_or_create(
        slug="terror", defaults={"title": "Terror", "restricted": True}
    )
    user = agora.person("m.roth", role="moderator")
    change(boss, user, "queues", queue=["terror"])
    assert QueueMember.objects.get(user=user).queue.slug == "terror"
    assert "Terror" in text(boss.get("/console/team"))
    change(boss, user, "queues")
    assert not QueueMember.objects.filter(user=user).exists()
    change(boss, user, "barred", barred=["hate", "threat"])
    user.refresh_from_db()
    assert user.barred == ["hate", "threat"]
    assert change(boss, user, "barred", barred=["<b>"]).status_code == 422


@pytest.mark.parametrize("do", ["", "delete", "__init__"])
def test_an_unknown_act_does_nothing(agora: Agora, boss: Client, do: str) -> None:
    user = agora.person("m.roth", role="moderator")
    assert change(boss, user, do).status_code == 422


def test_an_account_that_is_not_there_is_not_found(boss: Client) -> None:
    assert boss.get("/console/team/999").status_code == 404


def test_changing_people_asks_again_who_it_is(
    agora: Agora, boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from allauth.account.internal.flows import reauthentication

    user = agora.person("m.roth", role="moderator")
    monkeypatch.setattr(reauthentication, "did_recently_reauthenticate", lambda _request: False)
    answer = change(boss, user, "close")
    assert answer["Location"].startswith("/console/account/confirm")
    user.refresh_from_db()
    assert user.is_active
