# SPDX-License-Identifier: Apache-2.0
"""Which provision stands behind a ground in which country, as the pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vigie.core.territory import EVERYWHERE, covers
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
    """Return the provisions relied on, country by country."""
    grounds = entries(ids)
    return [
        Provision(country, entry)
        for country in countries
        if country != EVERYWHERE
        for entry in grounds
        if covers(entry.territories, country)
    ]
