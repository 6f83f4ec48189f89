# SPDX-License-Identifier: Apache-2.0
"""Addresses of items as people write them, brought into one form.

A notice names a location (Art. 16(2)(b) DSA); the same page is often written
with another case, a fragment or a trailing slash. Two spellings of one address
have one key. Queries stay: they often name the item.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final
from urllib.parse import urlsplit, urlunsplit

WEB: Final = ("http", "https")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+-]*):")
"""What begins an address (RFC 3986 3.1); with a dot before the colon it is a host and a port."""


def canonical(address: str) -> str:
    """Return the address without what never names an item; other text as it is."""
    text = address.strip()
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").removeprefix("www.")
        port = f":{parts.port}" if parts.port and parts.port not in (80, 443) else ""
    except ValueError:
        return text
    if parts.scheme.lower() not in WEB or not host:
        return text
    return urlunsplit(("https", host + port, parts.path.rstrip("/"), parts.query, ""))


def key(address: str) -> str:
    """Return the digest by which an item is found; empty where there is no address."""
    if not address.strip():
        return ""
    return hashlib.sha256(canonical(address).encode("utf-8", "surrogatepass")).hexdigest()


def is_plausible(text: str) -> bool:
    """Say whether text can be a location: an address of the web, or a service's own number.

    A scheme that is not of the web (`javascript:`, `data:`, `file:`) names no page.
    """
    scheme = _SCHEME.match(text)
    if scheme is None:
        return True
    try:
        return scheme[1].lower() in WEB and bool(urlsplit(text).hostname)
    except ValueError:
        return False
