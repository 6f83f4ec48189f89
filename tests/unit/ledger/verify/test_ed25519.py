# SPDX-License-Identifier: Apache-2.0
"""Plain Ed25519 says what the library says."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledger import seed
from vigie.ledger.note import verify_ed25519_fast
from vigie.ledger.verify import ed25519
from vigie.ledger.verify.ed25519 import verify_ed25519

# RFC 8032 section 7.1, tests 1 to 3: public key, message, signature.
RFC = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), RFC)
def test_the_signatures_of_the_rfc_are_accepted(public, message, signature):
    assert verify_ed25519(*map(bytes.fromhex, (public, message, signature)))


@settings(max_examples=40)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.data())
def test_both_verifiers_agree_on_good_and_changed_signatures(secret, message, data):
    private = Ed25519PrivateKey.from_private_bytes(secret)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert verify_ed25519(public, message, signature)
    bit = data.draw(st.integers(0, 511))
    changed = (int.from_bytes(signature, "big") ^ 1 << bit).to_bytes(64, "big")
    assert not verify_ed25519(public, message, changed)
    assert not verify_ed25519_fast(public, message, changed)
    assert not verify_ed25519(public, message + b"x", signature)


@settings(max_examples=60)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64))
def test_both_verifiers_agree_on_any_bytes(public, signature):
    found = verify_ed25519(public, b"message", signature)
    assert found == verify_ed25519_fast(public, b"message", signature)


def test_a_signature_has_one_form_only():
    private = Ed25519PrivateKey.from_private_bytes(seed("a"))
    public, signature = private.public_key().public_bytes_raw(), private.sign(b"x")
    s = int.from_bytes(signature[32:], "little") + ed25519._ORDER
    other = signature[:32] + s.to_bytes(32, "little")
    assert not verify_ed25519(public, b"x", other)
    assert not verify_ed25519_fast(public, b"x", other)


@pytest.mark.parametrize(("public", "signature"), [(31, 64), (33, 64), (32, 63), (32, 65)])
def test_wrong_lengths_are_refused(public, signature):
    assert not verify_ed25519(b"x" * public, b"", b"x" * signature)


def test_answers_are_remembered_within_a_limit(monkeypatch):
    monkeypatch.setattr(ed25519, "_SEEN", {})
    monkeypatch.setattr(ed25519, "_SEEN_LIMIT", 2)
    for n in range(5):
        verify_ed25519(seed("p"), b"%d" % n, bytes(64))
        assert len(ed25519._SEEN) <= 2
