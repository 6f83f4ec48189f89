# SPDX-License-Identifier: Apache-2.0
"""A kept statement as the page lays it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vigie.core.territory import EVERYWHERE
from vigie.web.countries import TILES
from vigie.web.tiles import TileMap, tile_map

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vigie.store.models import Statement

_DRAWN = {
    "DECISION_VISIBILITY_CONTENT_DISABLED": "withheld",
    "DECISION_VISIBILITY_CONTENT_REMOVED": "removed",
    "DECISION_VISIBILITY_CONTENT_DEMOTED": "limited",
    "DECISION_VISIBILITY_CONTENT_LABELLED": "labelled",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One restriction: its text in the reader's language, and its map."""

    text: Mapping[str, Any]
    map: TileMap


@dataclass(frozen=True, slots=True)
class Shown:
    """The whole statement: one measure or several, and whether it still holds."""

    measures: list[Measure]
    lifted_at: int | None
    confirmed: bool

    @property
    def first(self) -> Mapping[str, Any]:
        """The text of the strictest measure; it gives the page its title."""
        return self.measures[0].text if self.measures else {}


def show(row: Statement, language: str) -> Shown:
    """Return the statement in the language of the page, or in English."""
    kinds = [str(one.get("action", "")) for one in row.content.get("restrictions", ())]
    versions = [row.content, *row.content.get("more", ())]
    texts = [one.get(language) or one.get("en") for one in versions]
    return Shown(
        [
            Measure(text, tile_map(_states(text.get("territories", ()), kind)))
            for text, kind in zip(texts, kinds, strict=False)
            if text
        ],
        row.lifted_at,
        row.confirmed,
    )


def _states(territories: Iterable[str], kind: str) -> dict[str, str]:
    """Return what is drawn: everywhere fills the whole map."""
    found = list(territories)
    codes = [*TILES, *found] if EVERYWHERE in found else found
    return dict.fromkeys(codes, _DRAWN.get(kind, "withheld"))
