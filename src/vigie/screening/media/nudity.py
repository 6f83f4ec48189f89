# SPDX-License-Identifier: Apache-2.0
"""Uncovered and covered parts of adult bodies, by the model of the `nudenet` package.

Two labels: `image_nudity` (the surest uncovered intimate part) and `image_person`
(the surest face or part of a body). Only the model file of the package is read, its
code and its decoders are not; the library is loaded in the looker process alone. What
it cannot see, and that it says nothing about age, stands in its card, `nudity.md`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from PIL import Image

from vigie.screening.detectors.image import NUDITY, PERSON

PACKAGE: Final = "nudenet"
MODEL: Final = "320n.onnx"
SIDE: Final = 320
"""Pixels a side of what the model is shown."""
LARGE: Final = 2 * SIDE
"""Pictures with a longer side are shown in parts as well: small people become visible."""
PART: Final = 0.6
"""Share of each side that one part shows; the four parts overlap."""
PARTS: Final = (
    *("FEMALE_GENITALIA_COVERED", "FACE_FEMALE", "BUTTOCKS_EXPOSED", "FEMALE_BREAST_EXPOSED"),
    *("FEMALE_GENITALIA_EXPOSED", "MALE_BREAST_EXPOSED", "ANUS_EXPOSED", "FEET_EXPOSED"),
    *("BELLY_COVERED", "FEET_COVERED", "ARMPITS_COVERED", "ARMPITS_EXPOSED", "FACE_MALE"),
    *("BELLY_EXPOSED", "MALE_GENITALIA_EXPOSED", "ANUS_COVERED", "FEMALE_BREAST_COVERED"),
    "BUTTOCKS_COVERED",
)
"""The model's classes in its order (its metadata, and the package's source)."""
UNCOVERED: Final = (
    *("BUTTOCKS_EXPOSED", "FEMALE_BREAST_EXPOSED", "FEMALE_GENITALIA_EXPOSED"),
    *("ANUS_EXPOSED", "MALE_GENITALIA_EXPOSED"),
)
FEET: Final = ("FEET_EXPOSED", "FEET_COVERED")
"""Seen in landscapes too often to stand for a person."""
_NUDITY: Final = [PARTS.index(name) for name in UNCOVERED]
_PERSON: Final = [number for number, name in enumerate(PARTS) if name not in FEET]


def _installed() -> str:
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return "none"


class NudeNet:
    """Looks at the whole picture, and at four parts of a large one."""

    name = PACKAGE
    version = f"1-{_installed()}"
    labels: tuple[str, ...] = (NUDITY, PERSON)

    def __init__(self, session: Any) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name

    @classmethod
    def available(cls) -> bool:
        """Say whether model and runtime are installed."""
        return find_spec("onnxruntime") is not None and _model() is not None

    @classmethod
    def load(cls) -> Self:
        """Load the runtime with one thread, and without what reports to its maker."""
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        onnxruntime: Any = import_module("onnxruntime")
        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        return cls(
            onnxruntime.InferenceSession(str(_model()), options, providers=["CPUExecutionProvider"])
        )

    def detect(self, pixels: npt.NDArray[np.uint8]) -> Mapping[str, float]:
        """Return the surest value of each label over all views."""
        best = np.zeros(len(PARTS), dtype=np.float32)
        for view in views(pixels):
            answer = self._session.run(None, {self._input: view})[0]
            best = np.maximum(best, answer[0, 4:].max(axis=1))
        return {NUDITY: float(best[_NUDITY].max()), PERSON: float(best[_PERSON].max())}


def _model() -> Path | None:
    """Return where the model lies, without running a line of the package."""
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / MODEL
        if path.is_file():
            return path
    return None


def views(pixels: npt.NDArray[np.uint8]) -> Iterator[npt.NDArray[np.float32]]:
    """Yield what the model is shown: 1 x 3 x 320 x 320, values from 0 to 1.

    The whole picture in both orders of colours: the model was trained with one
    and its package shows it the other.
    """
    whole = Image.fromarray(pixels)
    shown = _squared(whole)
    yield shown
    yield np.ascontiguousarray(shown[:, ::-1])
    if max(whole.size) > LARGE:
        for box in _boxes(*whole.size):
            yield _squared(whole.crop(box))


def _boxes(width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    wide, high = round(width * PART), round(height * PART)
    for left in (0, width - wide):
        for top in (0, height - high):
            yield left, top, left + wide, top + high


def _squared(image: Image.Image) -> npt.NDArray[np.float32]:
    """Return a picture at the top left of a black square, as the model learnt them."""
    scale = SIDE / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    square = Image.new("RGB", (SIDE, SIDE))
    square.paste(image.resize(size, Image.Resampling.BILINEAR), (0, 0))
    return np.ascontiguousarray(
        np.asarray(square, dtype=np.float32).transpose(2, 0, 1)[None] / 255.0
    )
