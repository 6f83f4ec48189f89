# SPDX-License-Identifier: Apache-2.0
"""A whole server, set up as an operator does; people use it with a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from demo.day import POLICIES
from demo.gallery import Gallery
from demo.person import Person
from demo.platform import Platform, until
from demo.server import Server
from tests.e2e.conftest import free_port
from tests.e2e.people.conftest import axe as axe  # noqa: PLC0414 - the fixture


@dataclass(frozen=True)
class Installation:
    """A server that runs, the platform that uses it, and where its pictures are."""

    server: Server
    platform: Platform
    gallery: Gallery

    @property
    def base(self) -> str:
        return self.server.base

    def account(self, name: str, role: str) -> str:
        """Make an account; return the password that its person has chosen."""
        given = str(self.server.vigie("account", "create", name, "--role", role)["password"])
        with Person(self.base) as person:
            person.sign_in(name, given)
        return f"{given}-changed"

    def statement(self, decision_id: str) -> str:
        """Let the platform carry a decision out; return where its statement stands."""
        record = self.platform.record(decision_id)
        self.platform.confirm(decision_id, record["territories"])
        return str(self.platform.statement(decision_id)["url"])

    def prepared(self) -> None:
        """Wait until what was changed is in force at the door."""
        numbers: list[int] = []

        def look() -> bool:
            numbers.append(self.snapshot())
            return len(numbers) > 8 and len(set(numbers[-8:])) == 1

        until(look, "The new Snapshot")

    def snapshot(self) -> int:
        """Return the number of the Snapshot in force."""
        return int(json.loads(self.platform.public("/readyz"))["snapshot"])


@pytest.fixture(scope="session")
def vigie(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """`vigie init`, `vigie serve`, a key for the platform, its own policies live."""
    folder = tmp_path_factory.mktemp("stories") / "demo"
    with ExitStack() as stack:
        server = stack.enter_context(Server(folder, free_port(), VIGIE_UNDO_SECONDS="30"))
        scopes = ("--scope", "trusted", "--scope", "records")
        key = server.vigie("key", "create", "agora", *scopes)["key"]
        server.until_ready()
        platform = stack.enter_context(closing(Platform(server.base, key)))
        sources = [path.read_text(encoding="utf-8") for path in sorted(POLICIES.glob("*.yaml"))]
        live = {"policies": [{"source": one, "state": "live"} for one in sources]}
        answer = platform.ask("POST", "/api/v1/policies", json=live)
        assert [one["error"] for one in answer["results"]] == [None] * len(sources)
        made = Installation(server, platform, stack.enter_context(Gallery()))
        made.prepared()
        yield made


Open = Callable[..., Page]


@pytest.fixture
def window(browser: Browser) -> Iterator[Open]:
    """Opens windows, each of another person; a script's fault or a broken policy fails."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def note(said: Any) -> None:
        if "Content Security" in said.text or said.type == "warning":
            problems.append(said.text)

    def open_one(**given: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **given})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", note)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert problems == []


RECORDED = re.compile(r"Recorded:|is recorded")
"""What the next page says of a decision, while it can be undone."""


def sign_in(page: Page, base: str, name: str, password: str) -> None:
    """Sign in with the keyboard: the name has the first field, the rest is Tab and Enter."""
    page.goto(f"{base}/console/login")
    page.focus("#name")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/console/login" not in url)
