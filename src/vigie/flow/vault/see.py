# SPDX-License-Identifier: Apache-2.0
"""What of opened evidence a person is shown: pictures drawn anew, texts as plain text.

The lists are asked first: what class `child` has learned since is shown to nobody.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from vigie.flow.house import House
from vigie.flow.pictures import child, decoders, known
from vigie.flow.pictures.see import mark_of
from vigie.screening.matching.base import BankClass
from vigie.screening.media.formats import DECODERS, plain_type, sniff
from vigie.screening.media.protocol import Clarity, Drawn
from vigie.store.models import Evidence, EvidenceKind, User

MOST: Final = 200_000
"""Characters of a text on the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One of the two, or neither: then it can only be taken away as a file."""

    drawn: Drawn | None = None
    text: str | None = None


def shown(house: House, user: User, evidence: Evidence, data: bytes, clarity: Clarity) -> Shown:
    """Return what a page may show of bytes that were opened just now.

    Raises RefusedError `known_child`, UnavailableError while the decoder is busy or the
    lists do not load: then nothing is shown.
    """
    if evidence.kind == EvidenceKind.CONTEXT:
        return Shown(text=_text(data))
    refuse_child(house, data)
    if not is_picture(evidence, data):
        return Shown()
    return Shown(drawn=decoders.draw(data, clarity, mark_of(user)))


def refuse_child(house: House, data: bytes) -> None:
    """Raise RefusedError where a list of class `child` knows these bytes, however surely."""
    found = known.matches(house, decoders.facts_of(data))
    if known.of_class(found, BankClass.CHILD):
        raise child.refusal()


def is_picture(evidence: Evidence, data: bytes) -> bool:
    """Say whether it is a picture by its bytes or by its name: either is enough to be veiled."""
    declared = plain_type(evidence.mime)
    return sniff(data) is not None or declared in DECODERS or declared.startswith("image/")


def _text(data: bytes) -> str:
    """Return a context laid out for reading; anything else as it is."""
    try:
        found = json.dumps(json.loads(data), ensure_ascii=False, indent=2)
    except ValueError:
        found = data.decode("utf-8", "replace")
    return found[:MOST]
