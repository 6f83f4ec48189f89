# SPDX-License-Identifier: Apache-2.0
"""Detectors of pictures, and how what they saw reaches the policies.

One file per kind, found by entry point `vigie.image_detectors`. They run in
worker processes of their own (`media.looks`), with limits of memory, time and
queue; this process only reads their names. What they saw lies in
`MediaFacts.seen`, and `SeenDetector` hands it on as signals of the item.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final, Protocol, Self

from vigie.core.decision import Signal
from vigie.screening.batch import Batch
from vigie.screening.detectors.base import Parts

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

GROUP: Final = "vigie.image_detectors"
NUDITY: Final = "image_nudity"
"""Uncovered intimate parts of an adult body, as far as a detector can tell."""
PERSON: Final = "image_person"
"""A face or a body."""


class ImageDetector(Protocol):
    """Reports what it saw in one frame; it never decides.

    Its module is imported by every process and must load no library: that is
    what `load` does, in the worker alone, before files can no longer be opened.
    """

    name: str
    version: str
    labels: tuple[str, ...]
    """Every label that it reports, each time: 0 where it saw nothing."""

    @classmethod
    def available(cls) -> bool:
        """Say whether what it needs is installed, without loading any of it."""
        ...

    @classmethod
    def load(cls) -> Self:
        """Return it ready to look. May raise: then the worker does not start."""
        ...

    def detect(self, pixels: npt.NDArray[np.uint8]) -> Mapping[str, float]:
        """Return a value from 0 to 1 for each label.

        `pixels`: rows, columns, RGB; the right way up, at most 1,280 on a side.
        It may raise: every label of it then becomes a failed signal.
        """
        ...


def installed() -> tuple[type[ImageDetector], ...]:
    """Return the image detectors that could run here, by name."""
    found = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    kinds: list[type[ImageDetector]] = [point.load() for point in found]
    return tuple(kind for kind in kinds if kind.available())


def failed(kinds: tuple[type[ImageDetector], ...], problem: str) -> tuple[Signal, ...]:
    """Return the signals of a picture at which no detector could look."""
    return tuple(
        Signal(
            detector=kind.name, version=kind.version, label=label, status="failed", problem=problem
        )
        for kind in kinds
        for label in kind.labels
    )


class SeenDetector:
    """Hands on what image detectors saw in an item's pictures.

    A picture at which none was asked to look says nothing here: an item
    without such signals was not looked at, which is not the same as harmless.
    """

    name = "image"
    version = "1"

    def __init__(self, labels: tuple[str, ...] = (NUDITY, PERSON)) -> None:
        self.labels = labels

    @classmethod
    def from_parts(cls, _parts: Parts) -> Self:
        """Build it: policies may read the labels of every image detector installed."""
        more = {label for kind in installed() for label in kind.labels}
        return cls(tuple(sorted({NUDITY, PERSON} | more)))

    def detect(self, batch: Batch) -> list[list[Signal]]:
        """Return what was seen in the media of each item, the surest of all frames."""
        return [
            _surest([one for facts in item.media for one in facts.seen]) for item in batch.items
        ]


def _surest(seen: Sequence[Signal]) -> list[Signal]:
    """Return one signal for each detector and label, and one for what failed."""
    found: dict[tuple[str, str, str], Signal] = {}
    for one in seen:
        key = (one.detector, one.label, one.status)
        if key not in found or one.value > found[key].value:
            found[key] = one
    return list(found.values())
