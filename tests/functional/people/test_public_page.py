# SPDX-License-Identifier: Apache-2.0
"""The page on which the operator writes what the public is told."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.support.people import Agora
from vigie.store.models import Disclosure, RegisteredChange

PAGE = "/console/public"


@pytest.fixture
def legal(agora: Agora) -> Client:
    agora.person("l", role="legal")
    client = Client()
    client.post("/console/login", {"name": "l", "password": "correct horse battery staple"})
    return client


def test_a_text_is_published_once_however_often_it_is_sent(legal: Client) -> None:
    form = {"kind": "terms", "en": "Be kind.", "once": "t-terms"}
    assert legal.post(PAGE, form).status_code == 302
    legal.post(PAGE, form)
    assert Disclosure.objects.get().texts == {"en": "Be kind."}
    assert "Version 1 of" in legal.get(PAGE).content.decode()


def test_what_was_typed_stays_where_it_is_refused(legal: Client) -> None:
    form = {"do": "change", "change": "safety", "title": "Calm", "digest": "no", "once": "t"}
    form |= {"version": "2", "asked_by": "product", "approver": "A", "second": "B", "risk": "Low."}
    refused = legal.post(PAGE, form)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert 'value="Calm"' in page
    assert "64 lower-case" in page
    assert 'value="product"' in page
    alone = legal.post(PAGE, form | {"digest": "ab" * 32, "second": " a "})
    assert alone.status_code == 409
    assert "Two people approve it." in alone.content.decode()
    legal.post(PAGE, form | {"digest": "ab" * 32})
    row = RegisteredChange.objects.get()
    assert (row.title, row.approved_by, row.risk) == ("Calm", ["A", "B"], "Low.")


def test_a_moderator_does_not_speak_for_the_operator(agora: Agora) -> None:
    agora.person("m", role="moderator")
    client = Client()
    client.post("/console/login", {"name": "m", "password": "correct horse battery staple"})
    assert client.get(PAGE).status_code == 403
