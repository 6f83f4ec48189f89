# SPDX-License-Identifier: Apache-2.0
"""Signatures of XML documents: enveloped, over the whole document, nothing wrapped around.

What is read of a document is its root. So a signature counts only where the signed
bytes are the root without the signature itself: a signed part moved elsewhere, a part
signed alone or a second document in the same file covers nothing.
"""

from __future__ import annotations

import base64
import binascii
import copy
import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from vigie.exchange.signed.chains import Anchors, UnreadableError, judged
from vigie.exchange.signed.report import Signer

DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
REFUSED: Final = (SignXMLException, etree.Error, ValueError, TypeError, KeyError, binascii.Error)


def signers(data: bytes, anchors: Anchors, at: int, most: int) -> Iterator[Signer]:
    """Yield what each signature below the root says. Raises UnreadableError."""
    root = parse(data)
    placed = list(root.iterchildren(f"{DS}Signature"))
    if len(list(root.iter(f"{DS}Signature"))) != len(placed) or len(placed) > 1:
        # One enveloped signature is read; more of them, or hidden ones, are for a person.
        raise UnreadableError("signatures_unclear")
    for one in placed[:most]:
        certificates = list(_certificates(one))
        if certificates:
            yield _judged(data, root, certificates, anchors, at)


def parse(data: bytes) -> Any:
    """Return the root of a document from a stranger: no entities, no network, no DTD."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise UnreadableError("not_xml") from problem
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableError("has_dtd")
    return root


def _certificates(signature: Any) -> Iterator[asn1.Certificate]:
    """Yield the certificates that a signature brings, the signer's first."""
    for one in signature.iterfind(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate"):
        try:
            found = asn1.Certificate.load(base64.b64decode(one.text or ""), strict=True)
            found.native  # noqa: B018 - parses all of it
        except (ValueError, TypeError, KeyError) as problem:
            raise UnreadableError("certificate_unreadable") from problem
        yield found


def _judged(
    data: bytes, root: Any, certificates: list[asn1.Certificate], anchors: Anchors, at: int
) -> Signer:
    signer, *others = certificates
    covered = _covered(data, signer, at)
    return judged(
        signer,
        others,
        anchors,
        at,
        valid=covered is not None,
        whole=covered is not None and _bare(root) in covered,
    )


def _covered(data: bytes, signer: asn1.Certificate, at: int) -> set[bytes] | None:
    """Return what the signature covers, in canonical bytes; None where it does not hold."""
    config = SignatureConfiguration(
        location="./", expect_references=True, verification_time=_inside(signer, at)
    )
    try:
        key = x509.load_der_x509_certificate(signer.dump())
        found = XMLVerifier().verify(data, x509_cert=key, expect_config=config, parser=_strict())
    except (*REFUSED, UnsupportedAlgorithm):
        return None
    results = found if isinstance(found, list) else [found]
    return {_canonical(one.signed_xml) for one in results if one.signed_xml is not None}


def _inside(signer: asn1.Certificate, at: int) -> dt.datetime:
    """Return a time at which the certificate is valid: whether it was is judged apart."""
    moment = dt.datetime.fromtimestamp(at / 1000, dt.UTC)
    first: dt.datetime = signer.not_valid_before
    last: dt.datetime = signer.not_valid_after
    return min(max(moment, first), last)


def _strict() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)


def _bare(root: Any) -> bytes:
    """Return the canonical bytes of a root without its signature, as its signer saw it."""
    bare = copy.deepcopy(root)
    for one in list(bare.iterchildren(f"{DS}Signature")):
        _drop(one)
    return _canonical(bare)


def _drop(node: Any) -> None:
    """Remove a node and keep the text after it, as the enveloped transform does."""
    parent, before, tail = node.getparent(), node.getprevious(), node.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(node)


def _canonical(node: Any) -> bytes:
    return bytes(etree.tostring(node, method="c14n", exclusive=True, with_comments=False))
