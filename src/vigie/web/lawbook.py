# SPDX-License-Identifier: Apache-2.0
"""Which provision stands behind a ground in which country, as the pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vigie.core.territory import EU, EVERYWHERE, covers
from vigie.flow import house

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vigie.law import Entry


@dataclass(frozen=True, slots=True)
class Provision:
    """One provision in one country."""

    country: str
    entry: Entry


def entries(ids: Iterable[str]) -> list[Entry]:
    """Return the entries that exist; an id of a pack no longer loaded is left out."""
    known = house.current().law.entries
    return [known[one] for one in dict.fromkeys(ids) if one in known]


def provisions(ids: Iterable[str], countries: Iterable[str]) -> list[Provision]:
    """Return the provisions relied on, country by country.

    A provision that acts everywhere is named where it is law: in its own
    jurisdiction.
    """
    grounds = entries(ids)
    return [
        Provision(country, entry)
        for country in countries
        if country != EVERYWHERE
        for entry in grounds
        if covers(_home(entry), country)
    ]


def _home(entry: Entry) -> tuple[str, ...]:
    """Return where an entry is named: where it acts, or at home if that is everywhere."""
    if EVERYWHERE not in entry.territories:
        return entry.territories
    return EU if entry.jurisdiction == "EU" else (entry.jurisdiction,)
