# SPDX-License-Identifier: Apache-2.0
"""The form for authorities: choose, fill in, send, receipt; nothing needs a script."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.order_papers import ADDRESS, REMOVAL, as_xml, filled
from tests.support.people import Agora
from vigie.flow.orders.receive import code_of
from vigie.law import orders as forms
from vigie.store.models import Order, OrderChannel

pytestmark = pytest.mark.django_db
PAGE = "/authorities/tco_removal_order_annex_i"


def typed(values: dict[str, Any]) -> dict[str, Any]:
    """Return values as the page's form sends them."""
    return {
        f"f-{name}": "\n".join(value) if name == "content_locations" else value
        for name, value in values.items()
    }


def test_every_form_can_be_chosen_in_three_languages(agora: Agora, client: Client) -> None:
    for language in forms.LANGUAGES:
        page = client.get("/authorities", {"lang": language}).content.decode()
        for one in forms.received_here():
            assert f'href="/authorities/{one.id}"' in page


@pytest.mark.parametrize("form", [one.id for one in forms.received_here()])
def test_every_form_shows_its_fields_in_each_language(
    agora: Agora, client: Client, form: str
) -> None:
    for language in forms.LANGUAGES:
        page = client.get(f"/authorities/{form}", {"lang": language}, follow=True).content.decode()
        for one in forms.load()[form].fields:
            assert f'name="f-{one.name}"' in page, (form, one.name)


def test_a_filled_form_gives_a_receipt(agora: Agora, client: Client) -> None:
    answer = client.post(PAGE, typed(REMOVAL), follow=True)
    page = answer.content.decode()
    order = Order.objects.get()
    assert (order.channel, order.missing) == (OrderChannel.FORM, [])
    assert "We have received it" in page
    assert "O-1" in page
    assert "no-store" in answer["Cache-Control"]


def test_a_document_alone_is_enough_and_is_read(agora: Agora, client: Client) -> None:
    paper = SimpleUploadedFile("order.xml", as_xml(REMOVAL, "tco_removal_order_annex_i"))
    client.post(PAGE, {"documents": [paper]})
    order = Order.objects.get()
    assert (order.channel, order.missing) == (OrderChannel.UPLOAD, [])


def test_what_is_over_the_limit_is_told_and_nothing_is_received(
    agora: Agora, client: Client
) -> None:
    paper = SimpleUploadedFile("order.pdf", b"%PDF-1.4" + b"x" * 10_000_001)
    answer = client.post(PAGE, {"documents": [paper], "f-reference": "FR-7"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "this one has 11 MB" in page
    assert 'value="FR-7"' in page, "what was typed is kept"
    assert not Order.objects.exists()


def test_far_too_much_is_told_on_a_page(agora: Agora, client: Client) -> None:
    papers = [SimpleUploadedFile(f"{n}.pdf", b"%PDF-1.4" + b"x" * 8_000_000) for n in range(3)]
    answer = client.post(PAGE, {"documents": papers})
    assert answer.status_code == 413
    assert "Nothing was received" in answer.content.decode()


def test_an_empty_form_is_told(agora: Agora, client: Client) -> None:
    answer = client.post(PAGE, {})
    assert answer.status_code == 422
    assert "There is nothing in it." in answer.content.decode()


def test_an_unknown_form_is_no_page(agora: Agora, client: Client) -> None:
    assert client.get("/authorities/dsa_art16_notice").status_code == 404
    assert client.get("/authorities/no_such_form").status_code == 404


def test_the_receipt_is_a_file_for_the_verifier(agora: Agora, client: Client) -> None:
    client.post(PAGE, typed(REMOVAL))
    answer = client.get("/authorities/mine/receipt.json")
    said = json.loads(answer.content)
    assert said["note"]
    assert "attachment" in answer["Content-Disposition"]
    assert "FR-2026-0007" not in answer.content.decode()


def test_no_page_of_the_sender_shows_what_the_order_names(agora: Agora, client: Client) -> None:
    values = filled("epoc_annex_i") | {"identifiers": "a-name-nobody-else-has"}
    client.post("/authorities/epoc_annex_i", {f"f-{key}": one for key, one in values.items()})
    for page in ("/authorities/mine", "/authorities/mine/receipt.json"):
        assert "a-name-nobody-else-has" not in client.get(page).content.decode()


def test_a_code_leads_back_to_the_receipt_and_closing_ends_it(agora: Agora, client: Client) -> None:
    client.post(PAGE, typed(REMOVAL))
    code = code_of(agora.house, Order.objects.get())
    client.post("/authorities/mine/close")
    assert client.get("/authorities/mine").status_code == 302
    assert client.post("/authorities/status", {"code": "nothing"}).status_code == 422
    page = client.post("/authorities/status", {"code": code}, follow=True).content.decode()
    assert "Where it stands" in page
    assert code not in page, "the code is shown once"


def test_the_receipt_closes_after_half_an_hour(agora: Agora, client: Client) -> None:
    client.post(PAGE, typed(REMOVAL))
    agora.clock.advance(31 * 60_000)
    assert client.get("/authorities/mine").status_code == 302


def test_a_referral_is_never_called_an_order(agora: Agora, client: Client) -> None:
    for language in forms.LANGUAGES:
        page = client.get("/authorities/referral", {"lang": language}, follow=True)
        main = page.content.decode().split("<h1>")[1].split("</main>")[0].lower()
        assert not {"order", "injonction", "anordnung"} & set(re.findall(r"\w+", main))
    client.post("/authorities/referral", {"f-content_locations": ADDRESS})
    mine = client.get("/authorities/mine", {"lang": "en"}, follow=True)
    shown = mine.content.decode().split("<h1>")[1]
    assert "binds nobody" in shown
    assert "order" not in set(re.findall(r"\w+", shown.split("</main>")[0].lower()))


def test_strange_words_are_shown_as_text(agora: Agora, client: Client) -> None:
    words = '"><script>alert(1)</script>\u202e🚨'
    page = client.post(PAGE, {"sender": words * 30, "f-reference": words}).content.decode()
    assert "<script>alert" not in page
    assert "At most 300 characters" in page


def test_too_many_from_one_network_wait(agora: Agora, client: Client) -> None:
    codes = [client.post(PAGE, {"f-reference": str(n)}).status_code for n in range(12)]
    assert codes[:10] == [302] * 10
    assert codes[-1] == 429
