# SPDX-License-Identifier: Apache-2.0
"""What a person must confirm before a provision can be the ground of a decision.

A provision that is ready to confirm asks for nothing more than the choice
itself. For the others each element is confirmed by itself, and the record
keeps its text. Texts are those of the pack; where it states no more than the
provision, having read it is the one element.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from vigie.law.entry import Entry

MET: Final = "met"
CIRCUMSTANCES: Final = "circumstances"
DEFENCE: Final = "defence"
_CIRCUMSTANCES: Final = (
    "Where the provision asks for incitement, a danger to public order or the decision "
    "of a court, that is there."
)


class Element(msgspec.Struct, frozen=True):
    """One thing to confirm about one provision."""

    entry: str
    """Identifier of the law entry."""
    code: str
    text: str
    """In the words of the pack, which is written in English."""

    @property
    def key(self) -> str:
        """Name the element in forms and requests."""
        return f"{self.entry}:{self.code}"


def elements_of(entry: Entry) -> tuple[Element, ...]:
    """Return what is to be confirmed; nothing where the entry is ready to confirm."""
    if not entry.is_ground or entry.one_click:
        return ()
    found = [Element(entry.id, MET, f"I have read {entry.provision}, and it is met: {entry.what}.")]
    if entry.elements_to_confirm:
        found.append(Element(entry.id, CIRCUMSTANCES, _CIRCUMSTANCES))
    if entry.defence:
        found.append(Element(entry.id, DEFENCE, f"This defence does not hold: {entry.defence}."))
    return tuple(found)


def unconfirmed(entries: Iterable[Entry], confirmed: Iterable[str]) -> tuple[Element, ...]:
    """Return the elements of these entries that nobody has confirmed (by `Element.key`)."""
    given = set(confirmed)
    return tuple(one for entry in entries for one in elements_of(entry) if one.key not in given)
