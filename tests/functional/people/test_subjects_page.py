# SPDX-License-Identifier: Apache-2.0
"""The page that answers a person's request."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.test import Client

from tests.support.people import Agora
from vigie.store.models import Case, ItemContent

PAGE = "/console/subjects"
WHO = {"id": "a-9", "service": "agora"}


@pytest.fixture
def legal(agora: Agora) -> Client:
    agora.proposal("p-1")
    Case.objects.update(state="decided")
    return signed_in(agora, "legal")


def signed_in(agora: Agora, role: str) -> Client:
    agora.person("x", role=role)
    client = Client()
    client.post("/console/login", {"name": "x", "password": "correct horse battery staple"})
    return client


def send(client: Client, **more: str) -> Any:
    return client.post(PAGE, WHO | more)


def test_what_is_kept_is_counted_before_anything_is_done(legal: Client) -> None:
    page = send(legal, do="look").content.decode()
    assert "Download everything as ZIP" in page
    assert "items" in page
    assert ItemContent.objects.exists()


def test_the_package_is_handed_out_and_not_cached(legal: Client) -> None:
    answer = send(legal, do="export")
    assert answer["Cache-Control"] == "no-store"
    assert "a-9" not in answer["Content-Disposition"]
    assert "items.json" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()


def test_erasing_asks_for_the_identifier_twice(legal: Client) -> None:
    refused = send(legal, do="erase", again="a-8")
    assert refused.status_code == 422
    assert ItemContent.objects.exists()
    done = send(legal, do="erase", again="a-9").content.decode()
    assert "recorded as entry" in done
    assert not ItemContent.objects.exists()


def test_an_empty_identifier_names_the_field(legal: Client) -> None:
    page = legal.post(PAGE, {"id": " "})
    assert page.status_code == 422
    assert 'href="#id"' in page.content.decode()


def test_script_in_an_identifier_is_only_text(legal: Client) -> None:
    page = legal.post(PAGE, {"id": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in page


@pytest.mark.parametrize("role", ["moderator", "senior", "auditor", "policy_editor"])
def test_others_may_not_answer_requests(agora: Agora, role: str) -> None:
    client = signed_in(agora, role)
    assert client.get(PAGE).status_code == 403
