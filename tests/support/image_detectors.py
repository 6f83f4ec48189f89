# SPDX-License-Identifier: Apache-2.0
"""An image detector for tests: it sees colours, so that no picture shows anything.

Red stands for `image_nudity`, green for `image_person`; at plain blue it fails.
Installed as any other, by an entry point, so that looker processes find it too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import pytest
from PIL import Image

from tests.support.pictures import encode, pattern

MODULE = """
import numpy as np

class Colours:
    name, version, labels = "colours", "1", ("image_nudity", "image_person")

    @classmethod
    def available(cls):
        return True

    @classmethod
    def load(cls):
        return cls()

    def detect(self, pixels):
        red, green, blue = (float(np.mean(pixels[..., n] > 250)) for n in range(3))
        red, green = (red, green) if red + green < 1.5 else (0.0, 0.0)
        if blue > 0.9 and red + green < 0.1:
            raise RuntimeError("too blue")
        rows, columns = pixels.shape[:2]
        assert max(rows, columns) <= 1280
        return {"image_nudity": red, "image_person": green}
"""
RED = (255, 0, 0)
GREEN = (0, 255, 0)
BLUE = (0, 0, 255)


@contextmanager
def colours(folder: Path) -> Iterator[None]:
    """Install the detector for this process and those that it starts."""
    info = folder / "colours-1.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (folder / "vigie_test_colours.py").write_text(MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: colours\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        dedent("""\
            [vigie.image_detectors]
            colours = vigie_test_colours:Colours
            """)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        patch.syspath_prepend(folder)
        yield
    sys.modules.pop("vigie_test_colours", None)


def tinted(colour: tuple[int, int, int], share: float = 0.9, seed: int = 1) -> Image.Image:
    """Return a pattern that is covered by one colour from the top."""
    image = pattern(seed)
    image.paste(colour, (0, 0, image.width, round(image.height * share)))
    return image


def tinted_file(
    colour: tuple[int, int, int], decoder: str = "PNG", share: float = 0.9, seed: int = 1
) -> bytes:
    """Return such a picture as a file."""
    return encode(tinted(colour, share, seed), decoder)
