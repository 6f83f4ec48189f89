# SPDX-License-Identifier: Apache-2.0
"""Webhooks as Standard Webhooks describes them: sign, verify, send once.

Signed is `id.timestamp.body` with HMAC-SHA256; several signatures stand in one
header while a secret changes over. An answer of 2xx is a receipt, 410 ends the
subscription, everything else (redirects too) is a failure and tried again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from vigie.core.errors import InvalidInputError, OutsideError, RefusedError
from vigie.exchange import outbound
from vigie.exchange.outbound import Resolver, check_url, resolve

__all__ = [
    "MAX_BODY",
    "RETRY_AFTER_S",
    "Receipt",
    "check_secret",
    "check_url",
    "new_secret",
    "next_delay",
    "send",
    "sign",
    "verify",
]

PREFIX: Final = "whsec_"
TOLERANCE_S: Final = 300
MAX_BODY: Final = 20_000
RETRY_AFTER_S: Final = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds before each attempt; after the last one the message is dead."""
JITTER: Final = 0.1
GONE: Final = 410
_MIN_SECRET: Final = 24
_MAX_SECRET: Final = 64


class Receipt(NamedTuple):
    """What came of one attempt."""

    status: int
    """HTTP status; 0 without an answer."""
    delivered: bool
    gone: bool
    """The other side wants no more messages."""
    digest: str
    """SHA-256 of the answer's body, hexadecimal; the body itself is not kept."""
    problem: str = ""


def new_secret() -> str:
    """Return a new signing secret of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def check_secret(secret: str) -> bytes:
    """Return the bytes of a secret; InvalidInputError where it is none."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not _MIN_SECRET <= len(key) <= _MAX_SECRET:
        raise InvalidInputError(
            "This is no webhook secret.",
            code="bad_secret",
            field="secret",
            fix="Give whsec_ and 24 to 64 bytes in base64.",
        )
    return key


def sign(secrets_: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the header `webhook-signature`: one signature for each secret."""
    return " ".join(_signature(one, message_id, timestamp, body) for one in secrets_ if one)


def _signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    content = f"{message_id}.{timestamp}.".encode() + body
    mac = hmac.digest(check_secret(secret), content, hashlib.sha256)
    return f"v1,{base64.b64encode(mac).decode()}"


def verify(secret: str, headers: Mapping[str, str], body: bytes, now_s: int) -> None:
    """Check a message as its receiver does; RefusedError where it is not genuine.

    Limits: symmetric signatures (`v1`) only; five minutes of tolerance.
    """
    message_id = headers.get("webhook-id", "")
    stamp = headers.get("webhook-timestamp", "")
    if not stamp.isascii() or not stamp.isdigit() or abs(now_s - int(stamp)) > TOLERANCE_S:
        raise RefusedError("The message's time is not now.", code="bad_timestamp")
    wanted = _signature(secret, message_id, int(stamp), body)
    given = headers.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(wanted.encode(), one.encode()) for one in given):
        raise RefusedError("No signature of the message is ours.", code="bad_signature")


def send(
    url: str,
    secrets_: Sequence[str],
    message_id: str,
    body: bytes,
    now_s: int,
    *,
    allow_private: bool = False,
    resolver: Resolver = resolve,
) -> Receipt:
    """Send a message once and say what came of it; never raises for the other side."""
    if len(body) > MAX_BODY:
        raise InvalidInputError("A webhook's body stays below 20 kB.", code="too_large")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Vigie-Webhook/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(now_s),
        "webhook-signature": sign(secrets_, message_id, now_s, body),
    }
    try:
        to = outbound.target(url, allow_private=allow_private, resolver=resolver)
        answer = outbound.post(to, body, headers)
    except (OutsideError, InvalidInputError) as problem:
        return Receipt(0, delivered=False, gone=False, digest="", problem=problem.code)
    delivered = 200 <= answer.status < 300
    return Receipt(
        answer.status,
        delivered=delivered,
        gone=answer.status == GONE,
        digest=hashlib.sha256(answer.body).hexdigest(),
        problem="" if delivered else "refused",
    )


def next_delay(attempts: int, chance: float) -> float | None:
    """Return the seconds until the next attempt, or None where it was the last.

    Args:
        attempts: how many were made.
        chance: a random number of [0, 1) for the jitter.
    """
    if attempts >= len(RETRY_AFTER_S):
        return None
    return RETRY_AFTER_S[attempts] * (1 + JITTER * (2 * chance - 1))
