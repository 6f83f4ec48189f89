# SPDX-License-Identifier: Apache-2.0
"""HTML and script typed into every field come back as text, wherever shown (ASVS 1.2.1)."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client

from tests.functional.outside.test_permission_matrix import ADDRESSES
from tests.support.forms import forms
from tests.support.mail import mail_server
from tests.support.page_forms import PageForm, forms_of
from tests.support.rights import CONSOLE, NOBODY, PORTAL
from tests.support.world import POLICY, World
from vigie.flow.deliver import deliver_mail
from vigie.flow.queues.route import route
from vigie.flow.search.index import tag
from vigie.flow.statements import address_of
from vigie.store.models import ApiKey, DecisionRecord, Notice, Statement
from vigie.store.permissions import Role

EVIL = "</textarea><b id=evil>\"'&{{ 7 }}</b><img src=x onerror=alert(1)> \u202eאב \U0001f642"
RAW = ("<b id=evil", "<img src=x", "onerror=alert(1)>")
SHOWN = escape("<b id=evil>")
TABLE = CONSOLE | PORTAL
LEFT_OUT = ("/console/logout", "/console/login", "/console/account")
"""Forms that end or change the session of who fills them in; their words are shown nowhere."""


class Browser:
    """Sends forms, and looks at every answer."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.shown: set[str] = set()
        self.fields: set[tuple[str, str]] = set()

    def look(self, path: str) -> str:
        """Return a page; nothing typed may stand in it as markup."""
        return self._checked(path, self.client.get(path))

    def send(self, here: str, form: PageForm, words: str) -> None:
        """Send a form with words in every field, by each of its buttons."""
        path = urljoin(here, form.action or here)
        if urlsplit(path).path.startswith(LEFT_OUT):
            return
        self.fields |= {(urlsplit(path).path, one.name) for one in form.fields if one.typed}
        for filled in form.filled(words):
            sent = self.client.post if form.method == "post" else self.client.get
            self._checked(path, sent(path, filled))

    def _checked(self, path: str, answer: Any) -> str:
        assert answer.status_code < 500, path
        body = b"".join(answer) if answer.streaming else answer.content
        text = str(body.decode("utf-8", "replace"))
        if answer["Content-Type"].startswith("text/html"):
            for raw in RAW:
                assert raw not in text, (path, text[max(0, text.find(raw) - 200) :][:300])
            self.shown |= {path} if SHOWN in text else set()
        return text


def hostile(world: World) -> None:
    """Let the platform, an author, a notifier and an operator say it in everything they send."""
    agora = world.agora
    agora.proposal(EVIL, EVIL, service=EVIL[:60], author=EVIL, links=[f"https://x.example/{EVIL}"])
    client = Client()
    for step, fields in {
        "what": {"category": "hate"},
        "where": {"location": [f"https://agora.example/p/{EVIL}".replace(" ", "")]},
        "why": {"kind": "illegal", "explanation": EVIL},
        "you": {"name": EVIL, "email": "evil@example.org"},
        "send": {"good_faith": "1"},
    }.items():
        assert client.post(f"/notice/{step}", fields).status_code == 302, step
    route(agora.house)
    tag(agora.house, 100)
    ApiKey.objects.create(name=EVIL[:60], digest="0" * 64, created_at=agora.house.now())


def paths(world: World) -> list[str]:
    """Every page, and those about what was said."""
    found = [world.path(one) for one in ADDRESSES if TABLE[one.name].look is not NOBODY]
    said = DecisionRecord.objects.get(item_id=EVIL)
    notice = Notice.objects.get(name=EVIL)
    other = Statement.objects.exclude(decision=world.decided).exclude(token_digest="").first()
    assert other is not None
    return [
        *found,
        address_of(world.agora.house, other).removeprefix(world.agora.settings.base_url),
        f"/console/decisions/{said.number}",
        f"/console/decisions/{said.number}/decide",
        f"/console/decisions/{said.number}/decide?mask=1",
        f"/console/authors/{said.author}",
        f"/console/notices/{notice.number}",
        "/console/search?q=at+>%3D+-7d",
        "/console/search?target=items&q=at+>%3D+-7d",
        "/console/search?target=authors&q=at+>%3D+-7d",
    ]


def test_nothing_typed_anywhere_is_ever_markup(world: World) -> None:
    hostile(world)
    desk = Browser(world.sign_in(Role.ADMIN))
    pages = paths(world)
    for path in pages:
        for form in forms_of(desk.look(path)):
            desk.send(path, form, EVIL)
    source = POLICY.replace("Insults", f"'{EVIL.replace(chr(39), '')}'")
    policy = forms(world)["console:policy_edit"] | {"source": source.replace("n: 1", "n: 7", 1)}
    desk.client.post("/console/policies/insult/edit", policy)
    for path in pages:
        desk.look(path)
    portal = Browser(Client())
    for path in pages:
        if path.startswith("/console"):
            continue
        for form in forms_of(portal.look(path)):
            portal.send(path, form, EVIL)
    assert ("/s/", "grounds") in {(path[:3], name) for path, name in portal.fields}
    assert len(desk.fields) > 40
    assert len(desk.shown) > 15, sorted(desk.shown)
    assert len(portal.fields) > 5


def test_markup_that_is_not_escaped_would_be_found() -> None:
    class Broken:
        status_code, streaming = 200, False
        content = f"<p>{EVIL}</p>".encode()

        def __getitem__(self, _name: str) -> str:
            return "text/html"

    browser = Browser(Client())
    try:
        browser._checked("/x", Broken())
    except AssertionError:
        return
    raise AssertionError


def test_mails_are_plain_text_and_hold_no_header_that_somebody_typed(world: World) -> None:
    hostile(world)
    house = world.agora.house
    with mail_server() as (port, kept):
        settings = replace(
            house.settings, mail_url=f"smtp://127.0.0.1:{port}", mail_from="v@agora.example"
        )
        while deliver_mail(replace(house, settings=settings)).delivered:
            pass
    assert len(kept.mails) >= 3
    for one in kept.mails:
        assert one.get_content_type() == "text/plain"
        assert not one.is_multipart()
        assert "evil>" not in str(one["Subject"])
        assert one.get_all("To", []) == [str(one["To"])]
