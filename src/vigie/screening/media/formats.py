# SPDX-License-Identifier: Apache-2.0
"""The four picture formats that are decoded, told by their first bytes.

Anything else is refused: Pillow would otherwise offer more than forty readers
to hostile bytes.
"""

from __future__ import annotations

from typing import Final

JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
GIF: Final = "image/gif"
WEBP: Final = "image/webp"

DECODERS: Final = {JPEG: "JPEG", PNG: "PNG", GIF: "GIF", WEBP: "WEBP"}
"""The one decoder that may read each type."""
_ALIASES: Final = {"image/jpg": JPEG, "image/pjpeg": JPEG, "image/apng": PNG}
_PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_PNG_END: Final = b"\x00\x00\x00\x00IEND\xaeB`\x82"


def sniff(data: bytes) -> str | None:
    """Return the type that the first bytes name, or None."""
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(_PNG_MAGIC):
        return PNG
    if data.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WEBP
    return None


def plain_type(mime: str) -> str:
    """Return a declared type without parameters and under its usual name."""
    bare = mime.partition(";")[0].strip().lower()
    return _ALIASES.get(bare, bare)


def has_trailing_data(data: bytes, mime: str) -> bool:
    """Say whether something follows the picture, as in files that are two things.

    A remark, not a refusal: cameras append films and maps, too.
    """
    if mime == WEBP:
        size = 8 + int.from_bytes(data[4:8], "little")
        return len(data) > size + size % 2
    end = {JPEG: b"\xff\xd9", PNG: _PNG_END, GIF: b";"}[mime]
    return not data.rstrip(b"\0").endswith(end)
