# SPDX-License-Identifier: Apache-2.0
"""Signatures of PDF documents (PAdES), by pyHanko, strictly and without the network.

A PDF can be changed after it was signed by appending to it. Only what long-term
archiving appends (time stamps, revocation data) leaves a signature standing.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from asn1crypto import x509 as asn1
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import (
    EmbeddedPdfSignature,
    SignatureCoverageLevel,
    validate_pdf_signature,
)
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from vigie.exchange.signed.chains import Anchors, UnreadableError, judged
from vigie.exchange.signed.report import Signer

_END: Final = re.compile(rb"startxref\s+\d+\s+%%EOF\s{0,2}\Z")
WRONG: Final = (
    PdfError,
    SignatureValidationError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RecursionError,
    NotImplementedError,
)
"""What a broken or hostile file makes its reader raise."""


def signers(data: bytes, anchors: Anchors, at: int, most: int) -> Iterator[Signer]:
    """Yield what each signature says. Raises UnreadableError."""
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # it would log words of strangers
    try:
        reader = PdfFileReader(BytesIO(data), strict=True)
        embedded = list(reader.embedded_regular_signatures)
    except WRONG as problem:
        raise UnreadableError("not_pdf") from problem
    if len(embedded) > most:
        raise UnreadableError("signatures_unclear")
    for one in embedded:
        yield _judged(one, data, anchors, at)


def _judged(one: EmbeddedPdfSignature, data: bytes, anchors: Anchors, at: int) -> Signer:
    try:
        certificate = one.signer_cert
        others = list(one.other_embedded_certs)
        certificate.native  # noqa: B018 - parses all of it
    except WRONG as problem:
        raise UnreadableError("certificate_unreadable") from problem
    status = _status(one, certificate)
    return judged(
        certificate,
        others,
        anchors,
        at,
        valid=status is not None and status.intact and status.valid,
        whole=status is not None and _is_whole(one, status, data),
    )


def _status(one: EmbeddedPdfSignature, certificate: asn1.Certificate) -> PdfSignatureStatus | None:
    """Check the bytes; whose certificate it is, and when it was valid, is judged apart."""
    context = ValidationContext(trust_roots=[certificate], allow_fetching=False)
    try:
        return validate_pdf_signature(one, signer_validation_context=context)
    except WRONG:
        return None


def _is_whole(one: EmbeddedPdfSignature, status: PdfSignatureStatus, data: bytes) -> bool:
    """Say whether it covers every byte, or all but what long-term archiving appended.

    Stray bytes after the end are refused too: another reader might make something of them.
    """
    start, length = list(one.byte_range)[-2:]
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE and start + length == len(data):
        return True
    return (
        status.coverage >= SignatureCoverageLevel.ENTIRE_REVISION
        and status.modification_level == ModificationLevel.LTA_UPDATES
        and bool(status.docmdp_ok)
        and _END.search(data) is not None
    )
