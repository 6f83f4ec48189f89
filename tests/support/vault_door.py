# SPDX-License-Identifier: Apache-2.0
"""The machine door's half of the vault, in a process of its own: sealing with public keys."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

import msgspec

from vigie.core.actions import ActionKind, Outcome
from vigie.core.clock import FixedClock, SystemClock
from vigie.core.decision import Action, Decision, Ground
from vigie.core.item import Author, Item, Media, MediaFacts, Subject, Surface
from vigie.intake.preserve import SealingPreserver, copy_note
from vigie.law import Confidence, Custody
from vigie.settings import Settings


class AtTheDoor:
    """A folder as the machine door has it: public keys alone; `jobs` need not wait for a fold."""

    def __init__(self, folder: Path) -> None:
        from vigie.flow.house import build

        self.house = build(Settings(data_dir=folder), SystemClock())
        self._clock = FixedClock(self.house.now() - 2 * 3_600_000)
        self._preserver = SealingPreserver(self.house.settings.evidence_dir, self._clock)

    def child(self, item_id: str, data: bytes) -> str:
        """Seal synthetic bytes of an item as the law of a pack of this test requires."""
        entry = msgspec.structs.replace(
            self.house.law.entries["fr_csam"], custody=Custody.REQUIRED, confidence=Confidence.HIGH
        )
        media = [Media(base64=base64.b64encode(data).decode(), mime="image/png")]
        item = Item(id=item_id, surface=Surface.POST, author=Author(id="a"), media=media)
        facts = (MediaFacts(status="ok", sha256="0" * 64),)
        action = Action(
            action=ActionKind.REMOVED,
            territories=("*",),
            by="rule a",
            state="sent",
            grounds=(Ground(offence=entry.id),),
        )
        decision = Decision(
            decision_id="w1-1-0000000000",
            item_id=item_id,
            version=1,
            outcome=Outcome.REMOVE,
            actions=(action,),
        )
        return copy_note(Subject(item, facts), decision, {entry.id: entry}, self._preserver)


@cache
def at_the_door(folder: Path) -> AtTheDoor:
    """Return the door over a folder, in a process of its own: loads Django for that folder."""
    import django

    django.setup()
    return AtTheDoor(folder)
