# SPDX-License-Identifier: Apache-2.0
"""The shipped image detector on pictures that show nothing: it runs, and stays quiet."""

from __future__ import annotations

import io
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.support.pictures import pattern
from vigie.screening.detectors.image import NUDITY, PERSON
from vigie.screening.media import nudity
from vigie.screening.media.nudity import PARTS, SIDE, NudeNet, views

pytestmark = pytest.mark.skipif(
    find_spec("onnxruntime") is None, reason="the extra `images` is not installed"
)


@pytest.fixture(scope="module")
def detector():
    return NudeNet.load()


def shapes():
    image = Image.new("RGB", (400, 300), (240, 240, 240))
    drawing = ImageDraw.Draw(image)
    drawing.rectangle((20, 20, 180, 140), fill=(30, 90, 200))
    drawing.ellipse((200, 60, 360, 220), fill=(200, 160, 20))
    drawing.line((0, 299, 399, 200), fill=(0, 0, 0), width=6)
    return image


def test_drawn_shapes_and_patterns_show_nobody(detector):
    ramp = Image.linear_gradient("L").convert("RGB")
    for image in (shapes(), ramp, *(pattern(n) for n in range(4))):
        found = detector.detect(np.asarray(image))
        assert set(found) == {NUDITY, PERSON}
        assert max(found.values()) < 0.4


def test_neutral_photographs_show_no_nudity(detector, test_data):
    files = sorted((test_data / "vectors" / "pdq" / "images").rglob("*.jp*g"))
    assert len(files) >= 20
    values = [
        detector.detect(np.asarray(Image.open(io.BytesIO(one.read_bytes())).convert("RGB")))
        for one in files
    ]
    assert max(one[NUDITY] for one in values) < 0.2
    assert sum(one[PERSON] > 0.5 for one in values) <= 2


def test_classes_stand_in_the_order_of_the_model(detector):
    named = eval(detector._session.get_modelmeta().custom_metadata_map["names"])
    assert tuple(named[n] for n in range(len(named))) == PARTS


def test_small_pictures_are_shown_twice_and_large_ones_in_parts_as_well():
    small = list(views(np.zeros((100, 200, 3), dtype=np.uint8)))
    large = list(views(np.zeros((700, 900, 3), dtype=np.uint8)))
    assert [len(small), len(large)] == [2, 6]
    assert {one.shape for one in small + large} == {(1, 3, SIDE, SIDE)}


def test_the_parts_of_a_large_picture_cover_all_of_it():
    seen = np.zeros((700, 900), dtype=bool)
    for left, top, right, bottom in nudity._boxes(900, 700):
        seen[top:bottom, left:right] = True
    assert seen.all()


def test_without_the_package_it_is_not_available(monkeypatch):
    monkeypatch.setattr(nudity, "PACKAGE", "vigie_no_such_package")
    assert not NudeNet.available()


def test_the_code_of_the_package_agrees_on_a_picture(detector):
    """Its own reading, by another decoder and another resize, sees as little."""
    from nudenet import NudeDetector  # type: ignore[import-untyped]

    image = shapes()
    theirs = NudeDetector().detect(np.asarray(image)[..., ::-1])
    mine = detector.detect(np.asarray(image))
    assert [one for one in theirs if one["score"] > 0.5] == []
    assert max(mine.values()) < 0.5
