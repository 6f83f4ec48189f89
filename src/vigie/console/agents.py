# SPDX-License-Identifier: Apache-2.0
"""Names a browser in a few words, so that somebody recognises their own session."""

from __future__ import annotations

from typing import Final

BROWSERS: Final = (
    ("Firefox/", "Firefox"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""In the order in which to look: later ones are named by the others too."""
SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def name_of(header: str) -> str:
    """Return browser and system of a `User-Agent` header; empty where neither is known."""
    return ", ".join(one for one in (_first(BROWSERS, header), _first(SYSTEMS, header)) if one)


def _first(words: tuple[tuple[str, str], ...], header: str) -> str:
    return next((name for mark, name in words if mark in header), "")
