# SPDX-License-Identifier: Apache-2.0
"""A moderator in a browser, a site with one picture, and a case about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from tests.support import picture_case
from tests.support.people import Agora
from tests.support.pictures import encode, pattern
from tests.support.site import answer, site
from vigie.store.models import Case, User
from vigie.store.permissions import Role

PICTURE = encode(pattern(11, 800, 600))
JSON = {"Accept": "application/json"}


@dataclass
class Look:
    """A case with one picture, and the site that serves it."""

    agora: Agora
    user: User
    client: Client
    case: Case
    port: int
    asked: list[str] = field(default_factory=list)

    @property
    def at(self) -> str:
        """Address of the picture's blur."""
        return f"/console/cases/{self.case.pk}/pictures/0"


def sign_in(client: Client, user: User) -> None:
    """Sign in as people do."""
    form = {"name": user.username, "password": "correct horse battery staple"}
    assert client.post("/console/login", form).status_code == 302


@pytest.fixture
def moderator(agora: Agora, client: Client) -> User:
    """M. Roth, number 7, signed in with this test's browser."""
    user = agora.person("m.roth", role=Role.MODERATOR, number=7)
    sign_in(client, user)
    return user


@pytest.fixture
def place(agora: Agora, moderator: User, client: Client) -> Iterator[Look]:
    """A case whose picture a site on this machine serves."""
    with site(answer(PICTURE)) as (port, asked):
        picture_case.allow(agora, picture_case.HOST)
        case = picture_case.with_pictures(agora, f"http://{picture_case.HOST}:{port}/a.jpg")
        yield Look(agora, moderator, client, case, port, asked)


def ask(place: Look, clarity: str = "grey", reason: str = "context", **headers: str) -> Any:
    """Ask for a clear look as the page's script does; `Accept` as a browser without it."""
    form = {"look_reason": reason, "look_clarity": clarity}
    return place.client.post(f"{place.at}/look", form, headers=headers or JSON)
