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
from vigie.flow.orders import signatures
from vigie.flow.orders.chains import Anchors

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
def anchors(root: TestAuthority, tmp_path: Path) -> Anchors:
    root.trust(tmp_path, qualified=True)
    return signatures.load_anchors(tmp_path)


def only(data: bytes, anchors: Anchors, at: int = NOW) -> signatures.Signer:
    found = signatures.check(data, anchors, at)
    assert found.problem == ""
    [one] = found.signers
    return one


def test_a_sealed_pdf_holds_whole_and_qualified(seal: Signer, anchors: Anchors) -> None:
    one = only(seal.pdf(pdf_of("Order 7", "a-9")), anchors)
    assert one.holds
    assert one.qualified
    assert one.chained
    assert one.certificate == seal.fingerprint


def test_a_signed_xml_document_holds_whole_and_qualified(seal: Signer, anchors: Anchors) -> None:
    one = only(seal.xml(ORDER), anchors)
    assert one.holds
    assert one.qualified
    assert one.certificate == seal.fingerprint


def test_whitespace_around_the_signature_changes_nothing(seal: Signer, anchors: Anchors) -> None:
    assert only(seal.xml(b"<order>\n  <account>a-9</account>\n</order>"), anchors).holds


def test_a_qualified_looking_certificate_of_another_root_is_not_qualified(
    anchors: Anchors,
) -> None:
    other = TestAuthority("Test Root", NOW).signer("Tribunal of Testland", qualified=True)
    for data in (other.pdf(pdf_of("Order 7")), other.xml(ORDER)):
        one = only(data, anchors)
        assert one.holds  # its bytes are sound: whose it is says the directory
        assert not one.chained
        assert not one.qualified


def test_a_plain_certificate_of_a_qualified_root_is_not_qualified(
    root: TestAuthority, anchors: Anchors
) -> None:
    one = only(root.signer("A person").pdf(pdf_of("Order 7")), anchors)
    assert one.chained
    assert not one.qualified


def test_a_qualified_certificate_under_a_plain_anchor_is_not_qualified(
    root: TestAuthority, seal: Signer, tmp_path: Path
) -> None:
    root.trust(tmp_path)
    one = only(seal.pdf(pdf_of("Order 7")), signatures.load_anchors(tmp_path))
    assert one.chained
    assert not one.qualified


def test_an_expired_certificate_does_not_hold(root: TestAuthority, anchors: Anchors) -> None:
    old = root.signer("Tribunal", qualified=True, days=(-50, -1))
    for data in (old.pdf(pdf_of("Order 7")), old.xml(ORDER)):
        one = only(data, anchors)
        assert one.problem == "expired"
        assert not one.holds
        assert not one.qualified


def test_a_pdf_that_was_appended_to_after_it_was_signed_does_not_hold(
    seal: Signer, anchors: Anchors
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


def test_bytes_after_the_end_of_a_signed_pdf_do_not_hold(seal: Signer, anchors: Anchors) -> None:
    found = signatures.check(seal.pdf(pdf_of("Order 7")) + b"\n% and more\n", anchors, NOW)
    assert found.whole == ()


def test_a_changed_byte_of_a_signed_pdf_does_not_hold(seal: Signer, anchors: Anchors) -> None:
    signed = bytearray(seal.pdf(pdf_of("Order 7")))
    place = signed.index(b"/Producer") + 12
    signed[place] ^= 1
    assert signatures.check(bytes(signed), anchors, NOW).whole == ()


def test_a_changed_element_of_a_signed_xml_document_does_not_hold(
    seal: Signer, anchors: Anchors
) -> None:
    changed = seal.xml(ORDER).replace(b"subscriber", b"content")
    one = only(changed, anchors)
    assert not one.valid
    assert one.problem == "broken"


def test_a_signature_over_one_part_does_not_cover_the_document(
    seal: Signer, anchors: Anchors
) -> None:
    data = b'<order><part Id="p1"><account>a-9</account></part><data>content</data></order>'
    one = only(seal.xml(data, reference="#p1"), anchors)
    assert one.valid
    assert not one.whole


def test_a_signed_document_wrapped_into_another_does_not_hold(
    seal: Signer, anchors: Anchors
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
    found = signatures.check(etree.tostring(forged), anchors, NOW)
    assert found.whole == ()


def test_two_signatures_or_a_hidden_one_are_left_to_a_person(
    seal: Signer, anchors: Anchors
) -> None:
    once = seal.xml(ORDER)
    signature = etree.tostring(etree.fromstring(once).find(f"{DS}Signature"))
    hidden = once.replace(b"</account>", b"</account><x>" + signature + b"</x>")
    assert signatures.check(hidden, anchors, NOW).problem == "signatures_unclear"


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
        (b"<" + b" " * signatures.MAX_BYTES, "too_large"),
    ],
    ids=["letterhead", "xml", "no pdf", "no xml", "dtd", "words", "nothing", "large"],
)
def test_what_carries_no_signature_says_why(data: bytes, problem: str, anchors: Anchors) -> None:
    found = signatures.check(data, anchors, NOW)
    assert found.problem == problem
    assert found.whole == ()


def test_an_anchor_that_is_no_certificate_stops_the_reading(tmp_path: Path) -> None:
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / "root.pem").write_text("no certificate")
    with pytest.raises(ValueError, match=r"root\.pem"):
        signatures.load_anchors(tmp_path)


def test_without_anchors_nothing_is_chained(seal: Signer, tmp_path: Path) -> None:
    one = only(seal.pdf(pdf_of("Order 7")), signatures.load_anchors(tmp_path))
    assert one.holds
    assert not one.chained


def test_the_fingerprint_of_a_certificate_is_that_of_its_signature(seal: Signer) -> None:
    assert signatures.fingerprint(seal.pem) == seal.fingerprint
    with pytest.raises(ValueError, match="no certificate"):
        signatures.fingerprint(b"nothing")
