# SPDX-License-Identifier: Apache-2.0
"""Names of countries and their place on the tile map.

Names are those of the EU's Interinstitutional Style Guide, in the languages of
the pages; a code that has no name here is shown as the code, never guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext, gettext_lazy

from vigie.core.territory import DEFAULT_COUNTRIES, EVERYWHERE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.functional import _StrPromise

TILES: Final = DEFAULT_COUNTRIES
"""The 32 tiles of the map: the EEA, Switzerland and the United Kingdom."""

NAMES: Final[dict[str, _StrPromise]] = {
    "AT": gettext_lazy("Austria"),
    "BE": gettext_lazy("Belgium"),
    "BG": gettext_lazy("Bulgaria"),
    "CH": gettext_lazy("Switzerland"),
    "CY": gettext_lazy("Cyprus"),
    "CZ": gettext_lazy("Czechia"),
    "DE": gettext_lazy("Germany"),
    "DK": gettext_lazy("Denmark"),
    "EE": gettext_lazy("Estonia"),
    "ES": gettext_lazy("Spain"),
    "FI": gettext_lazy("Finland"),
    "FR": gettext_lazy("France"),
    "GB": gettext_lazy("United Kingdom"),
    "GR": gettext_lazy("Greece"),
    "HR": gettext_lazy("Croatia"),
    "HU": gettext_lazy("Hungary"),
    "IE": gettext_lazy("Ireland"),
    "IS": gettext_lazy("Iceland"),
    "IT": gettext_lazy("Italy"),
    "LI": gettext_lazy("Liechtenstein"),
    "LT": gettext_lazy("Lithuania"),
    "LU": gettext_lazy("Luxembourg"),
    "LV": gettext_lazy("Latvia"),
    "MT": gettext_lazy("Malta"),
    "NL": gettext_lazy("Netherlands"),
    "NO": gettext_lazy("Norway"),
    "PL": gettext_lazy("Poland"),
    "PT": gettext_lazy("Portugal"),
    "RO": gettext_lazy("Romania"),
    "SE": gettext_lazy("Sweden"),
    "SI": gettext_lazy("Slovenia"),
    "SK": gettext_lazy("Slovakia"),
    "US": gettext_lazy("United States"),
    EVERYWHERE: gettext_lazy("all other countries"),
}


def name(code: str) -> str:
    """Return the country's name in the language of the page."""
    known = NAMES.get(code)
    return code if known is None else str(known)


def by_name(codes: Iterable[str]) -> list[str]:
    """Order codes as a reader looks for them: by name, "all other" last."""
    return sorted(set(codes), key=lambda code: (code == EVERYWHERE, name(code).casefold()))


def sentence(codes: Iterable[str]) -> str:
    """Write countries as one phrase with full names."""
    names = [name(code) for code in by_name(codes)]
    if len(names) < 2:
        return "".join(names)
    return gettext("%(many)s and %(last)s") % {"many": ", ".join(names[:-1]), "last": names[-1]}
