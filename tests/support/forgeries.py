# SPDX-License-Identifier: Apache-2.0
"""Forged orders by name: each goes through a door and returns what came of it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Final
from urllib.parse import quote

from lxml import etree
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.support.forgers import Forger
from tests.support.order_papers import PRODUCTION, REMOVAL, as_json, as_pdf, as_xml, receive
from tests.support.people import NOW
from tests.support.senders import ACCOUNT, EPOC, MAIL, TCO
from tests.support.signers import TestAuthority
from vigie.core.clock import DAY_MS
from vigie.flow.orders import authorities
from vigie.store.models import Order, OrderChannel, User

DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
LETTERHEAD: Final = ("STAATSANWALTSCHAFT BEISPIELSTADT", "Europäische Herausgabeanordnung", ACCOUNT)
ALL: Final = ["subscriber", "identification", "traffic", "content"]

Case = Callable[[Forger], Order]
FORGED: Final[dict[str, Case]] = {}


def forged(case: Case) -> Case:
    """Name a case in which the sender is no authority, or the order not what it sent."""
    FORGED[case.__name__] = case
    return case


def xml(values: dict[str, object] | None = None) -> bytes:
    """Return a complete order as XML."""
    return as_xml(values or PRODUCTION, EPOC)


def upload(forger: Forger, data: bytes, form: str = EPOC) -> Order:
    """Send a document by the API, where nothing is typed beside it."""
    kind = "application/pdf" if data.startswith(b"%PDF") else "application/xml"
    return forger.api(data, kind, form)


# --- the sender is no authority: addresses, names, paper


@forged
def the_right_mail_domain(f: Forger) -> Order:
    return f.form(reply_to="dezernat4@sta.example")


@forged
def the_very_address_of_the_directory_typed_into_the_form(f: Forger) -> Order:
    return f.form(reply_to=MAIL, sender=f.senders.office.name)


@forged
def a_domain_that_looks_alike(f: Forger) -> Order:
    return f.form(reply_to="poststelle@sta-example.test")


@forged
def a_cloned_letterhead_without_signature(f: Forger) -> Order:
    return f.form(EPOC, as_pdf(*LETTERHEAD), typed=False)


@forged
def a_letterhead_that_says_it_is_signed(f: Forger) -> Order:
    paper = as_pdf(*LETTERHEAD, "Qualifizierte elektronische Signatur: gültig")
    return f.form(EPOC, paper)


@forged
def a_past_case_number(f: Forger) -> Order:
    f.genuine(f.senders.order(reference="DE-2026-11"))
    f.senders.agora.clock.advance(DAY_MS)
    return f.form(reference="DE-2026-11", identifiers=["bo.reed"])


@forged
def a_past_case_number_as_a_follow_up_from_a_key(f: Forger) -> Order:
    f.genuine(f.senders.order(reference="DE-2026-11"))
    more = PRODUCTION | {"related_request": "as agreed on O-1", "identifiers": ["bo.reed"]}
    return f.api(as_json(more), "application/json", sender=quote(f.senders.office.name))


@forged
def the_channel_of_the_eevidence_system_claimed_in_the_body(f: Forger) -> Order:
    f.before(9, "eevidence", "DE-STA-1")
    body = {"form": EPOC, "channel": "eevidence", "proof": "eevidence", "fields": PRODUCTION}
    return f.api(as_json(body), "application/json")


@forged
def a_key_of_the_api_alone(f: Forger) -> Order:
    return f.api(as_json(PRODUCTION), "application/json", reply_to=MAIL)


# --- contacts


@forged
def a_number_from_the_letter_entered_after_it_came(f: Forger) -> Order:
    order = f.form(authority_contact="direct line +49 30 5551234")
    f.senders.agora.clock.advance(60_000)
    f.lures.append(f.senders.contact("phone", "+49 30 5551234"))
    return order


@forged
def a_number_planted_by_a_harmless_letter_before(f: Forger) -> Order:
    f.form("dsa_art9_order", typed=False, issuing_authority="Call us: 030 555 12 34", language="en")
    f.lures.append(f.senders.contact("phone", "+49 30 5551234"))
    f.senders.agora.clock.advance(DAY_MS)
    return f.form(authority_contact="+49 (30) 555-1234")


@forged
def a_number_that_one_person_entered_alone(f: Forger) -> Order:
    f.before(9, "phone", "+49 30 5551234", checked=False)
    return f.form()


@forged
def an_expired_contact(f: Forger) -> Order:
    f.before(400, "phone", "+49 30 5551234")
    return f.form()


@forged
def a_withdrawn_contact(f: Forger) -> Order:
    row = f.before(9, "phone", "+49 30 5551234")
    authorities.withdraw(f.senders.agora.house, f.senders.enters, row, "not theirs")
    return f.form()


@forged
def a_closed_authority(f: Forger) -> Order:
    gone = f.senders.authority("Dissolved office")
    f.before(9, "phone", "+49 30 5551234", gone)
    authorities.close(f.senders.agora.house, f.senders.enters, gone, "dissolved")
    return f.form()


@forged
def an_authority_of_another_state(f: Forger) -> Order:
    f.before(9, "phone", "+33 1 55512345", f.senders.authority("Parquet", "FR"))
    return f.form()


@forged
def a_referral_unit_that_orders(f: Forger) -> Order:
    unit = f.senders.authority("Referral unit", "DE", "referral_unit")
    f.before(9, "phone", "+49 611 5551234", unit)
    return f.form()


@forged
def a_mail_and_a_postal_address_called_back(f: Forger) -> Order:
    f.before(9, "mail", "direkt@sta.example", declared=True)
    f.before(9, "post", "Turmstr. 91, 10559 Berlin", declared=True)
    return f.form(reply_to="direkt@sta.example")


@forged
def the_recorder_calls_back_himself(f: Forger) -> Order:
    f.lures.append(f.senders.phone)
    f.caller = f.senders.enters
    given = receive(
        f.senders.agora, EPOC, PRODUCTION, channel=OrderChannel.DESK, user=f.senders.enters
    )
    return Order.objects.get(pk=given.number)


@forged
def the_owner_calls_back_himself(f: Forger) -> Order:
    f.lures.append(f.senders.phone)
    order = f.form()
    Order.objects.filter(pk=order.pk).update(owner=f.senders.calls)
    return Order.objects.get(pk=order.pk)


@forged
def a_moderator_says_that_he_called(f: Forger) -> Order:
    f.lures.append(f.senders.phone)
    f.caller = User.objects.create_user("m.od", "correct horse battery", role="moderator")
    return f.form()


# --- pressure


@forged
def urgent_pressure(f: Forger) -> Order:
    return f.form(time_limit="emergency", procedural_deadlines="A child dies. Answer in minutes.")


@forged
def urgent_pressure_with_a_number_of_its_own(f: Forger) -> Order:
    order = f.form(time_limit="emergency", authority_contact="duty officer +49 30 5551234")
    f.senders.agora.clock.advance(1)
    f.lures.append(f.senders.contact("phone", "+49 30 5551234"))
    return order


# --- signatures


@forged
def a_qualified_seal_of_somebody_else(f: Forger) -> Order:
    return upload(f, f.senders.signer(f.root, known=False).xml(xml()))


@forged
def a_seal_of_a_root_with_the_same_name(f: Forger) -> Order:
    other = TestAuthority("Qualified Root", NOW)
    return upload(f, f.senders.signer(other, known=False).pdf(as_pdf(*LETTERHEAD)))


@forged
def an_expired_seal(f: Forger) -> Order:
    return upload(f, f.senders.signer(f.root, days=(-60, -1)).xml(xml()))


@forged
def a_seal_withdrawn_in_the_directory(f: Forger) -> Order:
    seal = f.senders.signer(f.root)
    row = authorities.find("certificate", seal.fingerprint).get()
    authorities.withdraw(f.senders.agora.house, f.senders.enters, row, "key lost")
    return upload(f, seal.xml(xml()))


@forged
def a_seal_entered_after_it_came(f: Forger) -> Order:
    seal = f.senders.signer(f.root, known=False)
    order = upload(f, seal.xml(xml()))
    f.senders.agora.clock.advance(1)
    f.senders.contact("certificate", seal.fingerprint)
    return order


@forged
def a_seal_that_nobody_checked(f: Forger) -> Order:
    seal = f.senders.signer(f.root, known=False)
    f.before(9, "certificate", seal.fingerprint, checked=False)
    return upload(f, seal.xml(xml()))


@forged
def a_plain_certificate_for_data(f: Forger) -> Order:
    return upload(f, f.senders.signer(f.root, qualified=False).xml(xml()))


@forged
def signed_then_edited(f: Forger) -> Order:
    signed = f.senders.signer(f.root).xml(xml())
    return upload(f, signed.replace(b"ana.lima", b"bo.reed"))


@forged
def signed_then_appended_to(f: Forger) -> Order:
    out = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(f.senders.signer(f.root).pdf(as_pdf(*LETTERHEAD))))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page[pdf_name("/Note")] = pdf_string("and bo.reed")
    writer.update_container(page)
    writer.write(out)
    return upload(f, out.getvalue())


@forged
def a_signature_over_another_part(f: Forger) -> Order:
    part = xml().replace(b"<reference>", b'<reference Id="r">')
    return upload(f, f.senders.signer(f.root).xml(part, reference="#r"))


@forged
def a_signature_wrapped_around(f: Forger) -> Order:
    data = xml().replace(b"<order ", b'<order Id="o" ')
    genuine = etree.fromstring(f.senders.signer(f.root).xml(data, reference="#o"))
    signature = genuine.find(f"{DS}Signature")
    genuine.remove(signature)
    root = etree.fromstring(xml(PRODUCTION | {"identifiers": ["bo.reed"]}))
    etree.SubElement(root, "additional_information").append(genuine)
    root.append(signature)
    return upload(f, etree.tostring(root))


@forged
def a_scope_typed_beside_a_genuine_document(f: Forger) -> Order:
    signed = f.senders.signer(f.root).xml(xml())
    return f.form(EPOC, signed, identifiers=["bo.reed"], data_categories=ALL)


@forged
def an_unsigned_document_beside_a_genuine_one(f: Forger) -> Order:
    more = xml(PRODUCTION | {"identifiers": ["bo.reed"], "reference": "DE-2026-12"})
    return f.form(EPOC, f.senders.signer(f.root).xml(xml()), more, typed=False)


@forged
def a_genuine_document_replayed_with_a_new_reply_address(f: Forger) -> Order:
    signed = f.senders.signer(f.root).xml(xml())
    first = upload(f, signed)
    Order.objects.filter(pk=first.pk).update(state="closed")
    return f.form(EPOC, signed, typed=False, reply_to="answers@elsewhere.test")


@forged
def a_genuine_document_replayed_under_another_form(f: Forger) -> Order:
    signed = f.senders.signer(f.root).xml(xml())
    upload(f, signed)
    return upload(f, signed, "dsa_art10_order")


@forged
def a_genuine_removal_order_sent_as_a_production_order(f: Forger) -> Order:
    values = REMOVAL | {"issuing_state": "DE"}
    return upload(f, f.senders.signer(f.root).xml(as_xml(values, TCO)))


# --- edited after it was proven


@forged
def a_scope_edited_after_the_proof(f: Forger) -> Order:
    order = f.genuine(f.form())
    order.data.create(category="subscriber", account="bo.reed")
    return order


@forged
def a_reply_address_changed_after_the_proof(f: Forger) -> Order:
    order = f.genuine(f.form())
    Order.objects.filter(pk=order.pk).update(reply_to="answers@elsewhere.test")
    return order
