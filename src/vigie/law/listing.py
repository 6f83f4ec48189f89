# SPDX-License-Identifier: Apache-2.0
"""What the command line and the console show of the law table."""

from __future__ import annotations

import calendar
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from vigie.law.entry import Entry, Kind, Origin, Proposal
from vigie.law.table import LawTable


class Standing(StrEnum):
    """What is known of an entry on a day."""

    IN_FORCE = "in_force"
    """In force when the data was made, or on a known day since."""
    BEFORE = "before_known_start"
    """The day lies before the known start of this wording."""
    NOT_YET = "not_yet"
    ENDED = "ended"
    REPEALED = "repealed"
    LAWFUL = "lawful"
    UNKNOWN = "unknown"
    """The data does not say: its start is unknown and the day lies before it."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One entry as it stands for a country on a day."""

    id: str
    jurisdiction: str
    kind: Kind
    cls: str
    provision: str
    what: str
    maximum: str | None
    standing: Standing
    status: str
    """In words, as `in force as of November 2026, start unknown`."""
    territories: tuple[str, ...]
    proposal: Proposal
    confidence: str
    source: str
    text_checked: bool
    category: str | None
    authority: str | None
    custody: str | None
    necessity: str
    origin: Origin


def show(table: LawTable, country: str, on: date) -> list[Row]:
    """Return what is known for a country on a day, nothing left out.

    An entry that does not apply on the day is shown with the reason.
    """
    return [_row(entry, on) for entry in table.for_country(country.upper())]


def list_json(table: LawTable) -> list[dict[str, Any]]:
    """Return every entry as plain values, with what is computed about it."""
    return [
        msgspec.to_builtins(entry)
        | {
            "territories": list(entry.territories),
            "is_ground": entry.is_ground,
            "one_click": entry.one_click,
            "proposal": entry.proposal.value,
            "valid_from": entry.valid_from.isoformat() if entry.valid_from else None,
            "valid_to": entry.valid_to.isoformat() if entry.valid_to else None,
            "authority": entry.authority,
            "custody": entry.custody.value if entry.custody else None,
            "necessity": entry.necessity,
            "origin": entry.origin.value,
            "max": entry.max,
            "sor": msgspec.to_builtins(entry.sor),
        }
        for entry in table.entries.values()
    ]


def standing(entry: Entry, on: date) -> tuple[Standing, str]:
    """Return what is known of an entry on a day, as a code and in words."""
    if entry.kind is Kind.REPEALED:
        return Standing.REPEALED, "repealed"
    if entry.kind is Kind.LAWFUL:
        return Standing.LAWFUL, f"lawful as of {month(entry.as_of)}"
    applies = starts(entry)
    if applies is not None and on < applies:
        return Standing.NOT_YET, f"applies from {applies.isoformat()}"
    if entry.valid_to is not None and entry.valid_to < on:
        return Standing.ENDED, f"ended on {entry.valid_to.isoformat()}"
    if entry.valid_from is not None and on < entry.valid_from:
        return (
            Standing.BEFORE,
            f"this wording is in force from {entry.valid_from.isoformat()}; earlier law unknown",
        )
    return _running(entry, on, applies)


def _running(entry: Entry, on: date, applies: date | None) -> tuple[Standing, str]:
    """Answer for a day on which nothing known excludes the entry."""
    start = entry.valid_from or applies
    since = f"from {start.isoformat()}" if start else "start unknown"
    if start is None and on < _first_day(entry.as_of):
        return (
            Standing.UNKNOWN,
            f"unknown on this day: in force as of {month(entry.as_of)}, start unknown",
        )
    later = "; later changes unknown" if on > _last_day(entry.as_of) else ""
    return Standing.IN_FORCE, f"in force as of {month(entry.as_of)}, {since}{later}"


def starts(entry: Entry) -> date | None:
    """Return the day that `applies_from` begins with, if it does."""
    try:
        return date.fromisoformat((entry.applies_from or "")[:10])
    except ValueError:
        return None


def month(as_of: str) -> str:
    """Write `2026-11` as `November 2026`."""
    return f"{calendar.month_name[int(as_of[5:])]} {as_of[:4]}"


def _first_day(as_of: str) -> date:
    return date.fromisoformat(f"{as_of}-01")


def _last_day(as_of: str) -> date:
    year, number = int(as_of[:4]), int(as_of[5:])
    return date(year, number, calendar.monthrange(year, number)[1])


def _row(entry: Entry, on: date) -> Row:
    code, words = standing(entry, on)
    return Row(
        id=entry.id,
        jurisdiction=entry.jurisdiction,
        kind=entry.kind,
        cls=entry.cls.value,
        provision=entry.provision,
        what=entry.what,
        maximum=entry.max,
        standing=code,
        status=words,
        territories=entry.territories,
        proposal=entry.proposal,
        confidence=entry.confidence.value,
        source=entry.src,
        text_checked=entry.text_checked,
        category=entry.sor.category if entry.sor else None,
        authority=entry.authority,
        custody=entry.custody.value if entry.custody else None,
        necessity=entry.necessity,
        origin=entry.origin,
    )
