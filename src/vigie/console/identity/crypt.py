# SPDX-License-Identifier: Apache-2.0
"""Secrets of second factors rest encrypted: a copy of the store alone signs nobody in.

AES-256-GCM (NIST SP 800-38D) under a key derived from the installation's own
(HKDF, RFC 5869), which lies outside the store.
"""

from __future__ import annotations

import base64
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from vigie.core.errors import UnavailableError

_INFO: Final = b"vigie/second-factor/v1"
_NONCE: Final = 12


def seal(text: str) -> str:
    """Encrypt a secret for the store."""
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(_key()).encrypt(nonce, text.encode(), _INFO)
    return base64.b64encode(nonce + sealed).decode("ascii")


def unseal(sealed: str) -> str:
    """Return a secret. Raises UnavailableError where the key is another one."""
    try:
        raw = base64.b64decode(sealed, validate=True)
        return AESGCM(_key()).decrypt(raw[:_NONCE], raw[_NONCE:], _INFO).decode()
    except (InvalidTag, ValueError) as problem:
        raise UnavailableError(
            "This second factor was set up under another key.",
            code="no_key",
            fix="Restore the keys folder, or reset it: vigie account reset-mfa.",
        ) from problem


def _key() -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=_INFO).derive(settings.SECRET_KEY.encode())
