# SPDX-License-Identifier: Apache-2.0
"""What holds for every address: headers, caches, tokens of forms (ASVS 3.4, 3.5, 4.1.1)."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from tests.functional.outside.test_permission_matrix import ADDRESSES, taken_back, written
from tests.support.forms import forms
from tests.support.rights import CONSOLE, NOBODY, PORTAL
from tests.support.world import PASSWORD, World
from vigie.store.permissions import Role

TABLE = CONSOLE | PORTAL
FRAMED = {"portal:withheld", "portal:withheld-data"}
"""Made to be framed by the platform; they hold no form and nothing personal."""
INLINE = re.compile(
    rb"(?i)<script(?![^>]*\s(?:src=|type=\"application/json\"))|<style|\sstyle=|\son[a-z]+=|javascript:"
)


def test_every_answer_carries_the_headers_and_no_script_of_its_own(world: World) -> None:
    client = world.sign_in(Role.ADMIN)
    for one in ADDRESSES:
        if TABLE[one.name].look is NOBODY:
            continue
        answer: Any = client.get(world.path(one))
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy, one.name
        assert "unsafe" not in policy, one.name
        assert answer["X-Content-Type-Options"] == "nosniff", one.name
        assert "no-store" in answer["Cache-Control"], one.name
        assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}, one.name
        if one.name not in FRAMED:
            assert "frame-ancestors 'none'" in policy, one.name
            assert answer["X-Frame-Options"] == "DENY", one.name
            assert "Access-Control-Allow-Origin" not in answer, one.name
        if answer["Content-Type"].startswith("text/"):
            assert "charset=utf-8" in answer["Content-Type"].lower(), one.name
        if answer["Content-Type"].startswith("text/html") and not answer.streaming:
            assert not INLINE.search(answer.content), one.name


def test_what_is_handed_out_as_a_file_says_so(world: World) -> None:
    client = world.sign_in(Role.ADMIN)
    for one in ADDRESSES:
        if TABLE[one.name].look is NOBODY or one.name in FRAMED:
            continue
        answer: Any = client.get(world.path(one), headers={"Accept": "text/html"})
        if answer.status_code == 200 and not answer["Content-Type"].startswith("text/html"):
            led = answer.get("Content-Disposition", "")
            assert led.startswith("attachment") or "sandbox" in answer["Content-Security-Policy"], (
                one.name
            )


def test_a_form_without_our_token_is_refused_everywhere(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = world.sign_in(Role.ADMIN).cookies
    filled = forms(world)
    for one in ADDRESSES:
        if TABLE[one.name].send is NOBODY:
            continue
        path = world.path(one)
        for more in ({}, {"csrfmiddlewaretoken": "x" * 64}):
            with taken_back() as asked:
                answer = strict.post(path, filled.get(one.name, {}) | more)
            assert (one.name, answer.status_code) == (one.name, 403)
            assert written(asked) == [], one.name


def test_looking_changes_nothing_that_a_link_from_elsewhere_could_want(world: World) -> None:
    """A page that is only looked at decides, sends and records nothing (ASVS 3.5.3)."""
    client = world.sign_in(Role.ADMIN)
    done = ("store_decisionrecord", "store_record", "store_outgoingtask", "store_user", "letter")
    for one in ADDRESSES:
        if TABLE[one.name].look is NOBODY:
            continue
        with taken_back() as asked:
            client.get(world.path(one))
        wrong = [text for text in written(asked) if any(f'"{name}"' in text for name in done)]
        assert wrong == [], one.name


def test_a_session_is_not_taken_over_by_its_address(world: World) -> None:
    client = Client()
    client.cookies["vigie-session"] = "chosen-by-somebody-else"
    client.post("/console/login", {"name": "m.olsen", "password": PASSWORD})
    assert client.cookies["vigie-session"].value != "chosen-by-somebody-else"
