# SPDX-License-Identifier: Apache-2.0
"""The pictures of an item, as its decision holds their hashes."""

from __future__ import annotations

from typing import Final, NamedTuple

from vigie.store.models import DecisionRecord

ORDER: Final = ("sha256", "md5", "pdq")
"""In this order the doors write the hashes of one medium (`journal.record`)."""


class Medium(NamedTuple):
    """One picture's hashes; empty where the platform gave none."""

    sha256: str = ""
    md5: str = ""
    pdq: str = ""


def media_of(decision: DecisionRecord) -> list[Medium]:
    """Return the pictures of an item, those alone that can be known again."""
    found: list[Medium] = []
    current, last = Medium(), -1
    for text in decision.media:
        name, _, value = text.partition(":")
        place = ORDER.index(name) if name in ORDER else -1
        if place <= last:
            found.append(current)
            current = Medium()
        current, last = current._replace(**{name: value}), place
    found.append(current)
    return [one for one in found if one.sha256 or one.pdq]
