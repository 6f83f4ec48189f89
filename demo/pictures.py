# SPDX-License-Identifier: Apache-2.0
"""Pictures made by code: abstract, harmless, the same on every machine."""

from __future__ import annotations

import io
import math

from PIL import Image

SIZE = 256


def waves(seed: int) -> bytes:
    """Return a PNG of overlapping waves; another seed, another picture."""
    picture = Image.new("RGB", (SIZE, SIZE))
    picture.putdata([_colour(x, y, seed) for y in range(SIZE) for x in range(SIZE)])
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _colour(x: int, y: int, seed: int) -> tuple[int, int, int]:
    first = math.sin((x * (seed % 5 + 1) + y * 2) / 23)
    second = math.sin(math.hypot(x - 90 - seed, y - 130) / 11)
    third = math.cos((y - x * (seed % 3)) / 31)
    return _byte(first + second), _byte(second + third), _byte(first - third)


def _byte(value: float) -> int:
    return max(0, min(255, round(128 + 60 * value)))
