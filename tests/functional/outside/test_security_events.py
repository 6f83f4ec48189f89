# SPDX-License-Identifier: Apache-2.0
"""What touches security leaves a line without names, words or addresses (ASVS 16.2.5, 16.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.test import Client
from structlog.testing import capture_logs

from tests.functional.outside.test_permission_matrix import taken_back
from tests.support.world import World
from vigie.logs import KEYS
from vigie.store.models import User
from vigie.store.permissions import Role
from vigie.web.limits import LIMITS

LEVEL = {"log_level"}


def events(lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return our own lines; those of libraries come too where a test before set logs up."""
    return [one for one in lines if one["event"] != "library_logged"]


def test_signing_in_and_failing_to_leave_a_line_each(world: World) -> None:
    user = User.objects.get(username="m.olsen")
    with capture_logs() as lines:
        world.sign_in(Role.SENIOR, "m.olsen")
        Client().post("/console/login", {"name": "m.olsen", "password": "wrong"})
        Client().post("/console/login", {"name": "nobody.here", "password": "wrong"})
    told = [(one["event"], one.get("account")) for one in events(lines)]
    assert told == [
        ("signed_in", user.pk),
        ("sign_in_refused", user.pk),
        ("sign_in_refused", None),
    ]
    assert all(set(one) - LEVEL <= KEYS for one in events(lines))
    assert "olsen" not in str(lines)
    assert "wrong" not in str(lines)


def test_who_is_refused_a_page_leaves_a_line(world: World) -> None:
    client = world.sign_in(Role.AUDITOR)
    with capture_logs() as lines, taken_back():
        client.get("/console/settings?secret=word")
        client.post(f"/console/team/{world.other.pk}/change", {"do": "close"})
    routes = [(one["event"], one["route"], one["method"]) for one in events(lines)]
    assert routes == [
        ("access_refused", "console/settings", "GET"),
        ("access_refused", "console/team/<int:account>/change", "POST"),
    ]
    assert all(one["account"] for one in events(lines))
    assert "word" not in str(lines)


def test_who_sends_too_much_leaves_a_line(world: World) -> None:
    with capture_logs() as lines:
        for _ in range(LIMITS["code"].most + 2):
            Client().post("/notice/status", {"code": "AAAA-AAAA-AAAA-AAAA-AAAA"})
    assert {(one["event"], one["route"]) for one in events(lines)} == {
        ("access_refused", "notice/status")
    }
    assert "AAAA" not in str(lines)
