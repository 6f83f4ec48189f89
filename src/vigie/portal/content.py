# SPDX-License-Identifier: Apache-2.0
"""A kept statement as the page lays it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy

from vigie.core.territory import EVERYWHERE
from vigie.flow.statement_text import moment
from vigie.flow.statements import Standing, Step, standing_of
from vigie.law.wording import wording
from vigie.web.countries import TILES
from vigie.web.tiles import TileMap, tile_map

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.utils.functional import _StrPromise

    from vigie.store.models import Statement

_DRAWN = {
    "DECISION_VISIBILITY_CONTENT_DISABLED": "withheld",
    "DECISION_VISIBILITY_CONTENT_REMOVED": "removed",
    "DECISION_VISIBILITY_CONTENT_DEMOTED": "limited",
    "DECISION_VISIBILITY_CONTENT_LABELLED": "labelled",
}
_STEPS: dict[Step, _StrPromise] = {
    Step.DECIDED: gettext_lazy(
        "We have taken this decision; the service has not yet confirmed that it is applied."
    ),
    Step.SENT: gettext_lazy(
        "We have sent this decision; the service has not yet confirmed that it is applied."
    ),
    Step.FAILED: gettext_lazy("The service has told us that it could not apply this decision."),
    Step.PARTLY: gettext_lazy(
        "The service has confirmed this decision for some of the countries only."
    ),
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
    unconfirmed: str
    """What the page says as long as not everything is confirmed; empty after that."""

    @property
    def first(self) -> Mapping[str, Any]:
        """The text of the strictest measure; it gives the page its title."""
        return self.measures[0].text if self.measures else {}


def show(row: Statement, language: str) -> Shown:
    """Return the statement in the language of the page, or in English."""
    kinds = [str(one.get("action", "")) for one in row.content.get("restrictions", ())]
    versions = [row.content, *row.content.get("more", ())]
    texts = [one.get(language) or one.get("en") for one in versions]
    standing = standing_of(row)
    times = _times(row, standing, language)
    return Shown(
        [
            Measure(_since(text, time), tile_map(_states(text.get("territories", ()), kind)))
            for text, kind, time in zip(texts, kinds, times, strict=False)
            if text
        ],
        row.lifted_at,
        str(_STEPS.get(standing.step, "")),
    )


def _times(row: Statement, standing: Standing, language: str) -> list[str]:
    """Return for each measure when it was confirmed, in words; empty while it is not."""
    words = wording(language)
    kept = row.content.get("restrictions", ())
    found = [standing.applied.get((one["action"], tuple(one["territories"]))) for one in kept]
    return [words.at(moment(at)) if at else "" for at in found]


def _since(text: Mapping[str, Any], time: str) -> Mapping[str, Any]:
    """Return the text with the confirmed time, where it was confirmed after it was written."""
    if not time:
        return text
    facts = [{**one, "value": time} if one.get("key") == "since" else one for one in text["facts"]]
    return {**text, "facts": facts}


def _states(territories: Iterable[str], kind: str) -> dict[str, str]:
    """Return what is drawn: everywhere fills the whole map."""
    found = list(territories)
    codes = [*TILES, *found] if EVERYWHERE in found else found
    return dict.fromkeys(codes, _DRAWN.get(kind, "withheld"))
