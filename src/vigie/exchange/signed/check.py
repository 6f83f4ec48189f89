# SPDX-License-Identifier: Apache-2.0
"""Who signed which bytes of a document, and by what the signer is known.

PDF by PAdES (ETSI EN 319 142), XML by XMLDSig and XAdES (ETSI EN 319 132). A signature
counts where it covers the whole document as it came: nothing added after it, nothing
beside it. The network is never asked; a revoked certificate is withdrawn in the directory.
"""

from __future__ import annotations

from typing import Final

from asn1crypto import x509 as asn1

from vigie.exchange.signed import pdf, xml
from vigie.exchange.signed.chains import Anchors, UnreadableError
from vigie.exchange.signed.report import Question, Report

MAX_BYTES: Final = 20_000_000
MAX_SIGNATURES: Final = 8


def check(data: bytes, question: Question) -> Report:
    """Check every signature of a document against the time at which it came.

    Never raises for what a stranger wrote: the report has a problem instead.
    """
    kind = kind_of(data)
    if not kind or len(data) > MAX_BYTES:
        return Report(kind=kind, problem="too_large" if kind else "not_signable")
    read = pdf.signers if kind == "pdf" else xml.signers
    try:
        found = tuple(read(data, _anchors(question), question.at, MAX_SIGNATURES))
    except UnreadableError as problem:
        return Report(kind=kind, problem=str(problem))
    return Report(kind=kind, signers=found, problem="" if found else "unsigned")


def kind_of(data: bytes) -> str:
    """Return `pdf` or `xml` by the first bytes; empty for what carries no signature here."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"%PDF-"):
        return "pdf"
    return "xml" if head.startswith(b"<") else ""


def _anchors(question: Question) -> Anchors:
    return Anchors(
        plain=tuple(asn1.Certificate.load(one) for one in question.plain),
        qualified=tuple(asn1.Certificate.load(one) for one in question.qualified),
    )
