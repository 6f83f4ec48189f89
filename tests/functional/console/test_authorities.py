# SPDX-License-Identifier: Apache-2.0
"""Pages of the directory, and the two parts of an order: who it is from, what may leave."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.support.order_papers import PRODUCTION, as_pdf, receive
from tests.support.people import NOW, Agora
from tests.support.senders import ACCOUNT, EPOC, MAIL, SOURCE, Senders, read_here
from tests.support.signers import TestAuthority
from vigie.core.clock import DAY_MS
from vigie.flow import second_person
from vigie.flow.orders import authorities, emergency, prove, read
from vigie.store.models import Authority, AuthorityContact, Order, OrderChannel, User

PASSWORD = "correct horse battery staple"
ALL = ["subscriber", "identification", "traffic", "content"]


@pytest.fixture(autouse=True)
def _read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


@pytest.fixture
def senders(agora: Agora) -> Senders:
    return Senders(agora)


def signed_in(user: User) -> Client:
    client = Client()
    client.post("/console/login", {"name": user.username, "password": PASSWORD})
    return client


def text(answer: Any) -> str:
    found: str = answer.content.decode()
    return found


def test_an_empty_directory_says_what_to_do(agora: Agora) -> None:
    client = signed_in(agora.person("l.egal", role="legal"))
    page = text(client.get("/console/authorities"))
    assert "The directory is empty" in page
    assert "vigie authority import" in page
    assert "No authority fits." in text(client.get("/console/authorities?q=nothing"))


def test_an_authority_is_entered_with_a_contact_and_checked_by_a_colleague(agora: Agora) -> None:
    one, other = agora.person("o.ne", role="legal"), agora.person("o.ther", role="legal")
    client = signed_in(one)
    form = {"name": "Tribunal judiciaire de Paris", "country": "fr", "kind": "court"}
    answer = client.post("/console/authorities", form)
    row = Authority.objects.get()
    assert answer.headers["location"] == f"/console/authorities/{row.pk}"
    there = f"/console/authorities/{row.pk}"
    assert "this entry proves nothing" in text(client.get(there))
    added = {"do": "add", "kind": "phone", "value": "+33 1 44 32 51 51", "source": SOURCE}
    assert client.post(there, added).status_code == 302
    contact = AuthorityContact.objects.get()
    page = text(client.get(there))
    assert "waits for a second person" in page
    assert "You entered it: a colleague looks it up." in page
    check = {"do": "check", "contact": str(contact.pk)}
    refused = client.post(there, check)
    assert refused.status_code == 403
    assert "Whoever entered a contact does not check it." in text(refused)
    assert signed_in(other).post(there, check).status_code == 302
    assert "found in its source by a second person" in text(client.get(there))


def test_what_was_typed_stays_where_it_was_refused(senders: Senders) -> None:
    client = signed_in(senders.enters)
    there = f"/console/authorities/{senders.office.pk}"
    page = client.post(
        there, {"do": "add", "kind": "phone", "value": "030 12", "source": "https://kept.example"}
    )
    assert page.status_code == 422
    assert "https://kept.example" in text(page)
    assert 'aria-invalid="true"' in text(page)
    again = client.post("/console/authorities", {"name": "Kept Name", "country": "Germany"})
    assert again.status_code == 422
    assert "Kept Name" in text(again)


def test_contacts_are_withdrawn_and_entries_closed_with_a_reason(senders: Senders) -> None:
    client = signed_in(senders.enters)
    there = f"/console/authorities/{senders.office.pk}"
    gone = {"do": "withdraw", "contact": str(senders.mail.pk)}
    assert client.post(there, gone).status_code == 422
    assert client.post(there, gone | {"reason": "the office moved"}).status_code == 302
    assert "withdrawn" in text(client.get(there))
    assert client.post(there, {"do": "close", "reason": "merged"}).status_code == 302
    page = text(client.get(there))
    assert "closed" in page
    assert "Add a contact" not in page
    assert "No authority fits" in text(client.get("/console/authorities?q=beispiel"))
    assert "Beispielstadt" in text(client.get("/console/authorities?q=beispiel&closed=1"))


def test_a_contact_of_another_authority_and_an_unknown_act_change_nothing(
    senders: Senders,
) -> None:
    other = senders.authority("Another")
    client = signed_in(senders.checks)
    there = f"/console/authorities/{other.pk}"
    stolen = {"do": "withdraw", "contact": str(senders.phone.pk), "reason": "x"}
    assert client.post(there, stolen).status_code == 404
    assert client.post(there, {"do": "burn"}).status_code == 422
    assert client.get("/console/authorities/999999").status_code == 404
    assert client.get("/console/orders/999999/who").status_code == 404


def test_an_auditor_reads_and_changes_nothing(senders: Senders) -> None:
    client = signed_in(senders.agora.person("a.udit", role="auditor"))
    there = f"/console/authorities/{senders.office.pk}"
    assert "Add a contact" not in text(client.get(there))
    assert client.post(there, {"do": "close", "reason": "x"}).status_code == 403
    assert client.post("/console/authorities", {"name": "A"}).status_code == 403
    order = senders.order()
    for part in ("who", "data"):
        assert client.get(f"/console/orders/{order.number}/{part}").status_code == 200
        assert client.post(f"/console/orders/{order.number}/{part}", {}).status_code == 403
    moderator = signed_in(senders.agora.person("m.od", role="moderator"))
    assert moderator.get("/console/authorities").status_code == 403
    assert moderator.get(f"/console/orders/{order.number}/who").status_code == 403


def test_a_planted_contact_says_in_which_order_it_stood(senders: Senders) -> None:
    order = senders.order(authority_contact="direct +49 30 5551234")
    senders.contact("phone", "+49 30 5551234")
    page = text(signed_in(senders.checks).get(f"/console/authorities/{senders.office.pk}"))
    assert f"O-{order.number}" in page
    assert "It stood in an order before it was entered here" in page


def test_the_part_who_offers_only_what_can_prove_it(senders: Senders) -> None:
    order = senders.order(reply_to="x@sta.example")
    senders.agora.clock.advance(1)
    senders.contact("phone", "+49 30 5551234")
    page = text(signed_in(senders.calls).get(f"/console/orders/{order.number}/who"))
    assert "not proven: nothing leaves" in page
    assert "It was entered after the order came: it proves nothing." in page
    assert page.count("disabled") == 1
    assert MAIL not in page  # a declared contact never suffices for data


def test_a_call_back_is_noted_and_withdrawn_on_the_page(senders: Senders) -> None:
    order = senders.order()
    there = f"/console/orders/{order.number}/who"
    client = signed_in(senders.calls)
    said = {"do": "call", "contact": str(senders.phone.pk), "note": "registry: all confirmed"}
    assert client.post(there, said | {"note": ""}).status_code == 422
    assert client.post(there, said | {"contact": "9999"}).status_code == 422
    assert client.post(there, said).status_code == 302
    assert prove.suffices(order)
    page = text(client.get(there))
    assert "registry: all confirmed" in page
    proof = order.proofs.get()
    taken = {"do": "withdraw", "proof": str(proof.pk), "reason": "wrong number"}
    assert client.post(there, taken).status_code == 302
    assert not prove.suffices(order)
    assert "does not hold" in text(client.get(there))
    assert client.post(there, taken | {"proof": "999999"}).status_code == 404


def test_who_works_on_it_is_told_that_a_colleague_calls(senders: Senders) -> None:
    order = senders.order()
    Order.objects.filter(pk=order.pk).update(owner=senders.calls)
    page = text(signed_in(senders.calls).get(f"/console/orders/{order.number}/who"))
    assert "a colleague calls the authority back" in page


def test_the_same_reference_and_a_known_domain_are_said_and_prove_nothing(
    senders: Senders,
) -> None:
    senders.order(reference="DE-1")
    order = senders.order(reference="DE-1", identifiers=["bo.reed"], reply_to="x@sta.example")
    page = text(signed_in(senders.calls).get(f"/console/orders/{order.number}/who"))
    assert "The same reference stands in O-1" in page
    assert "has the domain of a known contact and is none" in page


def proven(senders: Senders, **values: Any) -> Order:
    order = senders.order(EPOC, **values)
    house = senders.agora.house
    prove.by_call_back(house, senders.calls, order, senders.phone, "all confirmed")
    return order


def test_only_what_is_covered_can_be_ticked(senders: Senders) -> None:
    order = proven(senders, data_categories=ALL)
    page = text(signed_in(senders.decides).get(f"/console/orders/{order.number}/data"))
    boxes = [one.split(">")[0] for one in page.split('<input type="checkbox" name="row"')[1:]]
    assert [("disabled" in one) for one in boxes] == [False, False, True, True]
    assert "The legal basis that the order names does not cover it." in page


def test_nothing_can_be_ticked_before_the_proof_or_by_who_called(senders: Senders) -> None:
    order = senders.order()
    there = f"/console/orders/{order.number}/data"
    page = text(signed_in(senders.decides).get(there))
    assert "Nothing leaves before its sender is proven." in page
    assert "Grant what is ticked" not in page
    prove.by_call_back(senders.agora.house, senders.calls, order, senders.phone, "all of it")
    assert "You called back" in text(signed_in(senders.calls).get(there))
    assert "Grant what is ticked" in text(signed_in(senders.decides).get(there))


def test_rows_are_granted_taken_back_and_the_rest_narrowed_on_the_page(senders: Senders) -> None:
    order = proven(senders, data_categories=ALL)
    there = f"/console/orders/{order.number}/data"
    client = signed_in(senders.decides)
    rows = list(order.data.order_by("pk").values_list("pk", flat=True))
    said = {"do": "grant", "row": [str(rows[0])], "reason": "covered"}
    assert client.post(there, said).status_code == 302
    assert order.data.filter(granted=True).count() == 1
    refused = client.post(there, said | {"row": [str(rows[3])]})
    assert refused.status_code == 403
    assert "content data cannot be granted" in text(refused)
    assert client.post(there, {"do": "narrow", "reason": "ask a court"}).status_code == 302
    letter = order.letters.latest("pk")
    assert ACCOUNT not in str(letter.data)
    client.post(there, said)
    assert client.post(there, {"do": "take_back", "reason": "x"}).status_code == 302
    assert not order.data.filter(granted=True).exists()


def test_an_emergency_is_asked_for_confirmed_and_looked_at_again(senders: Senders) -> None:
    order = proven(senders, time_limit="emergency")
    there = f"/console/orders/{order.number}/data"
    client = signed_in(senders.decides)
    row = str(order.data.get().pk)
    said = {"do": "emergency", "row": [row], "reason": "a life"}
    assert client.post(there, said).status_code == 302
    page = text(client.get(there))
    assert "A second person must agree." in page
    [request] = second_person.waiting_for(senders.checks)
    waits = text(signed_in(senders.checks).get("/console/second"))
    assert f"O-{order.number}" in waits
    assert ACCOUNT not in waits
    second_person.confirm(senders.agora.house, senders.checks, request)
    [release] = emergency.waiting(order)
    look = {"do": "review", "release": str(release.pk), "finding": "justified", "reason": "it was"}
    assert client.post(there, look).status_code == 403
    assert "to be looked at again" in text(signed_in(senders.enters).get(there))
    assert signed_in(senders.enters).post(there, look).status_code == 302
    assert client.post(there, look | {"release": "999999"}).status_code == 404


def test_words_of_the_sender_stay_words(senders: Senders) -> None:
    order = senders.order(issuing_authority="<script>alert(1)</script>", identifiers=["<b>x</b>"])
    client = signed_in(senders.decides)
    for part in ("who", "data"):
        page = text(client.get(f"/console/orders/{order.number}/{part}"))
        assert "<script>alert" not in page
        assert "<b>x" not in page


def test_the_list_counts_what_holds_in_few_queries(
    senders: Senders, django_assert_max_num_queries: Any
) -> None:
    senders.agora.clock.ms = NOW - DAY_MS
    for number in range(30):
        made = senders.authority(f"Office {number}")
        senders.contact("phone", f"+49 30 10000{number:02}", made, checked=number % 2 == 0)
    senders.agora.clock.ms = NOW
    client = signed_in(senders.enters)
    with django_assert_max_num_queries(20):
        page = text(client.get("/console/authorities"))
    assert page.count("proves nothing yet") == 15
    assert authorities.listed().count() == 31


def test_a_signed_document_is_shown_with_what_was_found_and_compared_on_the_page(
    senders: Senders,
) -> None:
    root = TestAuthority("Qualified Root", NOW)
    root.trust(senders.agora.folder, qualified=True)
    paper = senders.signer(root).pdf(as_pdf("Order DE-2026-11", "ana.lima, subscriber data"))
    given = receive(
        senders.agora, EPOC, None, paper, channel=OrderChannel.DESK, user=senders.enters
    )
    order = Order.objects.get(pk=given.number)
    read.note_fields(senders.agora.house, senders.enters, order, PRODUCTION)
    there = f"/console/orders/{order.number}/who"
    page = text(signed_in(senders.calls).get(there))
    assert "its signature holds; it does not say all that the order asks" in page
    said = {"do": "compared", "document": str(order.documents.get().pk), "note": "one by one"}
    assert "I compared the order with it" not in text(signed_in(senders.enters).get(there))
    assert signed_in(senders.enters).post(there, said).status_code == 403
    client = signed_in(senders.calls)
    assert client.post(there, said | {"document": "999999"}).status_code == 404
    assert client.post(there, said).status_code == 302
    assert prove.suffices(order, discloses=True)
    page = text(client.get(there))
    assert "Signature, qualified" in page
    assert "its signer stands in the directory" in page
