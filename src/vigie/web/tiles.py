# SPDX-License-Identifier: Apache-2.0
"""The tile map: one decision's territories as a list first and a map second.

Five states (design: territory): withheld (in force or chosen), partial (law
applies after a person confirmed an element), waits (proposed, not in force),
never (no ground there), visible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import get_language, gettext_lazy

from vigie.core.territory import EVERYWHERE
from vigie.web.countries import TILES, by_name, name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

STATE_WORDS: Final[dict[str, _StrPromise]] = {
    "withheld": gettext_lazy("access disabled"),
    "removed": gettext_lazy("removed"),
    "limited": gettext_lazy("not recommended"),
    "labelled": gettext_lazy("labelled"),
    "waits": gettext_lazy("proposed"),
    "never": gettext_lazy("no ground here"),
    "visible": gettext_lazy("visible"),
}
_DRAWN_AS: Final = {
    "removed": "withheld",
    "limited": "partial",
    "labelled": "partial",
}
_LEGEND: Final = {
    "withheld": "full",
    "removed": "full",
    "limited": "half",
    "labelled": "half",
    "waits": "dash",
    "never": "none",
    "visible": "open",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One country: code, full name, how it is drawn, what that means in words."""

    code: str
    name: str
    drawn: str
    word: str

    @property
    def label(self) -> str:
        """Name and state together, set by the rules of the language."""
        return labelled(self.name, self.word)


@dataclass(frozen=True, slots=True)
class LegendLine:
    """One line of the legend with its count."""

    key: str
    word: str
    count: int


@dataclass(frozen=True, slots=True)
class TileMap:
    """What the template draws: tiles, legend, countries outside the map."""

    tiles: list[Tile]
    legend: list[LegendLine]
    outside: list[Tile]


def tile_map(states: Mapping[str, str]) -> TileMap:
    """Draw states by country; countries without a state are visible."""
    on_map = [_tile(code, states.get(code, "visible")) for code in TILES]
    beyond = by_name(code for code in states if code not in TILES)
    counted = [states.get(code, "visible") for code in TILES]
    counted += [states[code] for code in beyond if code != EVERYWHERE]
    return TileMap(
        on_map,
        [
            LegendLine(_LEGEND[key], str(word), counted.count(key))
            for key, word in STATE_WORDS.items()
            if key in counted
        ],
        [_tile(code, states[code]) for code in beyond],
    )


def labelled(name: str, word: str) -> str:
    """Write a country's name before what holds there; French has a space before the colon."""
    space = "\u00a0" if (get_language() or "").startswith("fr") else ""
    return f"{name}{space}: {word}"


def _tile(code: str, state: str) -> Tile:
    return Tile(code, name(code), _DRAWN_AS.get(state, state), str(STATE_WORDS[state]))
