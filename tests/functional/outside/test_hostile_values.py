# SPDX-License-Identifier: Apache-2.0
"""No value in path, query, form or header makes a page fail: it answers, or says what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.functional.outside.test_permission_matrix import ADDRESSES, taken_back
from tests.support.forms import forms
from tests.support.rights import CONSOLE, NOBODY, PORTAL, Address
from tests.support.tree import ROOT
from tests.support.world import World
from vigie.store.permissions import Role

LONG = "a" * 5_000
WORDS = (
    "x\0y",
    "\ud800",
    "²",
    str(2**63),
    "1" + "0" * 30,
    "'; -- <script>alert(1)</script>{{ 7|add:7 }} %s {0} ../../etc/passwd \u202e\U0001f642",
    LONG,
)
NUMBERS = ("0", "999999999", str(2**31), str(2**63 - 1), str(2**63), "1" + "0" * 40)
TABLE = CONSOLE | PORTAL
LEAVES = {"console:logout"}
READ = re.compile(r"(?:GET|POST|given|post|data|query)\.(?:get|getlist)\(\s*\"(\w+)\"")


def names_read() -> list[str]:
    """Every name that a page reads from an address or a form."""
    found: set[str] = set()
    for room in ("console", "portal", "web"):
        for path in (ROOT / "src" / "vigie" / room).rglob("*.py"):
            found |= set(READ.findall(path.read_text(encoding="utf-8")))
    return sorted(found - {"lang", "next"})


NAMES = names_read()


def encoded(pairs: list[tuple[str, str]]) -> str:
    """Write a query or a form; half of a pair of code units is sent as its raw bytes."""
    return "&".join(f"{name}={_quoted(value)}" for name, value in pairs)


def _quoted(value: str) -> str:
    return quote(value.encode("utf-8", "surrogatepass"))


def browser(world: World) -> Client:
    """A browser of an administrator in which a failure is an answer, as in the program."""
    client = world.sign_in(Role.ADMIN)
    client.raise_request_exception = False
    return client


def paths_of(one: Address, world: World) -> Iterator[str]:
    """Yield the paths of an address with hostile values in the place of each argument."""
    known = one.pattern.pattern.converters
    usual = {key: value for key, value in world.args(one.name).items() if key in known}
    for name, converter in known.items():
        hostile = NUMBERS if converter.regex == "[0-9]+" else WORDS
        for value in hostile:
            try:
                yield reverse(one.name, kwargs=usual | {name: value})
            except (NoReverseMatch, UnicodeEncodeError):
                marked = reverse(one.name, kwargs=usual)
                yield marked.replace(quote(str(usual[name])), _quoted(value))


@pytest.fixture
def client_of(world: World) -> Client:
    """The administrator's browser."""
    return browser(world)


def test_the_names_that_pages_read_are_found() -> None:
    assert {"q", "before", "queue", "reason", "code", "expected", "grounds"} <= set(NAMES)


def test_no_path_makes_a_page_fail(world: World, client_of: Client) -> None:
    failed, asked = [], 0
    for one in ADDRESSES:
        page = TABLE[one.name]
        for path in paths_of(one, world):
            for method, needed in (("get", page.look), ("post", page.send)):
                if needed is NOBODY:
                    continue
                asked += 1
                with taken_back():
                    answer = getattr(client_of, method)(path)
                if answer.status_code >= 500:
                    failed.append((one.name, method, path[:120], answer.status_code))
    assert asked > 400
    assert failed == []


FEW = 3
"""So many in `make test`; all of them in `make test-e2e`."""
CASES = [
    pytest.param(word, id=ascii(word[:24]), marks=[] if number < FEW else [pytest.mark.whole])
    for number, word in enumerate(WORDS)
]


@pytest.mark.parametrize("word", CASES)
def test_no_query_makes_a_page_fail(world: World, client_of: Client, word: str) -> None:
    # A server takes lines of some thousand characters.
    query = encoded([(name, word[:400]) for name in NAMES])
    failed = []
    for one in ADDRESSES:
        if TABLE[one.name].look is NOBODY:
            continue
        path = world.path(one).partition("?")[0]
        with taken_back():
            answer: Any = client_of.get(f"{path}?{query}")
            body = b"".join(answer) if answer.streaming else answer.content
        if answer.status_code >= 500:
            failed.append((one.name, answer.status_code))
        assert b"<script>alert" not in body, one.name
    assert failed == []


@pytest.mark.parametrize("word", CASES)
def test_no_form_makes_a_page_fail(world: World, client_of: Client, word: str) -> None:
    filled, failed = forms(world), []
    for one in ADDRESSES:
        if TABLE[one.name].send is NOBODY or one.name in LEAVES:
            continue
        usual = {name: value for name, value in filled.get(one.name, {}).items() if name == "do"}
        for kept in ({}, usual):
            if kept is usual and not usual:
                continue
            pairs = [*kept.items(), *((name, word) for name in NAMES if name not in kept)]
            with taken_back():
                answer: Any = client_of.post(
                    world.path(one).partition("?")[0],
                    encoded(pairs),
                    content_type="application/x-www-form-urlencoded",
                )
            if answer.status_code >= 500:
                failed.append((one.name, dict(kept), answer.status_code))
            assert b"<script>alert" not in answer.content, one.name
    assert failed == []


@pytest.mark.parametrize(
    "name", ["Accept", "Accept-Language", "Cookie", "User-Agent", "HX-Request"]
)
def test_no_header_makes_a_page_fail(world: World, name: str) -> None:
    for word in ("\x7f", "é" * 10, "x" * 4_000, "q=1;" * 200, "<script>"):
        client = Client(raise_request_exception=False)
        for path in ("/", "/notice/what", "/console/login", "/api/v1/decisions"):
            assert client.get(path, headers={name: word}).status_code < 500, (path, word)


def test_a_page_that_fails_would_be_found(
    world: World, client_of: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    [one] = [one for one in ADDRESSES if one.name == "console:notice"]

    def broken(*_: Any, **__: Any) -> Any:
        raise OverflowError

    monkeypatch.setattr(one.pattern, "callback", broken)
    assert client_of.get(world.path(one)).status_code == 500
