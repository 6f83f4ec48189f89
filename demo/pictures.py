# SPDX-License-Identifier: Apache-2.0
"""Pictures made by code: abstract, harmless, the same on every machine."""

from __future__ import annotations

import io
import math

from PIL import Image

from vigie.screening.media.facts import facts_of

SIZE = 256


def waves(seed: int) -> bytes:
    """Return a PNG of overlapping waves; another seed, another picture."""
    picture = Image.new("RGB", (SIZE, SIZE))
    picture.putdata([_colour(x, y, seed) for y in range(SIZE) for x in range(SIZE)])
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def saved_anew(data: bytes) -> bytes:
    """Return the same picture as somebody else would save it: smaller, as JPEG."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture:
        picture.resize((SIZE * 3 // 4, SIZE * 3 // 4)).save(out, "JPEG", quality=70)
    return out.getvalue()


def hash_of(data: bytes) -> str:
    """Return what the script of the form for notices computes on a person's own device.

    The demo has no browser, so it calls the server's function; a test of the
    project holds the two against each other.
    """
    found = facts_of(data)
    return f"{found.quality}:{','.join(found.dihedral)}"


def bits_apart(one: bytes, other: bytes) -> int:
    """Return in how many of 256 bits the hashes of two pictures differ."""
    first, second = (int(facts_of(data).pdq or "", 16) for data in (one, other))
    return (first ^ second).bit_count()


def size_of(data: bytes) -> tuple[int, int]:
    """Return width and height."""
    with Image.open(io.BytesIO(data)) as picture:
        return picture.size


def _colour(x: int, y: int, seed: int) -> tuple[int, int, int]:
    first = math.sin((x * (seed % 5 + 1) + y * 2) / 23)
    second = math.sin(math.hypot(x - 90 - seed, y - 130) / 11)
    third = math.cos((y - x * (seed % 3)) / 31)
    return _byte(first + second), _byte(second + third), _byte(first - third)


def _byte(value: float) -> int:
    return max(0, min(255, round(128 + 60 * value)))
