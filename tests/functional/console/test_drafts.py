# SPDX-License-Identifier: Apache-2.0
"""What was typed waits behind the sign-in, whichever cookie is gone; nothing is carried out."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from django.test import Client

from tests.support.people import Agora
from vigie.console import drafts
from vigie.store.models import DecisionRecord, DeskSession

PASSWORD = "correct horse battery staple"
TYPED = {
    "action": "disable",
    "territory": ["FR"],
    "ground": ["law:fr_denial"],
    "confirmed": ["fr_denial:x"],
    "facts": "what the post says in its own voice",
    "facts_fr": "ce que le message affirme",
    "reason": "a long and careful reason",
    "statement": "fr",
    "imminent": "1",
    "go": "1",
}


@pytest.fixture
def browser(agora: Agora) -> Client:
    """A browser that is refused without a token against forgery, as real ones are."""
    agora.person()
    client = Client(enforce_csrf_checks=True)
    sign_in(client)
    return client


def hidden(page: str, name: str) -> str:
    return str(re.findall(rf'name="{name}" value="([^"]+)"', page)[0])


def sign_in(client: Client, name: str = "c.vidal", asked: str = "") -> Any:
    token = hidden(client.get("/console/login").content.decode(), "csrfmiddlewaretoken")
    form = {"name": name, "password": PASSWORD, "next": asked, "csrfmiddlewaretoken": token}
    return client.post("/console/login", form)


def fill(client: Client, path: str, typed: dict[str, Any]) -> dict[str, Any]:
    page = client.get(path).content.decode()
    ours = {name: hidden(page, name) for name in ("csrfmiddlewaretoken", "writer")}
    return ours | typed


def session_gone(client: Client) -> None:
    del client.cookies["vigie-session"]


def ended_elsewhere(_client: Client) -> None:
    DeskSession.objects.all().delete()


def all_gone(client: Client) -> None:
    client.cookies.clear()


@pytest.mark.parametrize("lose", [session_gone, ended_elsewhere, all_gone])
def test_a_whole_decision_waits_behind_the_sign_in(
    agora: Agora, browser: Client, lose: Any
) -> None:
    path = f"/console/decisions/{agora.proposal()}/decide"
    form = fill(browser, path, TYPED)
    before = DecisionRecord.objects.count()
    lose(browser)
    answer = browser.post(path, form)
    assert answer.status_code == 302
    where = urlsplit(answer["Location"])
    assert where.path == "/console/login"
    assert parse_qs(where.query) == {"next": [path], "ended": ["1"]}, "no word in the address"
    assert "no-store" in answer["Cache-Control"]
    said = browser.get(answer["Location"]).content.decode()
    assert "Nothing that you wrote was sent or lost." in said
    assert "careful" not in said
    assert DecisionRecord.objects.count() == before
    assert sign_in(browser, asked=path)["Location"] == path
    page = browser.get(path).content.decode()
    for words in ("a long and careful reason", TYPED["facts"], TYPED["facts_fr"]):
        assert f">{words}</textarea>" in page
    assert re.search(r'id="action-disable"[^>]* checked', page)
    assert re.search(r'name="territory" value="FR"[^>]* checked', page)
    assert not re.search(r'name="territory" value="DE"[^>]* checked', page)
    assert re.search(r'id="imminent"[^>]* checked', page)
    assert 'name="statement" value="fr"' in page
    assert "What you wrote is here again. Nothing was decided." in page
    assert DecisionRecord.objects.count() == before
    assert "a long and careful reason" not in browser.get(path).content.decode(), "once"


def test_a_form_whose_token_was_replaced_by_a_second_sign_in_comes_back_whole(
    agora: Agora, browser: Client
) -> None:
    path = f"/console/decisions/{agora.proposal()}/decide"
    form = fill(browser, path, TYPED)
    sign_in(browser)
    answer = browser.post(path, form)
    assert answer["Location"] == path
    assert "a long and careful reason" in browser.get(path).content.decode()


def test_another_person_does_not_get_the_words(agora: Agora, browser: Client) -> None:
    path = f"/console/decisions/{agora.proposal()}/decide"
    form = fill(browser, path, TYPED)
    agora.person("m.roth")
    all_gone(browser)
    browser.post(path, form)
    sign_in(browser, "m.roth")
    assert "a long and careful reason" not in browser.get(path).content.decode()


@pytest.mark.parametrize(
    ("writer", "headers"),
    [
        ("", {}),
        (signing.dumps([1, "/console/"], salt="another"), {}),
        (None, {"Origin": "https://evil.example"}),
        (None, {"Sec-Fetch-Site": "cross-site"}),
    ],
    # A signed value holds the time: every worker would name the test otherwise.
    ids=["nobody", "another", "origin", "site"],
)
def test_nothing_of_a_stranger_is_kept(
    agora: Agora, browser: Client, writer: str | None, headers: dict[str, str]
) -> None:
    path = f"/console/decisions/{agora.proposal()}/decide"
    form = fill(browser, path, TYPED)
    all_gone(browser)
    DeskSession.objects.all().delete()
    form |= {} if writer is None else {"writer": writer}
    answer = browser.post(path, form, headers=headers)
    assert answer.status_code == 403
    assert DeskSession.objects.count() == 0
    assert "vigie-session" not in answer.cookies


def test_a_form_older_than_a_day_is_refused(
    agora: Agora, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/console/decisions/{agora.proposal()}/decide"
    form = fill(browser, path, TYPED)
    all_gone(browser)
    monkeypatch.setattr(drafts, "YOUNG_SECONDS", -1)
    assert browser.post(path, form).status_code == 403


def test_too_much_is_cut_and_passwords_are_never_kept(
    agora: Agora, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/console/decisions/{agora.proposal()}/decide"
    form = fill(browser, path, TYPED | {"password": "secret", "zz": "x" * 130_000})
    session_gone(browser)
    browser.post(path, form)
    [row] = [one for one in DeskSession.objects.all() if "draft" in one.get_decoded()]
    names = {name for name, _value in row.get_decoded()["draft"]["words"]}
    assert "reason" in names
    assert not names & {"password", "zz", "csrfmiddlewaretoken", "writer"}


def test_the_text_of_a_policy_waits_too(agora: Agora, browser: Client) -> None:
    agora.person("p.editor", role="policy_editor")
    sign_in(browser, "p.editor")
    path = "/console/policies/new"
    form = fill(browser, path, {"source": "id: half/a-policy\n", "state": "live"})
    all_gone(browser)
    assert "next=%2Fconsole%2Fpolicies%2Fnew" in browser.post(path, form)["Location"]
    sign_in(browser, "p.editor")
    assert "id: half/a-policy" in browser.get(path).content.decode()


def test_the_page_names_the_forms_that_were_carried_out(agora: Agora, desk: Client) -> None:
    """By them script knows when words that were typed are needed no more."""
    path = f"/console/decisions/{agora.proposal()}/decide"
    page = desk.get(path).content.decode()
    token = hidden(page, "once")
    assert token not in re.findall(r'data-used="([^"]*)"', page)[0]
    form = {"action": "leave", "reason": "allowed satire", "once": token}
    form |= {"expected": hidden(page, "expected")}
    assert desk.post(path, form).status_code == 302
    after = desk.get("/console/overview").content.decode()
    assert token in re.findall(r'data-used="([^"]*)"', after)[0]
