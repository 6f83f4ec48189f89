# SPDX-License-Identifier: Apache-2.0
"""Countries as ISO 3166 codes; "everywhere" is the operator's list plus ``*``."""

from __future__ import annotations

from typing import Final

EVERYWHERE: Final = "*"
EU: Final = tuple(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
)
EEA: Final = tuple(sorted((*EU, "IS", "LI", "NO")))
DEFAULT_COUNTRIES: Final = tuple(sorted((*EEA, "CH", "GB")))


def is_country(code: str) -> bool:
    """Say whether a text has the form of an ISO 3166 code."""
    return len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()


def everywhere(served: tuple[str, ...]) -> tuple[str, ...]:
    """Return the territories of an action that holds everywhere."""
    return (*served, EVERYWHERE)


def covers(territories: tuple[str, ...] | list[str], country: str) -> bool:
    """Say whether an action in these territories holds in the country."""
    return country in territories or EVERYWHERE in territories
