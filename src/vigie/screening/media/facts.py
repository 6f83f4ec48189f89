# SPDX-License-Identifier: Apache-2.0
"""What the bytes of one picture say: digests, size, PDQ hashes; or why not.

Runs in a worker process for whatever comes from outside (`pool.DecoderPool`);
in the caller's own process only for files that the operator trusts. Nothing
is written anywhere. Choices: the stored pixels are hashed, not the turned ones
(all eight turns are kept); of an animation the first frame; transparency is
dropped, as the reference does; 16-bit grey keeps its upper part.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile

from vigie.core.item import MediaFacts
from vigie.screening.matching import pdq
from vigie.screening.matching.digest import digests
from vigie.screening.media.formats import (
    DECODERS,
    JPEG,
    has_trailing_data,
    plain_type,
    sniff,
)

MAX_PIXELS: Final = 40_000_000
MAX_FRAME_PIXELS: Final = 200_000_000
MAX_SIDE: Final = 16_384
SHORTCUT_PIXELS: Final = 2_500_000
"""JPEG pictures with more are decoded at a fraction of their size, in grey."""
SHORTCUT_TARGET: Final = (512, 512)
SHORTCUT_QUALITY: Final = pdq.MIN_QUALITY + 10
SHORTCUT_FRAGILE: Final = 16
"""Flatter and smoother pictures are hashed from full colour: rounding decides their bits."""
ORIENTATION: Final = 0x0112
PLUGINS: Final = (
    "GifImagePlugin",
    "JpegImagePlugin",
    "MpoImagePlugin",
    "PngImagePlugin",
    "TiffImagePlugin",
    "WebPImagePlugin",
)
"""The four formats, and what reads a camera's remarks (MPO is JPEG, TIFF is EXIF)."""
STRIP_PIXELS: Final = pdq.STRIP_PIXELS


T = TypeVar("T")


class RefusedPictureError(Exception):
    """This picture is not decoded; the text is the problem's code."""


class _Read(NamedTuple):
    """What the decoder gave."""

    hashed: pdq.Hashed
    width: int
    height: int
    notes: tuple[str, ...]


def _declared(data: bytes, mime: str | None) -> str:
    """Return the type on which first bytes and declaration agree."""
    found = sniff(data)
    if not data:
        raise RefusedPictureError("empty")
    if mime is not None and found != plain_type(mime):
        known = found is not None or plain_type(mime) in DECODERS
        raise RefusedPictureError("mislabelled" if known else "unsupported")
    if found is None:
        raise RefusedPictureError("unsupported")
    return found


@contextmanager
def _strict() -> Iterator[None]:
    """Turn Pillow's bomb warning into an error and its other remarks into silence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise RefusedPictureError("too_many_pixels")


def check_frames(image: Image.Image) -> int:
    """Return the number of frames; refuses what would take too long to show."""
    frames = int(getattr(image, "n_frames", 1))
    if frames * image.size[0] * image.size[1] > MAX_FRAME_PIXELS:
        raise RefusedPictureError("too_many_pixels")
    return frames


def _orientation(image: Image.Image) -> tuple[str, ...]:
    try:
        turned = image.getexif().get(ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - a broken remark in the file is no reason to refuse it
        return ()
    return (f"orientation:{turned}",) if turned in range(2, 9) else ()


def open_checked(data: bytes, mime: str) -> Image.Image:
    """Open a picture by its one decoder; too many pixels are refused before any is read."""
    image = Image.open(io.BytesIO(data), formats=(DECODERS[mime],))
    _check_size(image)
    return image


def _luma(strip: Image.Image) -> npt.NDArray[np.float32]:
    """Return luma of some rows, in floats, from whatever mode they are in."""
    if strip.mode == "L":
        return np.asarray(strip, dtype=np.float32)
    if strip.mode.startswith("I"):
        return np.asarray(np.asarray(strip).astype(np.float32) / 257)
    if strip.mode == "P":
        strip = strip.convert("RGBA")
    # Pillow's own conversion weighs the colours without rounding, as `pdq.luma_of` does.
    return np.asarray(strip.convert("RGB").convert("F"))


def hash_picture(image: Image.Image) -> pdq.Hashed:
    """Hash a picture strip by strip: only the decoded picture itself is large."""
    width, height = image.size
    if min(width, height) < pdq.MIN_SIDE:
        return pdq.hash_all(np.zeros((height, width), dtype=np.float32))
    shrinker = pdq.Shrinker(height, width)
    step = max(1, STRIP_PIXELS // width)
    for top in range(0, height, step):
        bottom = min(height, top + step)
        shrinker.feed(_luma(image.crop((0, top, width, bottom))))
    return pdq.hash_samples(shrinker.samples())


def _shortcut(data: bytes) -> pdq.Hashed | None:
    """Hash a large JPEG at a fraction of its size; None where that is not safe.

    It saves four fifths of the time on 12 million pixels. Enlarged reference
    pictures that pass the gate differ by at most 12 of 256 bits from the full
    road; `full` is for those whose matches stand that near the threshold.
    """
    image = open_checked(data, JPEG)
    image.draft("L", SHORTCUT_TARGET)
    image.load()
    hashed = hash_picture(image)
    steady = hashed.quality >= SHORTCUT_QUALITY and hashed.fragile <= SHORTCUT_FRAGILE
    return hashed if steady else None


def _read(data: bytes, mime: str, *, full: bool) -> _Read:
    """Decode and hash; raises whatever the decoder raises."""
    image = open_checked(data, mime)
    width, height = image.size
    frames = check_frames(image)
    notes = (("animated",) if frames > 1 else ()) + _orientation(image)
    hashed = None
    if mime == JPEG and width * height > SHORTCUT_PIXELS and not full:
        hashed = _shortcut(data)
        notes += ("scaled",) if hashed else ()
    if hashed is None:
        image.load()
        _check_size(image)
        hashed = hash_picture(image)
    return _Read(hashed, width, height, notes)


def _code(problem: Exception) -> str:
    """Return the code under which a decoder's exception is reported."""
    if isinstance(problem, RefusedPictureError):
        return str(problem)
    if isinstance(problem, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return "too_many_pixels"
    if isinstance(problem, MemoryError):
        return "memory"
    cut = isinstance(problem, EOFError) or "truncated" in str(problem).lower()
    return "truncated" if cut else "broken"


def attempt(data: bytes, mime: str | None, work: Callable[[str], T]) -> T | str:
    """Return what the work made, or the code of what went wrong. Never raises for bad bytes.

    The work is given the type on which first bytes and declaration agree.
    """
    try:
        with _strict():
            return work(_declared(data, mime))
    except Exception as problem:  # noqa: BLE001 - decoders raise anything on hostile bytes
        return _code(problem)


def facts_of(data: bytes, mime: str | None = None, *, full: bool = False) -> MediaFacts:
    """Return what is known of a picture's bytes; `status="failed"` says why, never silence.

    Digests are of the original bytes and stand even where decoding failed.
    `full` decodes at full size, in colour, whatever the size. Problems: empty,
    unsupported, mislabelled, too_many_pixels, truncated, broken, memory.
    """
    digest = digests(data)
    found = attempt(data, mime, lambda kind: _read(data, kind, full=full))
    if isinstance(found, str):
        return failed(found, digest.sha256, digest.md5, mime)
    kind = sniff(data) or ""
    notes = found.notes + (("trailing_data",) if has_trailing_data(data, kind) else ())
    flat = found.hashed.quality < pdq.MIN_QUALITY
    return MediaFacts(
        status="ok",
        sha256=digest.sha256,
        md5=digest.md5,
        pdq=None if flat else found.hashed.bits.hex(),
        quality=found.hashed.quality,
        dihedral=() if flat else tuple(turn.hex() for turn in found.hashed.dihedral),
        width=found.width,
        height=found.height,
        mime=kind,
        notes=notes + (("flat",) if flat else ()),
    )


def failed(problem: str, sha256: str, md5: str, mime: str | None = None) -> MediaFacts:
    """Say that a picture could not be read, and why; its digests are kept."""
    return MediaFacts(
        status="failed",
        sha256=sha256,
        md5=md5,
        mime=plain_type(mime) if mime is not None else None,
        problem=problem,
    )


def prepare_decoders() -> None:
    """Load the four decoders once, before files can no longer be opened.

    Named one by one: `Image.init` would load more than forty.
    """
    for name in PLUGINS:
        import_module(f"PIL.{name}")
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
