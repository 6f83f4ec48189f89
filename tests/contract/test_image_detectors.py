# SPDX-License-Identifier: Apache-2.0
"""Every image detector keeps the contract that ships with the package."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest

from vigie.screening.detectors.image import GROUP, NUDITY, PERSON
from vigie.screening.media.nudity import NudeNet
from vigie.testing import ImageDetectorContract


def test_the_shipped_one_is_found_by_the_door_of_all_others():
    assert NudeNet in [point.load() for point in entry_points(group=GROUP)]
    assert NudeNet.labels == (NUDITY, PERSON)


@pytest.mark.skipif(not NudeNet.available(), reason="the extra `images` is not installed")
class TestNudeNet(ImageDetectorContract):
    kind = NudeNet
