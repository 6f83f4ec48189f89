# SPDX-License-Identifier: Apache-2.0
"""A passkey in software: what a browser and its key would answer (WebAuthn Level 3).

Keys are P-256, attestation is `none`. It answers for the origin it is given and
counts its signatures.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

FLAGS = AuthenticatorData.FLAG


def text(data: bytes) -> str:
    """Base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def data(words: str) -> bytes:
    """The bytes of such a text."""
    return base64.urlsafe_b64decode(words + "=" * (-len(words) % 4))


@dataclass
class Passkey:
    """One key pair of one person at one place."""

    origin: str = "http://localhost"
    verifies: bool = True
    """True: the person showed a finger or a number to it."""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user: bytes = b""
    count: int = 0

    def register(self, options: dict[str, Any]) -> str:
        """Answer `navigator.credentials.create`."""
        public = options["publicKey"]
        self.user = data(public["user"]["id"])
        cose = ES256.from_cryptography_key(self.key.public_key())
        attested = AttestedCredentialData.create(b"\0" * 16, self.credential, cose)
        made = AttestationObject.create(
            "none", self._authenticator(public["rp"]["id"], FLAGS.AT, attested), {}
        )
        client = self._client("webauthn.create", public["challenge"])
        return self._answer({"clientDataJSON": text(client), "attestationObject": text(made)})

    def sign_in(self, options: dict[str, Any], origin: str = "") -> str:
        """Answer `navigator.credentials.get`."""
        public = options["publicKey"]
        self.count += 1
        authenticator = self._authenticator(public["rpId"])
        client = self._client("webauthn.get", public["challenge"], origin)
        signed = bytes(authenticator) + hashlib.sha256(client).digest()
        response = {
            "clientDataJSON": text(client),
            "authenticatorData": text(authenticator),
            "signature": text(self.key.sign(signed, ec.ECDSA(SHA256()))),
            "userHandle": text(self.user),
        }
        return self._answer(response)

    def _authenticator(
        self, place: str, more: int = 0, attested: AttestedCredentialData | bytes = b""
    ) -> AuthenticatorData:
        flags = FLAGS.UP | (FLAGS.UV if self.verifies else 0) | more
        digest = hashlib.sha256(place.encode()).digest()
        made: AuthenticatorData = AuthenticatorData.create(digest, flags, self.count, attested)
        return made

    def _client(self, kind: str, challenge: str, origin: str = "") -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": origin or self.origin}
        return json.dumps(told).encode()

    def _answer(self, response: dict[str, str]) -> str:
        return json.dumps(
            {
                "id": text(self.credential),
                "rawId": text(self.credential),
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {"credProps": {"rk": True}},
            }
        )
