# SPDX-License-Identifier: Apache-2.0
"""Time stamps (RFC 3161): asking an authority, and checking what it answers.

Trust is pinned by certificate: the operator's file for an authority holds its
root, intermediates if any, and, to pin the very signer, its own certificate.
A reply is verified when it comes and kept as it came. Revocation is not
checked here: a token is good if its certificates were valid at its time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from vigie.core.errors import OutsideError, VigieError
from vigie.exchange import outbound, tsa_openssl

MAX_TOKEN: Final = 64 * 1024
_QUERY: Final = "application/timestamp-query"
_REPLY: Final = "application/timestamp-reply"
_OK: Final = 200

Post = Callable[[str, bytes], bytes]


class Authority(NamedTuple):
    """A time-stamp authority as the operator's file names it."""

    name: str
    url: str
    roots: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...] = ()
    signer: x509.Certificate | None = None
    """Pinned where the file holds it: no other certificate of the root counts then."""

    @property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        """All that is pinned."""
        own = (self.signer,) if self.signer is not None else ()
        return (*self.roots, *self.intermediates, *own)


class Stamp(NamedTuple):
    """A verified answer: its bytes as they came, its time, the certificates it needs."""

    response: bytes
    gen_time: int
    """Milliseconds since 1970."""
    chain: str
    """PEM."""


def parse_authorities(text: str, folder: Path) -> list[Authority]:
    """Read the file of authorities; paths of certificates are relative to its folder.

    Raises ValueError in plain words.
    """
    found: list[Authority] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] != "authority" or len(words) != 4:
            raise ValueError(f"line {number} is not `authority NAME URL CERTIFICATES.pem`")
        if any(one.name == words[1] for one in found):
            raise ValueError(f"the name {words[1]} stands there twice")
        outbound.check_url(words[2], allow_private=True)
        found.append(authority(words[1], words[2], _pem(folder / words[3])))
    return found


def _pem(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise ValueError(f"{path} cannot be read") from problem


def authority(name: str, url: str, pem: bytes) -> Authority:
    """Return an authority that is trusted by these certificates.

    Raises ValueError where no self-signed one is among them.
    """
    certificates = x509.load_pem_x509_certificates(pem)
    roots = tuple(c for c in certificates if _is_ca(c) and c.issuer == c.subject)
    between = tuple(c for c in certificates if _is_ca(c) and c.issuer != c.subject)
    signers = [c for c in certificates if not _is_ca(c)]
    if not roots or len(signers) > 1:
        raise ValueError(f"{name} needs a root certificate, and at most one signer's")
    return Authority(name, url, roots, between, signers[0] if signers else None)


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return found.value.ca


def post(url: str, body: bytes) -> bytes:
    """Send a query to an authority. Raises OutsideError where it gives no reply."""
    to = outbound.target(url, allow_private=True)
    got = outbound.post(to, body, {"Content-Type": _QUERY, "Accept": _REPLY})
    if got.status != _OK or got.content_type.partition(";")[0].strip().lower() != _REPLY:
        raise OutsideError(f"The authority answered {got.status}.", code=f"status_{got.status}")
    return got.body


def stamp(one: Authority, data: bytes, *, send: Post = post) -> Stamp:
    """Have bytes stamped: SHA-256, a fresh nonce, certificates asked for.

    Raises OutsideError where there is no answer, or none that verifies.
    """
    request = (
        TimestampRequestBuilder()
        .data(data)
        .hash_algorithm(HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    try:
        response = send(one.url, request.as_bytes())
    except OutsideError:
        raise
    except VigieError as problem:
        raise OutsideError(problem.message, code="no_answer") from problem
    gen_time = verify(one, data, response, query=request.as_bytes(), nonce=request.nonce)
    return Stamp(response, gen_time, _chain(one, response))


def verify(
    one: Authority,
    data: bytes,
    response: bytes,
    *,
    query: bytes | None = None,
    nonce: int | None = None,
) -> int:
    """Return the time of a reply over these bytes, in milliseconds since 1970.

    The library wants strict DER; what it cannot even read is given to
    `openssl`, unless the signer is pinned, which only the library can hold.
    Raises OutsideError for a reply that does not verify.
    """
    if len(response) > MAX_TOKEN:
        raise _refused("It is too long.")
    try:
        decoded = decode_timestamp_response(response)
    except ValueError as problem:
        if one.signer is not None or not tsa_openssl.is_there():
            raise _refused("It is not strict DER.") from problem
        pem = [_text(c) for c in one.roots], [_text(c) for c in one.intermediates]
        return tsa_openssl.verify(data, response, query, *pem)
    _verify(one, data, decoded, nonce)
    return _milliseconds(decoded)


def _verify(one: Authority, data: bytes, decoded: TimeStampResponse, nonce: int | None) -> None:
    # A new builder each time: it shares its lists between copies.
    verifier = VerifierBuilder(
        roots=list(one.roots),
        intermediates=list(one.intermediates),
        tsa_certificate=one.signer,
        nonce=nonce,
    ).build()
    try:
        verifier.verify_message(decoded, data)
    except (VerificationError, ValueError) as problem:
        raise _refused(str(problem)) from problem


def _milliseconds(decoded: TimeStampResponse) -> int:
    moment = decoded.tst_info.gen_time
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def _refused(why: str) -> OutsideError:
    return OutsideError(
        "The time stamp does not verify.", code="bad_token", diagnostics=why, fix=why
    )


def _text(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _chain(one: Authority, response: bytes) -> str:
    """Return the pinned certificates and those in the reply, each once."""
    found = [_text(c) for c in one.certificates]
    try:
        embedded = decode_timestamp_response(response).signed_data.certificates
        found += sorted(_text(x509.load_der_x509_certificate(der)) for der in embedded)
    except ValueError:
        pass  # what is not strict DER: openssl finds them in the reply itself
    return "".join(dict.fromkeys(found))
