# SPDX-License-Identifier: Apache-2.0
"""What a detector is. One file per kind, found by entry point `vigie.detectors`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, Self

from vigie.core.decision import Signal
from vigie.screening.batch import Batch

if TYPE_CHECKING:
    from vigie.screening.matching.index import HashIndex


@dataclass(slots=True, frozen=True)
class Parts:
    """What a Snapshot holds for detectors: data only, immutable."""

    lexicons: tuple[Mapping[str, Any], ...] = ()
    """Lexicon documents (parsed YAML), shipped and the operator's own."""
    domains: tuple[Mapping[str, Any], ...] = ()
    """Link lists: `{"list": name, "label": label, "domains": [...]}`."""
    index: HashIndex | None = None
    """Hashes of all banks; None: no list is loaded."""
    settings: Mapping[str, Any] = field(default_factory=dict)


class Detector(Protocol):
    """Reports what it saw as Signals, one list per item; it never decides.

    `detect` may raise: `judge` then retries item by item and records
    `Signal(status="failed")` for every label of the detector.
    """

    name: str
    version: str

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that this detector can report."""
        ...

    @classmethod
    def from_parts(cls, parts: Parts) -> Self:
        """Build the detector from a Snapshot's parts."""
        ...

    def detect(self, batch: Batch) -> list[list[Signal]]:
        """Return the signals of each item, in the order of the batch."""
        ...
