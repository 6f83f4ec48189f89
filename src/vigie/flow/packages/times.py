# SPDX-License-Identifier: Apache-2.0
"""When a sealed thing came to be: a scope's period is held against that, not the sealing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db.models import Min

from vigie.core import clock
from vigie.store.models import DecisionRecord, Evidence, ItemContent

_NAMES: Final = ("published_at", "created_at", "at")
Version = tuple[str, str, int]


def times_of(rows: Sequence[Evidence]) -> dict[str, int | None]:
    """Return the time of each sealed record, by its id; None: nobody knows.

    Its own, as it was sealed; else when the item was published, as the platform
    said; else the first decision about that version of the item.
    """
    items = {row.item_id for row in rows if row.item_id}
    published = _published(items)
    decided = _decided(items)
    found: dict[str, int | None] = {}
    for row in rows:
        version = _version(row)
        later = published.get(version) or decided.get(version) if version else None
        found[row.evidence_id] = _own(row) or later
    return found


def _own(row: Evidence) -> int | None:
    for name in _NAMES:
        given = row.meta.get(name)
        if isinstance(given, int) and not isinstance(given, bool):
            return given
        if isinstance(given, str) and given:
            return _read(given)
    return None


def _read(text: str) -> int | None:
    try:
        return clock.from_iso(text)
    except (ValueError, OverflowError):
        return None


def _version(row: Evidence) -> Version | None:
    decision = row.decision
    if decision is None:
        return None
    return (decision.service, decision.item_id, decision.version)


def _published(items: set[str]) -> dict[Version, int]:
    rows = ItemContent.objects.filter(item_id__in=items).exclude(published_at="")
    named = rows.values_list("service", "item_id", "version", "published_at")
    read = {(service, item, version): _read(text) for service, item, version, text in named}
    return {key: at for key, at in read.items() if at is not None}


def _decided(items: set[str]) -> dict[Version, int]:
    rows = DecisionRecord.objects.filter(item_id__in=items)
    named = rows.values_list("service", "item_id", "version").annotate(first=Min("at"))
    return {(service, item, version): first for service, item, version, first in named}
