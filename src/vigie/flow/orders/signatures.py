# SPDX-License-Identifier: Apache-2.0
"""What the signatures of a document say: who signed which bytes, and by what it is known.

PDF by PAdES (ETSI EN 319 142), XML by XMLDSig and XAdES (ETSI EN 319 132). A signature
counts where it covers the whole document as it came: nothing added after it, nothing
beside it. The network is never asked; a revoked certificate is withdrawn in the directory.
Pure: bytes in, report out, so that it can run in a process of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from asn1crypto import pem
from asn1crypto import x509 as asn1

from vigie.flow.orders import chains, signed_pdf, signed_xml
from vigie.flow.orders.chains import Anchors, Signer

MAX_BYTES: Final = 20_000_000
MAX_SIGNATURES: Final = 8
TRUST: Final = "trust"
QUALIFIED: Final = "qualified"


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one document."""

    kind: str = ""
    """`pdf`, `xml`, or empty: nothing that can carry a signature here."""
    signers: tuple[Signer, ...] = ()
    problem: str = ""
    """A code, where the document could not be checked at all."""

    @property
    def whole(self) -> tuple[Signer, ...]:
        """The signatures that hold and cover all of it."""
        return tuple(one for one in self.signers if one.holds)


def load_anchors(data_dir: Path) -> Anchors:
    """Read `trust/*.pem` (for removal orders) and `trust/qualified/*.pem` (for data).

    A file that is no certificate stops the reading: half a list of anchors is none.
    Raises ValueError naming the file.
    """
    folder = data_dir / TRUST
    plain = tuple(_certificates(sorted(folder.glob("*.pem"))))
    qualified = tuple(_certificates(sorted((folder / QUALIFIED).glob("*.pem"))))
    return Anchors(plain=plain, qualified=qualified)


def _certificates(paths: Iterable[Path]) -> Iterable[asn1.Certificate]:
    for path in paths:
        try:
            for _kind, _headers, der in pem.unarmor(path.read_bytes(), multiple=True):
                yield asn1.Certificate.load(der, strict=True)
        except (OSError, ValueError, TypeError) as problem:
            raise ValueError(f"{path.name} holds no certificate") from problem


def check(data: bytes, anchors: Anchors, at: int) -> Report:
    """Check every signature of a document against the time at which it came.

    Args:
        data: the document, byte for byte.
        anchors: what chains are built to.
        at: milliseconds; a certificate must be valid then.

    Never raises for what a stranger wrote: the report has a problem instead.
    """
    kind = _kind(data)
    if not kind or len(data) > MAX_BYTES:
        return Report(kind=kind, problem="too_large" if kind else "not_signable")
    read = signed_pdf.signers if kind == "pdf" else signed_xml.signers
    try:
        found = tuple(read(data, anchors, at, MAX_SIGNATURES))
    except chains.UnreadableError as problem:
        return Report(kind=kind, problem=str(problem))
    return Report(kind=kind, signers=found, problem="" if found else "unsigned")


def _kind(data: bytes) -> str:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"%PDF-"):
        return "pdf"
    return "xml" if head.startswith(b"<") else ""


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 by which the directory knows a certificate (PEM or DER).

    Raises ValueError where it is none.
    """
    try:
        der = pem.unarmor(certificate)[2] if pem.detect(certificate) else certificate
        asn1.Certificate.load(der, strict=True).native  # noqa: B018 - parses all of it
    except (ValueError, TypeError, KeyError) as problem:
        raise ValueError("this is no certificate") from problem
    return hashlib.sha256(der).hexdigest()


__all__ = ["Anchors", "Report", "Signer", "check", "fingerprint", "load_anchors"]
