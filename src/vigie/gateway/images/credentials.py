# SPDX-License-Identifier: Apache-2.0
"""The certificate and key that sign generated pictures (C2PA).

The operator's own, by settings; otherwise a local authority made at first use:
a certificate of its own for at most a year, renewed a month before its end.
Readers outside show such pictures as signed by somebody they do not know, until they
take up the authority's certificate, `c2pa-ca.pem`. Files are of mode 0600.
Source: C2PA specification 2.2, 14.5.1 (X.509 certificates).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from vigie.core.errors import InvalidInputError, UnavailableError
from vigie.screening.snapshot_files import write_durably

CA_KEY: Final = "c2pa-ca-key.pem"
CA: Final = "c2pa-ca.pem"
KEY: Final = "c2pa-key.pem"
CHAIN: Final = "c2pa-chain.pem"
MODE: Final = 0o600
CA_DAYS: Final = 3_650
DAYS: Final = 365
RENEW_DAYS: Final = 30
_CURVES: Final = {"secp256r1": b"es256", "secp384r1": b"es384", "secp521r1": b"es512"}


class Credentials(NamedTuple):
    """What the signer is given."""

    algorithm: bytes
    chain: bytes
    """PEM: the certificate that signs, then those above it."""
    key: bytes
    """PEM, PKCS#8, not encrypted."""


def own(certificate: Path, key: Path) -> Credentials:
    """Return the operator's certificate chain and key.

    Raises InvalidInputError where one does not read, or they do not belong together.
    """
    try:
        chain, secret = certificate.read_bytes(), key.read_bytes()
        first = x509.load_pem_x509_certificates(chain)[0]
        private = serialization.load_pem_private_key(secret, None)
        same = private.public_key() == first.public_key()
        algorithm = _algorithm(private)
    except (OSError, ValueError, TypeError) as problem:
        raise _wrong("It does not read as PEM.") from problem
    if not same:
        raise _wrong("The key is not the certificate's.")
    return Credentials(algorithm, chain, _pem(private))


def local(folder: Path, name: str, now: dt.datetime) -> Credentials:
    """Return the local certificate and key, made or renewed where need be.

    `name`: the operator as people read it. Raises UnavailableError where the
    folder cannot be written.
    """
    try:
        chain = (folder / CHAIN).read_bytes()
        ends = x509.load_pem_x509_certificates(chain)[0].not_valid_after_utc
        if ends - now > dt.timedelta(days=RENEW_DAYS):
            return Credentials(b"es256", chain, (folder / KEY).read_bytes())
    except (OSError, ValueError):
        pass  # made below
    try:
        return _made(folder, name or "Vigie", now)
    except OSError as problem:
        raise UnavailableError(
            "No certificate for generated pictures can be made.", code="no_key"
        ) from problem


def _made(folder: Path, name: str, now: dt.datetime) -> Credentials:
    authority, above = _authority(folder, name, now)
    private = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _start(name, "generated pictures", private, now, DAYS)
        .issuer_name(above.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()),
            critical=False,
        )
        .sign(authority, hashes.SHA256())
    )
    chain = _encoded(certificate) + _encoded(above)
    key = _pem(private)
    write_durably(folder / KEY, key, MODE)
    write_durably(folder / CHAIN, chain, MODE)
    return Credentials(b"es256", chain, key)


def _authority(
    folder: Path, name: str, now: dt.datetime
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    try:
        held = serialization.load_pem_private_key((folder / CA_KEY).read_bytes(), None)
        above = x509.load_pem_x509_certificate((folder / CA).read_bytes())
        if isinstance(held, ec.EllipticCurvePrivateKey) and above.not_valid_after_utc > now:
            return held, above
    except (OSError, ValueError):
        pass  # made below
    private = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _start(name, "authority for generated pictures", private, now, CA_DAYS)
        .issuer_name(_name(name, "authority for generated pictures"))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .sign(private, hashes.SHA256())
    )
    write_durably(folder / CA_KEY, _pem(private), MODE)
    write_durably(folder / CA, _encoded(certificate), MODE)
    return private, certificate


def _start(
    name: str, part: str, key: ec.EllipticCurvePrivateKey, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name, part))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(name: str, part: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Vigie: {part}"),
        ]
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not signs,
        crl_sign=not signs,
        encipher_only=False,
        decipher_only=False,
    )


def _algorithm(key: object) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    if isinstance(key, rsa.RSAPrivateKey):
        return b"ps256"
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return b"ed25519"
    raise ValueError("a key of another kind")


def _encoded(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _pem(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _wrong(why: str) -> InvalidInputError:
    return InvalidInputError(
        f"The certificate for generated pictures is not understood. {why}",
        field="VIGIE_C2PA_CERTIFICATE",
        fix="Give a PEM chain, its own certificate first, and its key in VIGIE_C2PA_KEY_FILE.",
    )
