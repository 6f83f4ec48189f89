# SPDX-License-Identifier: Apache-2.0
"""When two texts count as the same repost: equal words, whatever the spacing and case."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Final

LEAST: Final = 12
"""Shorter texts say the same by chance."""


def key(text: str) -> str:
    """Return the digest under which identical texts stand; empty where a text is too short."""
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if len(plain) < LEAST:
        return ""
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
