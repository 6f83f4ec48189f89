# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: S101 - a contract is made of assertions
"""What every image detector keeps, the shipped one or one of another package.

Derive from `ImageDetectorContract` in a pytest module and give `kind`:

    class TestMine(ImageDetectorContract):
        kind = MyImageDetector
"""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import numpy as np

from vigie.screening.detectors.image import ImageDetector
from vigie.screening.media.frames import SIDE

SIZES: Final = ((1, 1, 0), (1, SIDE, 128), (SIDE, 1, 255), (31, 47, 128), (SIDE, SIDE, 255))
"""Rows, columns and brightness of what a detector may be shown."""
LIGHT_KB: Final = 30_000
"""What importing its module may add to a process: less than any library of models."""


class ImageDetectorContract:
    """Tests that hold for every image detector; the names say what is promised."""

    kind: type[ImageDetector]

    def test_it_has_a_name_a_version_and_distinct_labels(self) -> None:
        """Decisions record the first two; policies read `score.<label>`."""
        assert self.kind.name == self.kind.name.strip().lower() != ""
        assert self.kind.version
        assert len(set(self.kind.labels)) == len(self.kind.labels) > 0
        assert all(label == label.strip().lower() != "" for label in self.kind.labels)

    def test_importing_it_loads_no_library(self) -> None:
        """Every door imports it to read its labels; only a looker process loads more."""
        code = (
            "import resource as r, numpy, PIL.Image, vigie.screening.detectors.image as i\n"
            "used = lambda: r.getrusage(r.RUSAGE_SELF).ru_maxrss\n"
            f"before = used(); import {self.kind.__module__}; print(used() - before)"
        )
        ran = subprocess.run(  # noqa: S603 - the contract's own line
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert int(ran.stdout) < LIGHT_KB

    def test_it_answers_every_label_for_every_size(self) -> None:
        """A picture may be one pixel wide."""
        detector = self.kind.load()
        for rows, columns, value in SIZES:
            found = detector.detect(np.full((rows, columns, 3), value, dtype=np.uint8))
            assert set(found) >= set(self.kind.labels)
            assert all(0.0 <= float(found[label]) <= 1.0 for label in self.kind.labels)

    def test_the_same_picture_gives_the_same_values_and_stays_as_it_is(self) -> None:
        """Decisions must be repeatable; several detectors are shown the same array."""
        detector = self.kind.load()
        pixels = np.arange(60 * 80 * 3, dtype=np.uint32).astype(np.uint8).reshape(60, 80, 3)
        kept = pixels.copy()
        assert dict(detector.detect(pixels)) == dict(detector.detect(pixels))
        assert (pixels == kept).all()
