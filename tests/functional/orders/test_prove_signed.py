# SPDX-License-Identifier: Apache-2.0
"""Proof by signature and by the e-Evidence system: what a machine finds, what a person compares."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.order_papers import PRODUCTION, REMOVAL, as_pdf, as_xml, receive
from tests.support.people import NOW, Agora
from tests.support.senders import EPOC, TCO, Senders, read_here
from tests.support.signers import TestAuthority
from vigie.core.clock import DAY_MS
from vigie.core.errors import InvalidInputError, RefusedError
from vigie.flow.orders import authorities, delivered, prove, prove_signed, read
from vigie.flow.orders.given import GivenDocument
from vigie.store.models import Order, OrderChannel, OrderState

pytestmark = pytest.mark.django_db
SPOKE = "Spoke with the registry: reference, account, category and period confirmed."


@pytest.fixture(autouse=True)
def _read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


@pytest.fixture
def senders(agora: Agora) -> Senders:
    return Senders(agora)


@pytest.fixture
def root(senders: Senders) -> TestAuthority:
    made = TestAuthority("Qualified Root", NOW)
    made.trust(senders.agora.folder, qualified=True)
    return made


def upload(senders: Senders, form: str, *papers: bytes, **fields: Any) -> Order:
    given = receive(senders.agora, form, fields or None, *papers, channel=OrderChannel.UPLOAD)
    return Order.objects.get(pk=given.number)


def problem(order: Order) -> str:
    """Return what was found with the last document."""
    return str(order.documents.latest("pk").signature.get("problem"))


def test_a_signed_document_of_the_directory_proves_what_it_says(
    senders: Senders, root: TestAuthority
) -> None:
    seal = senders.signer(root)
    order = upload(senders, EPOC, seal.xml(as_xml(PRODUCTION, EPOC)))
    assert order.fields["identifiers"] == ["ana.lima"]
    proof = order.proofs.get()
    assert (proof.proof, proof.qualified, proof.by) == ("signature", True, None)
    assert prove.suffices(order, discloses=True)
    assert order.authority == senders.office
    assert order.state == OrderState.READY


def test_a_signature_that_is_not_qualified_suffices_for_removal_alone(
    senders: Senders, root: TestAuthority
) -> None:
    seal = senders.signer(root, qualified=False)
    assert not prove.suffices(upload(senders, EPOC, seal.xml(as_xml(PRODUCTION, EPOC))))
    values = REMOVAL | {"issuing_state": "DE"}
    assert prove.suffices(upload(senders, TCO, seal.xml(as_xml(values, TCO))))


def test_a_qualified_seal_that_is_not_in_the_directory_proves_nothing(
    senders: Senders, root: TestAuthority
) -> None:
    """Everybody can buy one: it says who somebody is, not that they may order."""
    citizen = senders.signer(root, known=False)
    order = upload(senders, EPOC, citizen.xml(as_xml(PRODUCTION, EPOC)))
    assert problem(order) == "unknown_signer"
    assert not prove.suffices(order)


def test_a_seal_withdrawn_from_the_directory_proves_nothing(
    senders: Senders, root: TestAuthority
) -> None:
    seal = senders.signer(root)
    contact = authorities.find("certificate", seal.fingerprint).get()
    authorities.withdraw(senders.agora.house, senders.enters, contact, "key lost")
    order = upload(senders, EPOC, seal.xml(as_xml(PRODUCTION, EPOC)))
    assert problem(order) == "unknown_signer"
    assert not prove.suffices(order)


def test_an_expired_seal_proves_nothing(senders: Senders, root: TestAuthority) -> None:
    seal = senders.signer(root, days=(-60, -1))
    order = upload(senders, EPOC, seal.xml(as_xml(PRODUCTION, EPOC)))
    assert problem(order) == "expired"
    assert not prove.suffices(order)


def test_what_was_typed_beside_a_signed_document_is_not_proven_by_it(
    senders: Senders, root: TestAuthority
) -> None:
    seal = senders.signer(root)
    signed = seal.xml(as_xml(PRODUCTION, EPOC))
    order = upload(senders, EPOC, signed, procedural_deadlines="today, by mail to me")
    assert "typed_beside" in order.odd
    assert not prove.suffices(order)


def test_the_same_document_a_second_time_proves_nothing(
    senders: Senders, root: TestAuthority
) -> None:
    seal = senders.signer(root)
    signed = seal.xml(as_xml(PRODUCTION, EPOC))
    first = upload(senders, EPOC, signed)
    Order.objects.filter(pk=first.pk).update(state=OrderState.CLOSED)
    again = receive(
        senders.agora, EPOC, None, signed, channel=OrderChannel.UPLOAD, reply_to="me@other.example"
    )
    order = Order.objects.get(pk=again.number)
    assert order.pk != first.pk
    assert problem(order) == "replayed"
    assert not prove.suffices(order)


def test_a_second_officer_compares_running_text_with_what_was_typed_off(
    senders: Senders, root: TestAuthority
) -> None:
    house, seal = senders.agora.house, senders.signer(root)
    paper = seal.pdf(as_pdf("European Production Order DE-2026-11", "ana.lima, subscriber"))
    given = receive(
        senders.agora, EPOC, None, paper, channel=OrderChannel.DESK, user=senders.enters
    )
    order = read.note_fields(house, senders.enters, Order.objects.get(pk=given.number), PRODUCTION)
    document = order.documents.get()
    assert prove_signed.by_signature(house, order) is None
    assert problem(order) == "not_covered"
    with pytest.raises(RefusedError):
        prove_signed.compared(house, senders.enters, order, document, SPOKE)
    other = read.note_fields(
        house, senders.enters, order, PRODUCTION | {"identifiers": ["ana.lima", "bo.reed"]}
    )
    with pytest.raises(RefusedError) as refused:
        prove_signed.compared(house, senders.calls, other, document, SPOKE)
    assert refused.value.code == "not_covered"
    order = read.note_fields(house, senders.enters, order, PRODUCTION)
    proof = prove_signed.compared(house, senders.calls, order, document, SPOKE)
    assert (proof.by, proof.qualified) == (senders.calls, True)
    assert prove.suffices(order, discloses=True)


def test_comparing_an_unsigned_document_proves_nothing(senders: Senders) -> None:
    paper = as_pdf("On the letterhead of the office", "signed: the prosecutor")
    given = receive(
        senders.agora, EPOC, None, paper, channel=OrderChannel.DESK, user=senders.enters
    )
    order = Order.objects.get(pk=given.number)
    with pytest.raises(RefusedError) as refused:
        prove_signed.compared(
            senders.agora.house, senders.calls, order, order.documents.get(), SPOKE
        )
    assert refused.value.code == "unsigned"


def delivery(senders: Senders, sender: str, **values: Any) -> delivered.Delivered:
    papers = [GivenDocument("epoc.xml", as_xml(PRODUCTION | values, EPOC))]
    return delivered.take(senders.agora.house, EPOC, papers, sender, "msg-4711")


def test_what_the_eevidence_system_delivers_is_proven_by_its_delivery(senders: Senders) -> None:
    senders.agora.clock.advance(-DAY_MS)
    senders.contact("eevidence", "DE-STA-1")
    senders.agora.clock.advance(DAY_MS)
    found = delivery(senders, "DE-STA-1")
    assert (found.proven, found.why) == (True, "")
    assert prove.suffices(found.receipt.order, discloses=True)
    assert found.receipt.order.proofs.get().detail == {"message": "msg-4711"}
    again = delivery(senders, "DE-STA-1")
    assert (again.proven, again.why) == (False, "again")


def test_an_identifier_that_is_not_in_the_directory_is_received_and_not_proven(
    senders: Senders,
) -> None:
    found = delivery(senders, "DE-STA-1")
    assert (found.proven, found.why) == (False, "unknown_sender")
    assert not prove.suffices(found.receipt.order)
    senders.agora.clock.advance(1)
    senders.contact("eevidence", "FR-PARQUET-1", senders.authority("Parquet", "FR"))
    senders.agora.clock.advance(DAY_MS)
    other = delivery(senders, "FR-PARQUET-1", reference="DE-2026-78")
    assert (other.proven, other.why) == (False, "other_state")
    with pytest.raises(InvalidInputError):
        delivery(senders, " ")
