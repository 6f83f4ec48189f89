# SPDX-License-Identifier: Apache-2.0
"""Time stamps of four authorities, good and bad, get the results that were established for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import decode_timestamp_response

from tests.support.ledger import VECTORS, vector
from vigie.core.errors import OutsideError
from vigie.exchange import tsa

FIXTURES = VECTORS / "rfc3161" / "fixtures"
CASES = vector("rfc3161/expected.json")["cases"]


def _certificates(case) -> list[x509.Certificate]:
    data = (FIXTURES / case["dir"] / "ts_chain.pem").read_bytes()
    if data.startswith(b"-----"):
        return x509.load_pem_x509_certificates(data)
    return [x509.load_der_x509_certificate(data)]


def _is_ca(one: x509.Certificate) -> bool:
    try:
        return one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _authority(case) -> tsa.Authority:
    """Trust the chain's root and intermediates; the signer's own only where it is supplied."""
    chain = _certificates(case)
    kept = [c for c in chain if _is_ca(c) or case.get("leaf_supplied")]
    pem = b"".join(c.public_bytes(Encoding.PEM) for c in kept)
    made = tsa.authority("test", "https://tsa.invalid/", pem)
    if "expected_common_name" not in case:
        return made
    return made._replace(signer=_injected(case))


def _injected(case) -> x509.Certificate:
    """Return the certificate that somebody put into the response, beside the signer's."""
    decoded = decode_timestamp_response((FIXTURES / case["dir"] / case["response"]).read_bytes())
    found = [x509.load_der_x509_certificate(c) for c in decoded.signed_data.certificates]
    name = case["expected_common_name"]
    return next(c for c in found if c.subject.rfc4514_string() == name)


class _AtAnotherTime:
    """A response whose time is another: only this can bring about the case of the vectors."""

    def __init__(self, real: Any, when: str) -> None:
        self._real, self._when = real, datetime.fromisoformat(when)

    def __getattr__(self, name: str) -> Any:
        if name == "tst_info":
            return _AtAnotherTime(self._real.tst_info, self._when.isoformat())
        return self._when if name == "gen_time" else getattr(self._real, name)


@pytest.mark.parametrize(
    "case", [pytest.param(c, id=f"{c['dir']}-{n}") for n, c in enumerate(CASES)]
)
def test_every_response_gets_its_result(case, monkeypatch):
    folder = FIXTURES / case["dir"]
    payload = (folder / case["payload"]).read_bytes() if "payload" in case else b"hello"
    response = (folder / case["response"]).read_bytes()
    if "assume_gen_time" in case:
        real = decode_timestamp_response
        monkeypatch.setattr(
            tsa,
            "decode_timestamp_response",
            lambda data: _AtAnotherTime(real(data), case["assume_gen_time"]),
        )
    if not case["ok"]:
        with pytest.raises(OutsideError) as caught:
            tsa.verify(_authority(case), payload, response)
        assert caught.value.code == "bad_token"
        return
    when = tsa.verify(_authority(case), payload, response)
    assert when // 1000 == datetime.fromisoformat(case["gen_time"]).timestamp()


@pytest.mark.parametrize("case", [c for c in CASES if c["ok"]], ids=lambda c: c["response"])
def test_a_good_response_is_refused_for_other_bytes(case):
    response = (FIXTURES / case["dir"] / case["response"]).read_bytes()
    with pytest.raises(OutsideError):
        tsa.verify(_authority(case), b"other", response)
