# SPDX-License-Identifier: Apache-2.0
"""Carries what earlier turns of a conversation said into the judgement of this one.

Reads `Subject.earlier` alone: labels and values, oldest first, as the same
detectors gave them; no text, and no state of its own. `minor_reference` and
`sexual` come back as themselves, highest value, so that their conjunction holds
over a whole conversation. Other labels come back as `conversation_<label>`: each
turn adds its value to `DECAY` times what was there, cut at 1. The detector knows
nothing that is not in the conversation as it was sent.
"""

from __future__ import annotations

from typing import Final, Self

from vigie.core.decision import Signal
from vigie.screening.batch import Batch
from vigie.screening.detectors.base import Parts

AS_THEMSELVES: Final = ("minor_reference", "sexual")
"""Their highest value counts, however long ago it was said."""
ROLLED: Final = (
    *("denial", "glorification", "hate", "image_nudity", "image_person"),
    *("incitement", "jailbreak"),
    *("ncii", "nudify", "terror"),
)
PREFIX: Final = "conversation_"
DECAY: Final = 0.6
"""What is left of a value one turn later."""
FAINT: Final = 0.3
"""Values below add nothing: harmless turns must not sum up to a finding."""


class ConversationDetector:
    """Reports one signal for each label that earlier turns carry."""

    name = "conversation"
    version = "1"
    labels = (*AS_THEMSELVES, *(f"{PREFIX}{label}" for label in ROLLED))

    @classmethod
    def from_parts(cls, _parts: Parts) -> Self:
        """Build it; it reads nothing of a Snapshot."""
        return cls()

    def detect(self, batch: Batch) -> list[list[Signal]]:
        """Return the roll-up of each item; nothing for one without a conversation."""
        return [
            self._item(one.subject.earlier) if one.subject.earlier else [] for one in batch.items
        ]

    def _item(self, earlier: tuple[tuple[str, float], ...]) -> list[Signal]:
        found = rolled(earlier)
        return [
            Signal(detector=self.name, version=self.version, label=label, value=value)
            for label, value in sorted(found.items())
        ]


def rolled(earlier: tuple[tuple[str, float], ...]) -> dict[str, float]:
    """Return what earlier values amount to, by the label that policies read."""
    found: dict[str, float] = {}
    for label, value in earlier:
        if label in AS_THEMSELVES:
            found[label] = max(found.get(label, 0.0), value)
        elif label in ROLLED:
            name = PREFIX + label
            added = value if value >= FAINT else 0.0
            found[name] = min(DECAY * found.get(name, 0.0) + added, 1.0)
    return {label: round(value, 6) for label, value in found.items() if value > 0}
