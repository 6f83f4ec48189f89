# SPDX-License-Identifier: Apache-2.0
"""What detectors read: items made ready once, and what they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vigie.core.item import Item, MediaFacts, Subject

if TYPE_CHECKING:
    from vigie.screening.models.features import Features
    from vigie.screening.normalise import Normalised


@dataclass(slots=True)
class Prepared:
    """One item on its way through the detectors."""

    subject: Subject
    normal: Normalised | None = None
    """The normalised text; None where the item has no text."""
    language: str | None = None
    """As the item names it, else as found, else None (unknown)."""

    @property
    def item(self) -> Item:
        """The item itself."""
        return self.subject.item

    @property
    def media(self) -> tuple[MediaFacts, ...]:
        """What the decoder said of each medium, in the item's order."""
        return self.subject.media


@dataclass(slots=True)
class Batch:
    """Items judged together; hashed n-grams are computed once for all of them."""

    items: Sequence[Prepared]
    features: Features | None = field(default=None)
    """Row i belongs to items[i]; a row without text is empty. None: no text at all."""
    shared: dict[str, object] = field(default_factory=dict)
    """What detectors of one kind make once for all of them, by a name of theirs."""
