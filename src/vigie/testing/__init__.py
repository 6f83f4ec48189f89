# SPDX-License-Identifier: Apache-2.0
"""Contracts for what other packages bring: derive, give your part, run pytest."""

from vigie.testing.detectors import DetectorContract
from vigie.testing.image_detectors import ImageDetectorContract

__all__ = ["DetectorContract", "ImageDetectorContract"]
