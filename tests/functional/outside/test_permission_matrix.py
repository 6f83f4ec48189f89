# SPDX-License-Identifier: Apache-2.0
"""Role by address by method, walked from the program itself (ASVS 8.2.1): deny by default."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.forms import forms
from tests.support.rights import ANYONE, CONSOLE, NOBODY, PORTAL, SIGNED_IN, Address, Page, pages
from tests.support.world import World
from vigie.console.urls import urlpatterns
from vigie.store.permissions import ROLES, Permission, Role

ADDRESSES = pages()
OF_CONSOLE = [one for one in ADDRESSES if one.name in CONSOLE]
LOGIN = "/console/login"
HIDDEN = {
    "console:appeal",
    "console:intimate",
    "console:search_change",
    "console:second_decide",
}
"""What is somebody else's, or of a queue that is not theirs, does not exist for a person."""
CHANGES = ("INSERT", "UPDATE", "DELETE")
OF_SESSIONS = ("store_desksession", "store_ratebucket")


def test_every_address_of_the_program_stands_in_the_table() -> None:
    assert {one.name for one in ADDRESSES} == set(CONSOLE) | set(PORTAL)


def test_every_form_of_the_console_is_filled_in(world: World) -> None:
    wanted = {name for name, page in CONSOLE.items() if isinstance(page.send, Permission)}
    assert wanted <= set(forms(world))


@pytest.mark.parametrize("role", sorted(Role))
def test_a_role_opens_and_sends_what_its_bundle_holds_and_nothing_else(
    world: World, role: Role
) -> None:
    assert wrong_for(world, role) == []


def wrong_for(world: World, role: Role) -> list[tuple[str, str]]:
    """Ask for every address as somebody of a role; return what the table does not say."""
    client, filled = world.sign_in(role), forms(world)
    found = []
    for one in OF_CONSOLE:
        asks = CONSOLE[one.name]
        if isinstance(asks.look, Permission):
            held = asks.look in ROLES[role]
            found += _wrong(one, client.get(world.path(one)), let_in=held)
        if isinstance(asks.send, Permission):
            held, path = asks.send in ROLES[role], world.path(one)
            with taken_back() as seen:
                answer = client.post(path, filled[one.name])
            found += _wrong(one, answer, let_in=held)
            found += [] if held else [(one.name, text) for text in written(seen)]
    return found


@contextmanager
def taken_back() -> Iterator[CaptureQueriesContext]:
    """Leave nothing of what is done here; yields what was asked of the store."""
    with CaptureQueriesContext(connection) as seen, transaction.atomic():
        yield seen
        transaction.set_rollback(True)


def written(seen: CaptureQueriesContext) -> list[str]:
    """What a request changed, sessions and brakes apart."""
    texts = [query["sql"] for query in seen.captured_queries]
    return [
        text
        for text in texts
        if text.startswith(CHANGES) and not any(name in text for name in OF_SESSIONS)
    ]


def _wrong(one: Address, answer: Any, *, let_in: bool) -> list[tuple[str, str]]:
    """What an answer does that the table does not say."""
    said = f"{answer.wsgi_request.method} {answer.status_code} {answer.get('Location', '')}"
    refused = answer.status_code == 403 and b"Your role may not" in answer.content
    hidden = answer.status_code == 404 and one.name in HIDDEN
    found = answer.status_code != 404 or hidden
    fits = (found and not refused) if let_in else (refused or hidden)
    to_login = answer.get("Location", "").startswith(LOGIN)
    return [] if fits and not to_login and answer.status_code < 500 else [(one.name, said)]


def test_nobody_sees_or_sends_anything_without_signing_in(world: World) -> None:
    assert open_to_anyone(world) == []


def open_to_anyone(world: World) -> list[tuple[str, str]]:
    """Return the addresses that do not lead to signing in, and should."""
    found = []
    for one in OF_CONSOLE:
        for method, needed in zip(("get", "post"), CONSOLE[one.name], strict=True):
            if ANYONE in CONSOLE[one.name] and needed in {ANYONE, NOBODY}:
                continue
            with taken_back():
                answer = getattr(Client(), method)(world.path(one))
            if not answer.get("Location", "").startswith(LOGIN):
                found.append((one.name, f"{method} {answer.status_code}"))
    return found


def test_the_portal_asks_nobody_to_sign_in(world: World) -> None:
    for one in ADDRESSES:
        if one.name not in PORTAL:
            continue
        asks = PORTAL[one.name]
        for method, needed in (("get", asks.look), ("post", asks.send)):
            with taken_back():
                answer = getattr(Client(), method)(world.path(one))
            assert (answer.status_code == 405) is (needed is NOBODY), (one.name, method)
            assert answer.status_code < 500, one.name
            assert "/console/" not in answer.get("Location", ""), one.name


def test_what_is_not_served_is_refused_by_its_method(world: World) -> None:
    client = world.sign_in(Role.ADMIN)
    for one in OF_CONSOLE:
        asks = CONSOLE[one.name]
        refused = {403} if _not_admins(asks) else {405}
        if asks.look is NOBODY:
            assert client.get(world.path(one)).status_code in refused, one.name
        if asks.send is NOBODY:
            assert client.post(world.path(one)).status_code in refused, one.name
        if isinstance(asks.look, Permission):
            assert client.put(world.path(one)).status_code in {403, 405}, one.name


def _not_admins(asks: Page) -> bool:
    """Say whether the doorkeeper refuses an administrator before the method is looked at."""
    needed = asks.send if asks.look is NOBODY else asks.look
    return isinstance(needed, Permission) and needed not in ROLES[Role.ADMIN]


def test_signed_in_is_enough_for_ones_own_account(world: World) -> None:
    client = world.sign_in(Role.AUDITOR)
    for one in OF_CONSOLE:
        if CONSOLE[one.name].look is SIGNED_IN:
            assert client.get(world.path(one)).status_code in {200, 302, 404}, one.name


def test_an_unknown_role_opens_nothing(world: World) -> None:
    world.agora.person("nobody.knows", "owner")
    client = Client()
    client.post(LOGIN, {"name": "nobody.knows", "password": "correct horse battery staple"})
    for one in OF_CONSOLE:
        asks = CONSOLE[one.name]
        if isinstance(asks.look, Permission):
            assert client.get(world.path(one)).status_code == 403, one.name


def test_a_page_without_its_guard_would_be_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: one view loses its doorkeeper, and both walks notice."""
    [pattern] = [one for one in urlpatterns if one.name == "requests"]
    bare: Any = pattern.callback
    monkeypatch.setattr(pattern, "callback", bare.__wrapped__)
    assert "console:requests" in dict(open_to_anyone(world))
    assert "console:requests" in dict(wrong_for(world, Role.AUDITOR))
