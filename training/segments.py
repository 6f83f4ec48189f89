# SPDX-License-Identifier: Apache-2.0
"""Cuts texts into pieces of the lengths that posts have."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence

from vigie.screening.normalise import normalise_many

LENGTHS = (40, 80, 120, 200, 200)
NOISE = ("user", "user user", "url", "!!", "...", "rt user", "#", "lol", ":)", "😂", "?!", "2019")
"""What posts hold whatever their language; catalogues lack it."""


def held_out(text: str) -> bool:
    """Choose a fifth of the texts by their content, the same in every run."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) % 5 == 0


def pieces(
    texts: Sequence[str], count: int, seed: str, lengths: Sequence[int] = LENGTHS
) -> list[str]:
    """Return pieces of joined and cut texts with the noise of posts among them."""
    chance = random.Random(seed)
    found = [_piece(texts, chance, chance.choice(lengths)) for _ in range(count)]
    return [one.text for one in normalise_many(found)]


def plain(texts: Sequence[str], count: int, length: int) -> list[str]:
    """Return up to `count` pieces of one length, texts joined in their order, no noise."""
    joined = " ".join(texts)[: count * length]
    return [joined[at : at + length] for at in range(0, len(joined) - length + 1, length)]


def _piece(texts: Sequence[str], chance: random.Random, length: int) -> str:
    parts: list[str] = []
    while sum(map(len, parts)) < length:
        parts.append(chance.choice(texts))
        if chance.random() < 0.4:
            parts.append(chance.choice(NOISE))
    whole = " ".join(parts)
    start = chance.randrange(max(1, len(whole) - length))
    return whole[start : start + length]
