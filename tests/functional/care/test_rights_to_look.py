# SPDX-License-Identifier: Apache-2.0
"""Role by address, for everything that shows a picture or a file: deny by default."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from tests.functional.care.conftest import PICTURE, Look, ask, sign_in
from tests.support.queues import notice
from vigie.flow import sealed
from vigie.store.permissions import ROLES, Permission, Role

ASKS = {
    "picture": Permission.CONTENT_READ,
    "picture_page": Permission.CONTENT_READ,
    "picture_look": Permission.CONTENT_LOOK,
    "picture_clear": Permission.CONTENT_LOOK,
    "sealed_file": Permission.CONTENT_LOOK,
    "sealed_open": Permission.CONTENT_LOOK,
}


def answer(place: Look, client: Client, name: str) -> int:
    """Open an address as its page does; return the status."""
    if name.startswith("sealed"):
        about = notice(place.agora, place.case)
        file = sealed.seal(place.agora.house, PICTURE, "a.jpg", "image/jpeg", about)
        at = reverse(f"console:{name}", args=[file.pk])
        sent = client.post(at, {"look_reason": "notice"}) if name == "sealed_open" else None
        return (sent or client.get(at)).status_code
    if name in {"picture_look", "picture_clear"}:
        asked = ask(place)
        if name == "picture_look" or asked.status_code != 200:
            return int(asked.status_code)
        return client.get(json.loads(asked.content)["src"]).status_code
    return client.get(reverse(f"console:{name}", args=[place.case.pk, 0])).status_code


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OFFICER}))
@pytest.mark.parametrize("name", sorted(ASKS))
def test_a_role_sees_what_its_bundle_holds_and_nothing_else(
    place: Look, client: Client, role: Role, name: str
) -> None:
    client.logout()
    sign_in(client, place.agora.person("p", role=role))
    assert answer(place, client, name) == (200 if ASKS[name] in ROLES[role] else 403)


@pytest.mark.parametrize("name", sorted(ASKS))
def test_nobody_gets_in_without_signing_in(place: Look, client: Client, name: str) -> None:
    client.logout()
    assert answer(place, client, name) == 302
    assert place.asked == []
