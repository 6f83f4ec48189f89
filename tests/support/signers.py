# SPDX-License-Identifier: Apache-2.0
"""A certificate authority for tests, made anew in each run, and documents that its people sign."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from lxml import etree
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers as pdf_signers
from pyhanko.sign.ades.qualified_asn1 import QcCertificateType, QcStatement, QcStatements
from pyhanko_certvalidator.registry import SimpleCertificateStore
from reportlab.pdfgen import canvas
from signxml.algorithms import SignatureMethod
from signxml.signer import XMLSigner

QC_STATEMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")


def _statements() -> bytes:
    """Return qualified-certificate statements for a seal made in a qualified device."""
    rows = [
        QcStatement({"statement_id": "0.4.0.1862.1.1"}),
        QcStatement({"statement_id": "0.4.0.1862.1.4"}),
        QcStatement(
            {
                "statement_id": "0.4.0.1862.1.6",
                "statement_info": QcCertificateType(["0.4.0.1862.1.6.2"]),
            }
        ),
    ]
    return bytes(QcStatements(rows).dump())


@dataclass(frozen=True)
class Signer:
    """A key with its certificate and those above it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as the directory writes it."""
        return hashlib.sha256(self.certificate.public_bytes(serialization.Encoding.DER)).hexdigest()

    @property
    def pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def pdf(self, data: bytes, field: str = "Signature1") -> bytes:
        """Sign a PDF (PAdES), over all of it."""
        made = pdf_signers.SimpleSigner(
            signing_cert=asn1.Certificate.load(_der(self.certificate)),
            signing_key=asn1_keys.PrivateKeyInfo.load(_key_der(self.key)),
            cert_registry=SimpleCertificateStore.from_certs(
                [asn1.Certificate.load(_der(one)) for one in self.above]
            ),
        )
        out = BytesIO()
        meta = pdf_signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256")
        pdf_signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(data)), meta, signer=made, output=out)
        return out.getvalue()

    def xml(self, data: bytes, reference: str | None = None) -> bytes:
        """Sign an XML document, enveloped: all of it, or the part with an Id."""
        signer = XMLSigner(signature_algorithm=SignatureMethod.ECDSA_SHA256)
        pems = [one.public_bytes(serialization.Encoding.PEM).decode() for one in self._chain]
        more: dict[str, Any] = {"reference_uri": reference} if reference else {}
        root = signer.sign(etree.fromstring(data), key=self.key, cert="".join(pems), **more)
        return bytes(etree.tostring(root))

    @property
    def _chain(self) -> list[x509.Certificate]:
        return [self.certificate, *self.above]


def _der(one: x509.Certificate) -> bytes:
    return one.public_bytes(serialization.Encoding.DER)


def _key_der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


class TestAuthority:
    """A root that issues certificates."""

    __test__ = False

    def __init__(self, name: str, now: int) -> None:
        self.now = dt.datetime.fromtimestamp(now / 1000, dt.UTC)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name(name)
        self.root = self._build(self.name, self.key.public_key(), days=3650, ca=True).sign(
            self.key, hashes.SHA256()
        )

    def trust(self, folder: Path, *, qualified: bool = False) -> None:
        """Put the root among the anchors of a data folder."""
        there = folder / "trust" / ("qualified" if qualified else "")
        there.mkdir(parents=True, exist_ok=True)
        text = self.root.public_bytes(serialization.Encoding.PEM)
        (there / f"{self.root.serial_number}.pem").write_bytes(text)

    def signer(
        self, name: str = "Registry", *, qualified: bool = False, days: tuple[int, int] = (-30, 300)
    ) -> Signer:
        """Issue a certificate, valid from and until so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._build(_name(name), key.public_key(), days=days[1], since=days[0])
        made = made.add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=False,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        if qualified:
            extension = x509.UnrecognizedExtension(QC_STATEMENTS, _statements())
            made = made.add_extension(extension, critical=False)
        return Signer(key, made.sign(self.key, hashes.SHA256()), (self.root,))

    def _build(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePublicKey,
        *,
        days: int,
        since: int = -60,
        ca: bool = False,
    ) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder().subject_name(name).issuer_name(self.name)
        made = made.public_key(key).serial_number(x509.random_serial_number())
        made = made.not_valid_before(self.now + dt.timedelta(days=since))
        made = made.not_valid_after(self.now + dt.timedelta(days=days))
        made = made.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key)
        made = made.add_extension(identifier, critical=False)
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return made.add_extension(above, critical=False)


def _name(text: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
            x509.NameAttribute(NameOID.COMMON_NAME, text),
        ]
    )


def pdf_of(*lines: str) -> bytes:
    """Return a PDF of one page with lines of text."""
    out = BytesIO()
    page = canvas.Canvas(out, invariant=1)
    for number, line in enumerate(lines):
        page.drawString(60, 780 - 16 * number, line)
    page.save()
    return out.getvalue()
