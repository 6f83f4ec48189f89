# SPDX-License-Identifier: Apache-2.0
"""Every frame of one picture: its hashes, and what image detectors see in it.

Runs in a looker process (`looker`). Detectors are shown what a person could
see: the right way up, transparent places once as their hidden pixels and once
on grey, never larger than they need. A picture of which any part cannot be
looked at is reported as failed, with a failed signal for every label.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
from PIL import Image

from vigie.core.decision import Signal
from vigie.core.item import MediaFacts
from vigie.screening.detectors.image import failed
from vigie.screening.matching import pdq
from vigie.screening.media.facts import (
    RefusedPictureError,
    attempt,
    check_frames,
    facts_of,
    hash_picture,
    open_checked,
)
from vigie.screening.media.protocol import Looked
from vigie.screening.media.render import opaque, upright

if TYPE_CHECKING:
    from vigie.screening.detectors.image import ImageDetector

MAX_FRAMES: Final = 32
"""An animation with more is refused: each frame is hashed and looked at."""
SIDE: Final = 1_280
"""Longest side, in pixels, of what a detector is shown."""


def look(data: bytes, mime: str | None, detectors: Sequence[ImageDetector]) -> Looked:
    """Return facts and signals of every frame; never raises for bad bytes.

    Problems besides those of `facts_of`: too_many_frames.
    """
    first = facts_of(data, mime, full=True)
    if first.status != "ok":
        return unseen(first, detectors)
    found = attempt(data, mime, lambda kind: tuple(_frames(data, kind, first, detectors)))
    if isinstance(found, str):
        broken = msgspec.structs.replace(first, status="failed", problem=found)
        return unseen(broken, detectors)
    return Looked(frames=found)


def unseen(facts: MediaFacts, detectors: Sequence[ImageDetector]) -> Looked:
    """Return a picture that could not be looked at."""
    kinds = tuple(type(one) for one in detectors)
    seen = failed(kinds, facts.problem or "unseen")
    return Looked(frames=(msgspec.structs.replace(facts, seen=seen),))


def _frames(
    data: bytes, kind: str, first: MediaFacts, detectors: Sequence[ImageDetector]
) -> Iterator[MediaFacts]:
    image = open_checked(data, kind)
    frames = check_frames(image)
    if frames > MAX_FRAMES:
        raise RefusedPictureError("too_many_frames")
    for number in range(frames):
        image.seek(number)
        image.load()
        facts = _hashed(first, image, number) if number else first
        yield msgspec.structs.replace(facts, seen=_seen(image, detectors))


def _hashed(first: MediaFacts, image: Image.Image, number: int) -> MediaFacts:
    hashed = hash_picture(image)
    flat = hashed.quality < pdq.MIN_QUALITY
    return msgspec.structs.replace(
        first,
        pdq=None if flat else hashed.bits.hex(),
        quality=hashed.quality,
        dihedral=() if flat else tuple(turn.hex() for turn in hashed.dihedral),
        notes=(*first.notes, f"frame:{number}"),
    )


def _seen(image: Image.Image, detectors: Sequence[ImageDetector]) -> tuple[Signal, ...]:
    views = [np.asarray(view) for view in _views(image)]
    return tuple(signal for one in detectors for signal in _signals(one, views))


def _views(image: Image.Image) -> Iterator[Image.Image]:
    """Yield what a person could see of a frame, in RGB."""
    shown = upright(image.copy())
    shown.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR)
    yield shown.convert("RGB")
    if "A" in shown.getbands():
        yield opaque(shown)


def _signals(detector: ImageDetector, views: Sequence[np.ndarray]) -> Iterator[Signal]:
    try:
        found = [detector.detect(view) for view in views]
        values = {label: max(float(one[label]) for one in found) for label in detector.labels}
    except Exception:  # noqa: BLE001 - third-party detectors may raise anything
        yield from failed((type(detector),), "detector_failed")
        return
    for label, value in values.items():
        yield Signal(
            detector=detector.name,
            version=detector.version,
            label=label,
            value=round(min(max(value, 0.0), 1.0), 4),
        )
