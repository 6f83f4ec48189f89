# SPDX-License-Identifier: Apache-2.0
"""A moment of work, or of waiting, instead of an outside CAPTCHA.

A challenge is signed and belongs to one sender. Its answer is a number with
which SHA-256 begins with `BITS` zero bits: a second or so on a phone
(`static/vigie/work.js`). Who has no script sends the same form again after
`WAIT_S` seconds. Each challenge is good for one request.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final

from vigie.store.models import RateBucket

if TYPE_CHECKING:
    from vigie.flow.house import House

BITS: Final = 14
"""Zero bits asked for: 16,000 hashes on average."""
WAIT_S: Final = 20
LASTS_S: Final = 3_600
FIELD: Final = "work"
"""Field of a form that holds challenge and answer: `challenge:number`."""
MOST: Final = 200
_KEY: Final = b"vigie/work-key/v1"


def challenge(house: House, sender: str) -> str:
    """Return a new challenge for a sender: time, random, tag."""
    body = f"{house.now():x}.{secrets.token_hex(8)}"
    return f"{body}.{_tag(house, sender, body)}"


def is_done(house: House, sender: str, answer: str) -> bool:
    """Say whether the answer is worked for or waited for, and was not used before."""
    text, _colon, number = answer[:MOST].partition(":")
    body, _dot, tag = text.rpartition(".")
    if not body or not tag.isascii() or not hmac.compare_digest(tag, _tag(house, sender, body)):
        return False
    waited = (house.now() - int(body.partition(".")[0], 16)) / 1000
    if waited > LASTS_S or not (waited >= WAIT_S or _is_worked(text, number)):
        return False
    return _is_first(text, house.now())


def _is_worked(text: str, number: str) -> bool:
    digest = hashlib.sha256(f"{text}:{number}".encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - BITS) == 0


def _is_first(text: str, now: int) -> bool:
    """Take note of a challenge; False where it was used."""
    key = "w" + hashlib.sha256(text.encode()).hexdigest()[1:]
    made, new = RateBucket.objects.get_or_create(key=key, defaults={"tokens": 0, "at": now})
    return new and made.at == now


def _tag(house: House, sender: str, body: str) -> str:
    secret = hmac.digest(house.pseudonym_key, _KEY, "sha256")
    return hmac.new(secret, f"{sender}\n{body}".encode(), hashlib.sha256).hexdigest()[:32]
