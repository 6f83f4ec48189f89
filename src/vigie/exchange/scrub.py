# SPDX-License-Identifier: Apache-2.0
"""Take personal data out of free text before it leaves for a public database.

Art. 24(5) of Regulation (EU) 2022/2065: no personal data in what is submitted.
Rather too much than too little is removed: addresses of any kind, account
names, telephone and account numbers. A person's name in plain words is not
recognised: who writes facts is told so.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

REMOVED: Final = "[removed]"

_AT: Final = r"(?:@|\s?[\[({]\s?(?:at|arobase)\s?[\])}]\s?)"
_PATTERNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b[a-z][a-z0-9+.-]{0,30}://\S+",  # addresses with a scheme
        r"\b(?:mailto|tel|sms|xmpp|acct|did|urn|magnet|bitcoin):\S+",
        rf"[\w.%+'-]{{1,64}}{_AT}[\w-]{{1,63}}(?:\.[\w-]{{1,63}})*",  # e-mail, fediverse
        r"@[\w][\w.-]*",  # account names
        r"(?<!\w)/?[ur]/[\w-]+",
        r"\bwww\.\S+",
        r"\b(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}/\S*",  # addresses without a scheme
        r"(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])",  # IPv6
        r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)",  # IPv4
        r"(?-i:\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b)",  # bank accounts
        r"\b[0-9a-f]{16,}\b",  # identifiers and digests
        r"\d{7,}",  # long numbers, also inside words
    )
)
_NUMBER: Final = re.compile(r"(?<![\w])\(?(?:\+|00)?\(?\d(?:[ \t\u00a0()./-]{0,3}\d){6,}(?!\w)")
_KEPT: Final = re.compile(
    r"(?:19|20)\d{2}-\d{2}-\d{2}"  # a day
    r"|\d{1,2}[./]\d{1,2}[./](?:19|20)\d{2}"
    r"|(?:19|20)\d{2}/\d{1,4}"  # a regulation
    r"|\d{1,3}/(?:19|20)\d{2}"
)
_INVISIBLE: Final = frozenset("Cf")


def scrub(text: str) -> str:
    """Return the text without e-mail, account names, addresses and numbers.

    Compatibility forms and invisible characters are resolved first, so that
    they hide nothing. Scrubbing twice changes nothing more.
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(c for c in plain if unicodedata.category(c) not in _INVISIBLE)
    before = None
    while before != plain:
        before = plain
        plain = _once(plain)
    return plain


def _once(text: str) -> str:
    for pattern in _PATTERNS:
        text = pattern.sub(REMOVED, text)
    return _NUMBER.sub(_number, text)


def _number(found: re.Match[str]) -> str:
    return found[0] if _KEPT.fullmatch(found[0].strip("()")) else REMOVED


def personal(text: str) -> bool:
    """Say whether something is left in the text that `scrub` would remove."""
    return scrub(text) != unicodedata.normalize("NFKC", text)
