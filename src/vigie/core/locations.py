# SPDX-License-Identifier: Apache-2.0
"""Addresses of items as people write them, brought into one form.

A notice names a location (Art. 16(2)(b) DSA); the same page is often written
with another case, a fragment or a trailing slash. Two spellings of one address
have one key. Queries stay: they often name the item.
"""

from __future__ import annotations

import hashlib
from typing import Final
from urllib.parse import urlsplit, urlunsplit

WEB: Final = ("http", "https")


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
