# SPDX-License-Identifier: Apache-2.0
"""Pictures for a person's eyes: a small grey blur, or a clearer copy with a mark.

Runs in a decoder process like everything that touches foreign bytes. What
comes out is drawn anew from pixels: no metadata, no original bytes, never
larger than asked. Of an animation the first frame; transparency stands on grey.
"""

from __future__ import annotations

import io
from typing import Final, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from vigie.screening.media.facts import attempt, open_checked
from vigie.screening.media.formats import JPEG, PNG, WEBP
from vigie.screening.media.protocol import Clarity, Drawn

GROUND: Final = (128, 128, 128)
MARK_EVERY: Final = 160
"""Pixels between two marks: a crop that shows anything shows one."""
MARK_SIZE: Final = 15
QUALITY: Final = 82


class _Look(NamedTuple):
    side: int
    blur: float
    grey: bool


LOOKS: Final = {
    Clarity.VEILED: _Look(64, 2.0, grey=True),
    Clarity.HALF: _Look(384, 5.0, grey=True),
    Clarity.GREY: _Look(1024, 0.0, grey=True),
    Clarity.COLOUR: _Look(1024, 0.0, grey=False),
}


def draw(data: bytes, mime: str | None, clarity: Clarity, mark: str) -> Drawn:
    """Draw a picture at one clarity; never raises for bad bytes.

    `mark` stands all over what can be recognised: whose screen it was.
    """
    drawn = attempt(data, mime, lambda kind: _draw(data, kind, clarity, mark))
    return Drawn(problem=drawn) if isinstance(drawn, str) else drawn


def _draw(data: bytes, kind: str, clarity: Clarity, mark: str) -> Drawn:
    wanted = LOOKS[clarity]
    image = open_checked(data, kind)
    side = wanted.side
    if clarity is Clarity.VEILED:
        # A small picture loses as much as a large one.
        side = min(side, max(8, max(image.size) // 2))
    if kind == JPEG:
        image.draft("RGB", (wanted.side, wanted.side))
    image.load()
    shown = upright(image)
    shown.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=None)
    shown = opaque(shown)
    if wanted.grey:
        shown = shown.convert("L")
    if wanted.blur:
        shown = shown.filter(ImageFilter.GaussianBlur(wanted.blur))
    if clarity is Clarity.VEILED:
        return _file(shown, PNG)
    _stamp(shown, mark)
    return _file(shown, WEBP)


def upright(image: Image.Image) -> Image.Image:
    """Return a plain picture the right way up; a broken remark of the camera turns nothing."""
    if image.mode.startswith("I"):
        image = Image.fromarray((np.asarray(image).astype(np.float32) / 257).astype(np.uint8))
    elif image.mode == "P":
        image = image.convert("RGBA")
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - a remark in the file, no reason to show nothing
        return image


def opaque(image: Image.Image) -> Image.Image:
    """Put what is transparent on grey: hidden pixels stay hidden."""
    if "A" not in image.getbands():
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, (*GROUND, 255))
    return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")


def _stamp(image: Image.Image, mark: str) -> None:
    """Write whose look it is, light on dark, over the whole picture."""
    drawing = ImageDraw.Draw(image)
    font = ImageFont.load_default(MARK_SIZE)
    light, dark = (255, 0) if image.mode == "L" else ((255, 255, 255), (0, 0, 0))
    for row, top in enumerate(range(8, max(9, image.height), MARK_EVERY // 2)):
        for left in range(8 - row % 2 * MARK_EVERY // 2, max(9, image.width), MARK_EVERY):
            drawing.text((left, top), mark, light, font, stroke_width=1, stroke_fill=dark)


def _file(image: Image.Image, mime: str) -> Drawn:
    out = io.BytesIO()
    if mime == PNG:
        image.save(out, "PNG", optimize=False)
    else:
        image.save(out, "WEBP", quality=QUALITY, method=2, exif=b"", icc_profile=b"", xmp=b"")
    return Drawn(data=out.getvalue(), mime=mime, width=image.width, height=image.height)


def warm_up() -> None:
    """Load font and encoders while files can still be opened."""
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, "PNG")
    for clarity in Clarity:
        draw(out.getvalue(), None, clarity, "0")
