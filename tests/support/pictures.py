# SPDX-License-Identifier: Apache-2.0
"""Synthetic pictures: smooth patterns of a seed, and files that attack a decoder."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image


def pattern(seed: int, width: int = 320, height: int = 240) -> Image.Image:
    """Return a picture with enough structure to be hashed, and no meaning."""
    rng = np.random.default_rng(seed)
    total = np.full((height, width, 3), 128.0, dtype=np.float32)
    for cells, strength in ((8, 80), (16, 90), (32, 90), (64, 30), (128, 10)):
        noise = rng.integers(0, 256, (cells * 3 // 4, cells, 3), dtype=np.uint8)
        layer = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
        total += (np.asarray(layer, dtype=np.float32) - 128) * (strength / 128)
    return Image.fromarray(total.clip(0, 255).astype(np.uint8))


def encode(image: Image.Image, decoder: str = "JPEG", **options: Any) -> bytes:
    """Return the picture as a file of this format."""
    file = io.BytesIO()
    image.save(file, decoder, **options)
    return file.getvalue()


def picture(seed: int, decoder: str = "JPEG", **options: Any) -> bytes:
    """Return a synthetic picture as a file."""
    return encode(pattern(seed), decoder, **options)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_bomb(side: int = 12_000) -> bytes:
    """Return a PNG file of a few kilobytes that asks for side x side pixels."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    body = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")
    )


def gif_bomb(frames: int = 300, side: int = 2000) -> bytes:
    """Return a GIF file with many frames of side x side pixels, each as short as can be."""
    one = encode(Image.new("P", (side, side)), "GIF")
    start = one.index(b",", 13 + 3 * (2 << (one[10] & 7)))
    frame = one[start:-1]
    return one[:start] + frame * frames + b";"
