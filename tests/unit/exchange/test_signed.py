# SPDX-License-Identifier: Apache-2.0
"""Signatures of documents: what holds, what covers all of it, what is qualified."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from lxml import etree
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.support.signers import Signer, TestAuthority, pdf_of
from vigie.core.errors import UnavailableError
from vigie.exchange.signed.ask import ask
from vigie.exchange.signed.check import MAX_BYTES, check
from vigie.exchange.signed.report import Question
from vigie.exchange.signed.report import Signer as Found
from vigie.flow.orders import signatures

NOW = 1_795_381_200_000
DS = "{http://www.w3.org/2000/09/xmldsig#}"
ORDER = b"<order><account>a-9</account><data>subscriber</data></order>"


@pytest.fixture(scope="module")
def root() -> TestAuthority:
    return TestAuthority("Test Root", NOW)


@pytest.fixture(scope="module")
def seal(root: TestAuthority) -> Signer:
    return root.signer("Tribunal of Testland", qualified=True)


@pytest.fixture
def anchors(root: TestAuthority, tmp_path: Path) -> Question:
    root.trust(tmp_path, qualified=True)
    return signatures.question(tmp_path, NOW)


def only(data: bytes, anchors: Question) -> Found:
    found = check(data, anchors)
    assert found.problem == ""
    [one] = found.signers
    return one


def test_a_sealed_pdf_holds_whole_and_qualified(seal: Signer, anchors: Question) -> None:
    one = only(seal.pdf(pdf_of("Order 7", "a-9")), anchors)
    assert one.holds
    assert one.qualified
    assert one.chained
    assert one.certificate == seal.fingerprint


def test_a_signed_xml_document_holds_whole_and_qualified(seal: Signer, anchors: Question) -> None:
    one = only(seal.xml(ORDER), anchors)
    assert one.holds
    assert one.qualified
    assert one.certificate == seal.fingerprint


def test_whitespace_around_the_signature_changes_nothing(seal: Signer, anchors: Question) -> None:
    assert only(seal.xml(b"<order>\n  <account>a-9</account>\n</order>"), anchors).holds


def test_a_qualified_looking_certificate_of_another_root_is_not_qualified(
    anchors: Question,
) -> None:
    other = TestAuthority("Test Root", NOW).signer("Tribunal of Testland", qualified=True)
    for data in (other.pdf(pdf_of("Order 7")), other.xml(ORDER)):
        one = only(data, anchors)
        assert one.holds  # its bytes are sound: whose it is says the directory
        assert not one.chained
        assert not one.qualified


def test_a_plain_certificate_of_a_qualified_root_is_not_qualified(
    root: TestAuthority, anchors: Question
) -> None:
    one = only(root.signer("A person").pdf(pdf_of("Order 7")), anchors)
    assert one.chained
    assert not one.qualified


def test_a_qualified_certificate_under_a_plain_anchor_is_not_qualified(
    root: TestAuthority, seal: Signer, tmp_path: Path
) -> None:
    root.trust(tmp_path)
    one = only(seal.pdf(pdf_of("Order 7")), signatures.question(tmp_path, NOW))
    assert one.chained
    assert not one.qualified


def test_an_expired_certificate_does_not_hold(root: TestAuthority, anchors: Question) -> None:
    old = root.signer("Tribunal", qualified=True, days=(-50, -1))
    for data in (old.pdf(pdf_of("Order 7")), old.xml(ORDER)):
        one = only(data, anchors)
        assert one.problem == "expired"
        assert not one.holds
        assert not one.qualified


def test_a_pdf_that_was_appended_to_after_it_was_signed_does_not_hold(
    seal: Signer, anchors: Question
) -> None:
    signed = seal.pdf(pdf_of("Order 7", "subscriber data of a-9"))
    out = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(signed))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page[pdf_name("/Note")] = pdf_string("content of a-9 and b-8")
    writer.update_container(page)
    writer.write(out)
    one = only(out.getvalue(), anchors)
    assert one.valid
    assert not one.whole
    assert one.problem == "not_whole"


def test_bytes_after_the_end_of_a_signed_pdf_do_not_hold(seal: Signer, anchors: Question) -> None:
    found = check(seal.pdf(pdf_of("Order 7")) + b"\n% and more\n", anchors)
    assert found.whole == ()


def test_a_changed_byte_of_a_signed_pdf_does_not_hold(seal: Signer, anchors: Question) -> None:
    signed = bytearray(seal.pdf(pdf_of("Order 7")))
    place = signed.index(b"/Producer") + 12
    signed[place] ^= 1
    assert check(bytes(signed), anchors).whole == ()


def test_a_changed_element_of_a_signed_xml_document_does_not_hold(
    seal: Signer, anchors: Question
) -> None:
    changed = seal.xml(ORDER).replace(b"subscriber", b"content")
    one = only(changed, anchors)
    assert not one.valid
    assert one.problem == "broken"


def test_a_signature_over_one_part_does_not_cover_the_document(
    seal: Signer, anchors: Question
) -> None:
    data = b'<order><part Id="p1"><account>a-9</account></part><data>content</data></order>'
    one = only(seal.xml(data, reference="#p1"), anchors)
    assert one.valid
    assert not one.whole


def test_a_signed_document_wrapped_into_another_does_not_hold(
    seal: Signer, anchors: Question
) -> None:
    """The genuine order moves below a new root; its signature stays valid, the root is forged."""
    genuine = etree.fromstring(
        seal.xml(b'<order Id="o1"><account>a-9</account></order>', reference="#o1")
    )
    signature = genuine.find(f"{DS}Signature")
    genuine.remove(signature)
    forged = etree.fromstring(b"<order><account>b-8</account><old/></order>")
    forged.find("old").append(genuine)
    forged.append(signature)
    found = check(etree.tostring(forged), anchors)
    assert found.whole == ()


def test_two_signatures_or_a_hidden_one_are_left_to_a_person(
    seal: Signer, anchors: Question
) -> None:
    once = seal.xml(ORDER)
    signature = etree.tostring(etree.fromstring(once).find(f"{DS}Signature"))
    hidden = once.replace(b"</account>", b"</account><x>" + signature + b"</x>")
    assert check(hidden, anchors).problem == "signatures_unclear"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (pdf_of("On the letterhead of the Tribunal", "signed: the judge"), "unsigned"),
        (ORDER, "unsigned"),
        (b"%PDF-1.7\nnothing of the kind", "not_pdf"),
        (b"<order><account>", "not_xml"),
        (b'<!DOCTYPE o [<!ENTITY a "b">]><o>&a;</o>', "has_dtd"),
        (b"plain words", "not_signable"),
        (b"", "not_signable"),
        (b"<" + b" " * MAX_BYTES, "too_large"),
    ],
    ids=["letterhead", "xml", "no pdf", "no xml", "dtd", "words", "nothing", "large"],
)
def test_what_carries_no_signature_says_why(data: bytes, problem: str, anchors: Question) -> None:
    found = check(data, anchors)
    assert found.problem == problem
    assert found.whole == ()


def test_an_anchor_that_is_no_certificate_stops_the_reading(tmp_path: Path) -> None:
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / "root.pem").write_text("no certificate")
    with pytest.raises(UnavailableError, match="cannot be read"):
        signatures.question(tmp_path, NOW)


def test_without_anchors_nothing_is_chained(seal: Signer, tmp_path: Path) -> None:
    one = only(seal.pdf(pdf_of("Order 7")), signatures.question(tmp_path, NOW))
    assert one.holds
    assert not one.chained


def test_the_fingerprint_of_a_certificate_is_that_of_its_signature(seal: Signer) -> None:
    assert signatures.fingerprint(seal.pem) == seal.fingerprint
    with pytest.raises(ValueError, match="no certificate"):
        signatures.fingerprint(b"nothing")


def test_the_process_with_limits_says_the_same(seal: Signer, anchors: Question) -> None:
    for data in (seal.pdf(pdf_of("Order 7")), seal.xml(ORDER), pdf_of("unsigned"), b"words"):
        assert ask(data, anchors) == check(data, anchors)
