# SPDX-License-Identifier: Apache-2.0
"""Gathers the texts and pictures of a request, turn by turn."""

from __future__ import annotations

from collections.abc import Iterable

from vigie.gateway.dialects.base import Part, Picture
from vigie.gateway.dialects.values import plain


class Gathered:
    """What a request says; `turn` counts its messages."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.pictures: list[Picture] = []
        self.turn = 0

    def text(self, role: str, text: str, at: str) -> None:
        """Add a text, unless it is empty."""
        if text:
            self.parts.append(Part(role, text, at, self.turn))

    def encoded(self, role: str, text: str, at: str) -> None:
        """Add a text that may be JSON: as it stands, and as its reader will see it."""
        self.text(role, text, at)
        if (read := plain(text)) != text:
            self.text(role, read, at)

    def all(self, role: str, found: Iterable[tuple[str, str]]) -> None:
        """Add texts with their places."""
        for at, text in found:
            self.text(role, text, at)

    def picture(self, url: str, at: str) -> None:
        """Add a picture: a data URL or an address."""
        self.pictures.append(Picture(url, at, self.turn))

    def next(self) -> None:
        """Begin another turn."""
        self.turn += 1
