# SPDX-License-Identifier: Apache-2.0
"""The bar of the console: the rooms of a role, and counts that stay cheap."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.support.people import Agora
from vigie.console import rooms
from vigie.store.models import OutgoingTask
from vigie.store.permissions import ROLES, Role

PASSWORD = "correct horse battery staple"


def bar_of(client: Client) -> str:
    page = client.get("/console/log").content.decode()
    [top] = re.findall(r'<header class="top">.*?</header>', page, re.DOTALL)
    return str(top)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OFFICER}))
def test_the_bar_shows_the_rooms_that_a_role_may_open(
    agora: Agora, client: Client, role: Role
) -> None:
    agora.person("p", role=role)
    client.post("/console/login", {"name": "p", "password": PASSWORD})
    bar = bar_of(client)
    for room in rooms.ROOMS:
        try:
            link = f'href="{reverse(f"console:{room.name}")}"'
        except NoReverseMatch:
            continue
        assert (link in bar) == (room.permission in ROLES[role]), room.name


def test_an_officer_without_a_search_has_no_bar(agora: Agora, client: Client) -> None:
    agora.person("p", role=Role.OFFICER)
    client.post("/console/login", {"name": "p", "password": PASSWORD})
    answer = client.get("/console/log")
    assert (answer.status_code, answer["Location"][:14]) == (302, "/console/login")


def test_every_room_of_the_bar_answers(agora: Agora, client: Client) -> None:
    agora.person("p", role=Role.ADMIN)
    client.post("/console/login", {"name": "p", "password": PASSWORD})
    agora.publish()
    for link in re.findall(r"<nav.*?</nav>", bar_of(client), re.DOTALL):
        for address in re.findall(r'href="([^"]+)"', link):
            assert client.get(address).status_code == 200, address


def test_a_room_without_an_address_is_left_out(
    agora: Agora, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = rooms.Room(name="no_such_room", permission=rooms.ROOMS[0].permission, title="x")  # type: ignore[arg-type]
    monkeypatch.setattr(rooms, "ROOMS", (*rooms.ROOMS, extra))
    names = [one.name for one in rooms.entries(agora.person(), more=False)]
    assert "queues" in names
    assert "no_such_room" not in names


def test_a_count_reads_a_thousand_rows_and_no_more(
    agora: Agora, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "CAP", 3)
    for number in range(6):
        OutgoingTask.objects.create(
            kind="webhook",
            state="dead",
            message_id=str(number),
            not_before=1,
            next_try=1,
            created_at=1,
        )
    assert rooms.capped(OutgoingTask.objects.all()) == 4
    assert rooms.capped(OutgoingTask.objects.filter(state="waiting")) == 0
    entry = rooms.Entry("dead_letters", "", "", rooms.capped(OutgoingTask.objects.all()), 3)
    assert (entry.shown, entry.capped) == (3, True)


def test_the_bar_asks_the_store_a_handful_of_times(
    agora: Agora, django_assert_max_num_queries: Any
) -> None:
    user = agora.person("p", role=Role.ADMIN)
    with django_assert_max_num_queries(8):
        rooms.entries(user, more=False)
        rooms.entries(user, more=True)


def test_nobody_sees_a_room_before_choosing_a_password(agora: Agora, client: Client) -> None:
    agora.person(must_change_password=True)
    client.post("/console/login", {"name": "c.vidal", "password": PASSWORD})
    assert "/console/decisions" not in client.get("/console/account").content.decode()
