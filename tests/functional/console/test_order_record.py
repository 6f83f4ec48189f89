# SPDX-License-Identifier: Apache-2.0
"""What came by post, mail or telephone is recorded at the desk; documents leave as files."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.order_papers import REMOVAL, as_pdf, filled
from tests.support.people import NOW, Agora
from vigie.core.clock import iso
from vigie.law import orders as forms
from vigie.store.models import Order, OrderChannel, OrderDocument, Record

pytestmark = pytest.mark.django_db
PAGE = "/console/orders/record/tco_removal_order_annex_i"


@pytest.fixture
def legal(agora: Agora, client: Client) -> Client:
    """A browser in which somebody of the legal role is signed in."""
    agora.person("l.moreau", "legal")
    client.post("/console/login", {"name": "l.moreau", "password": "correct horse battery staple"})
    return client


def test_every_form_can_be_chosen(legal: Client) -> None:
    page = legal.get("/console/orders/record").content.decode()
    for one in forms.received_here():
        assert f"/console/orders/record/{one.id}" in page


def test_a_letter_that_came_yesterday_is_recorded_with_its_time(legal: Client) -> None:
    came = NOW - 86_400_000
    form = {f"f-{name}": value for name, value in REMOVAL.items()}
    form["f-content_locations"] = "\n".join(REMOVAL["content_locations"])
    form["came_at"] = iso(came)[:16]
    answer = legal.post(PAGE, form, follow=True)
    order = Order.objects.get()
    assert (order.channel, order.received_at) == (OrderChannel.DESK, came)
    page = answer.content.decode()
    assert "O-1 is recorded" in page
    assert order.missing == []


def test_what_does_not_fit_keeps_what_was_typed(legal: Client) -> None:
    answer = legal.post(PAGE, {"f-reference": "FR-7", "came_at": "noon"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This is no time." in page
    assert 'value="FR-7"' in page
    assert not Order.objects.exists()


def test_only_who_recorded_it_sees_its_code(agora: Agora, legal: Client) -> None:
    legal.post(PAGE, {"f-reference": "FR-7"})
    Order.objects.update(recorded_by=agora.person("other", "legal"))
    answer = legal.get("/console/orders/1/recorded")
    assert answer.status_code == 302


def test_a_scan_is_filled_in_beside_its_words(legal: Client) -> None:
    scan = SimpleUploadedFile("scan.pdf", as_pdf("Remove https://agora.example/p/p-100"))
    legal.post(PAGE, {"documents": [scan]})
    page = legal.get("/console/orders/1/fields").content.decode()
    assert "https://agora.example/p/p-100" in page
    assert "This is missing." in page
    form = {f"f-{name}": value for name, value in filled("tco_removal_order_annex_i").items()}
    assert legal.post("/console/orders/1/fields", form).status_code == 302
    assert Order.objects.get().missing == []


def test_a_document_leaves_as_a_file_and_is_recorded(legal: Client) -> None:
    raw = as_pdf("a scan")
    legal.post(PAGE, {"documents": [SimpleUploadedFile("scan.pdf", raw)]})
    paper = OrderDocument.objects.get()
    address = f"/console/orders/1/documents/{paper.pk}"
    assert legal.get(address).status_code == 405
    answer = legal.post(address)
    assert answer.content == raw
    assert answer["Content-Type"] == "application/octet-stream"
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert Record.objects.filter(kind="order.opened").count() == 1
    assert legal.post(f"/console/orders/2/documents/{paper.pk}").status_code == 404


@pytest.mark.parametrize("role", ["moderator", "senior", "auditor", "policy_editor"])
def test_other_roles_record_nothing(agora: Agora, client: Client, role: str) -> None:
    agora.person("p", role)
    client.post("/console/login", {"name": "p", "password": "correct horse battery staple"})
    assert client.get("/console/orders/record").status_code == 403
    assert client.post(PAGE, {"f-reference": "1"}).status_code == 403
    assert not Order.objects.exists()
