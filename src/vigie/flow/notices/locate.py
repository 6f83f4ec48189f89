# SPDX-License-Identifier: Apache-2.0
"""From the location that somebody names to the item that Vigie knows.

The platform's own number of the item, a decision's short number, or the
permalink in any spelling. What is not known keeps its address as its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from vigie.core import locations
from vigie.store.models import DecisionRecord, ItemContent

DEFAULT_SERVICE: Final = "default"
LONGEST: Final = 512
"""Characters of an identifier; a longer address is named by its digest."""
_NUMBER: Final = re.compile(r"D-?(\d{1,18})\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """One location and the item behind it."""

    location: str
    service: str
    item_id: str
    known: bool
    """False: Vigie never saw it; the page says so."""


def locate(location: str, service: str = "") -> Place:
    """Return the item of a location; `service` narrows it to one product."""
    for find in (_by_number, _by_item, _by_address):
        found = find(location, service)
        if found is not None:
            return Place(location, found[0], found[1], known=True)
    return Place(location, service or DEFAULT_SERVICE, _own_name(location), known=False)


def _own_name(location: str) -> str:
    written = locations.canonical(location)
    return written if len(written) <= LONGEST else f"url:{locations.key(location)}"


def _by_number(location: str, service: str) -> tuple[str, str] | None:
    named = _NUMBER.match(location)
    if named is None:
        return None
    rows = DecisionRecord.objects.filter(number=int(named[1]))
    return _first(rows.filter(service=service) if service else rows)


def _by_item(location: str, service: str) -> tuple[str, str] | None:
    """Find the item by its own name, or by the address under which a notice named it."""
    rows = DecisionRecord.objects.filter(item_id__in={location[:LONGEST], _own_name(location)})
    return _first((rows.filter(service=service) if service else rows).order_by("-number"))


def _by_address(location: str, service: str) -> tuple[str, str] | None:
    rows = ItemContent.objects.filter(url_key=locations.key(location))
    return _first((rows.filter(service=service) if service else rows).order_by("-kept_since"))


def _first(rows: object) -> tuple[str, str] | None:
    return rows.values_list("service", "item_id").first()  # type: ignore[attr-defined, no-any-return]
