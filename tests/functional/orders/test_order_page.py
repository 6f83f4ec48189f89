# SPDX-License-Identifier: Apache-2.0
"""The page of one order: two persons carry it out, letters leave, nothing is shown of items."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from tests.support.order_papers import REMOVAL, receive
from tests.support.orders import UNKEPT, Desk, refreshed
from tests.support.people import SAID, Agora
from vigie.flow.orders import effects, execute, letters
from vigie.store.models import Order, OrderLetter

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


@pytest.fixture
def desk(agora: Agora) -> Desk:
    return Desk(agora)


def browser(name: str) -> Client:
    client = Client()
    client.post("/console/login", {"name": name, "password": PASSWORD})
    return client


def act(client: Client, order: Order, do: str, **values: Any) -> Any:
    return client.post(f"/console/orders/{order.number}", {"do": do, **values})


def test_two_persons_carry_it_out_on_its_page(desk: Desk) -> None:
    order = desk.order()
    first, second = browser("d.ecide"), browser("c.heck")
    page = first.get(f"/console/orders/{order.number}").content.decode()
    assert "What will happen" in page
    assert "27 countries" in page
    asked = act(first, order, "ask", number="O-1", unpreserved=UNKEPT)
    assert asked.status_code == 302
    assert (
        "A second person must agree"
        in first.get(f"/console/orders/{order.number}").content.decode()
    )
    assert act(first, order, "agree").status_code == 403
    assert refreshed(order).state == "ready"
    assert act(second, order, "agree").status_code == 302
    row = refreshed(order)
    assert (row.state, row.decided_by, row.second) == ("executed", desk.first, desk.second)
    page = second.get(f"/console/orders/{order.number}").content.decode()
    assert "decided, not sent yet" in page


def test_the_number_is_typed_before_anything_happens(desk: Desk) -> None:
    order = desk.order()
    answer = act(browser("d.ecide"), order, "ask", number="O-2", unpreserved=UNKEPT)
    assert answer.status_code == 422
    assert b"Nothing was done." in answer.content
    assert not order.locations.filter(decision__isnull=False).exists()


def test_an_unproven_order_offers_no_execution(desk: Desk) -> None:
    order = desk.order(proven=False)
    page = browser("d.ecide").get(f"/console/orders/{order.number}").content.decode()
    assert "not proven: nothing can be carried out" in page
    assert 'value="ask"' not in page
    assert act(browser("d.ecide"), order, "ask", number="1").status_code == 403


def test_an_auditor_reads_and_answers_nothing(desk: Desk) -> None:
    order = desk.order()
    desk.agora.person("a.udit", role="auditor")
    client = browser("a.udit")
    page = client.get(f"/console/orders/{order.number}").content.decode()
    assert 'value="refuse"' not in page
    for do in ("ask", "execute", "refuse", "withdraw", "impossible"):
        values = {"number": "1", "reason": "x", "ground": "manifest_errors"}
        assert act(client, order, do, **values).status_code == 403
    desk.agora.person("m.od", role="moderator")
    assert browser("m.od").get(f"/console/orders/{order.number}").status_code == 403


def test_no_word_of_an_item_stands_on_the_page(desk: Desk) -> None:
    desk.agora.proposal("p-500")
    order = desk.order(content_locations=["https://agora.example/p/p-500"])
    page = browser("d.ecide").get(f"/console/orders/{order.number}").content.decode()
    assert "D-3" in page
    assert SAID not in page


def test_what_the_sender_wrote_is_text(desk: Desk) -> None:
    order = desk.order(detailed_reasons="<script>alert(1)</script><b>bold</b>", proven=False)
    page = browser("d.ecide").get(f"/console/orders/{order.number}").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_letters_leave_to_the_directory_or_by_hand_with_a_note(desk: Desk) -> None:
    order = desk.order(proven=False, reference="REF-9")
    client = browser("d.ecide")
    assert act(client, order, "refuse", reason="Its sender is not known.").status_code == 302
    letter = OrderLetter.objects.get()
    assert (letter.kind, letter.state, letter.task) == ("annex_iii", "written", None)
    foreign = desk.senders.mail
    sent = act(client, order, "send", letter=str(letter.pk), contact=str(foreign.pk))
    assert sent.status_code == 403
    noted = act(client, order, "by_hand", letter=str(letter.pk), note="Registered post RR 1")
    assert noted.status_code == 302
    letter.refresh_from_db()
    assert (letter.state, letter.sent_note) == ("sent", "Registered post RR 1")
    page = client.get(f"/console/orders/{order.number}").content.decode()
    assert "Registered post RR 1" in page


def test_letters_and_the_order_come_as_pdf_and_as_data(desk: Desk) -> None:
    order = desk.order()
    desk.execute(order)
    desk.confirm(order)
    effects.run(desk.agora.house)
    letter = OrderLetter.objects.get(kind="annex_ii")
    client = browser("d.ecide")
    path = f"/console/orders/{order.number}/letters/{letter.pk}"
    pdf = client.get(f"{path}.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf.content)).pages)
    assert "Section A" in text
    assert "disabled in all Member States" in text.replace("\n", " ")
    data = json.loads(client.get(f"{path}.json").content)
    assert data["form"] == "tco_feedback_annex_ii"
    assert data["values"]["measure"] == "disabled"
    assert data["values"]["authority_file_ref"] == REMOVAL["reference"]
    assert letters.pdf(letter) == pdf.content
    order_pdf = client.get(f"/console/orders/{order.number}/order.pdf").content
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(order_pdf)).pages)
    assert "It calls for an attack." in text
    given = json.loads(client.get(f"/console/orders/{order.number}/order.json").content)
    assert given["values"]["reference"] == REMOVAL["reference"]


def test_another_order_shows_no_letter_of_this_one(desk: Desk) -> None:
    one, other = desk.order(), desk.order("dsa_art9_order", territorial_scope=["FR"])
    execute.refuse(desk.agora.house, desk.first, other, "No provision is named.")
    letter = OrderLetter.objects.get()
    path = f"/console/orders/{one.number}/letters/{letter.pk}.pdf"
    assert browser("d.ecide").get(path).status_code == 404


def test_a_referral_is_never_called_an_order_on_its_page(desk: Desk) -> None:
    fields = {
        "unit": "EU IRU",
        "reference": "IRU-5",
        "content_locations": ["https://agora.example/p/p-300"],
        "reasons": "It may be terrorist content.",
    }
    given = receive(desk.agora, "referral", fields)
    page = browser("d.ecide").get(f"/console/orders/{given.number}").content.decode()
    assert "This is a referral and no order." in page
    assert 'value="assess"' in page
    assert 'value="ask"' not in page
    answer = browser("d.ecide").post(
        f"/console/orders/{given.number}", {"do": "assess", "reason": "Nothing by law or terms."}
    )
    assert answer.status_code == 302
    row = Order.objects.get(pk=given.number)
    assert (row.state, row.outcome) == ("closed", "left")
