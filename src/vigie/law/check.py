# SPDX-License-Identifier: Apache-2.0
"""What the law data does not hold: gaps are shown as gaps, never filled in."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from vigie.law.entry import NOT_REVIEWED, Confidence, Custody, Entry
from vigie.law.table import LawTable


class GapKind(StrEnum):
    """What is missing or open in an entry."""

    VALID_FROM = "valid_from"
    AUTHORITY = "authority"
    CUSTODY = "custody"
    NECESSITY = "necessity"
    TEXT = "text"
    CONFIDENCE = "confidence"
    CODES = "codes"
    MAXIMUM = "max"


class Gap(msgspec.Struct, frozen=True):
    """One thing that the data does not hold about one entry."""

    entry: str
    jurisdiction: str
    kind: GapKind
    message: str


def gaps(table: LawTable) -> list[Gap]:
    """Return every gap, by entry; gaps do not make `vigie law check` fail."""
    return [
        Gap(entry.id, entry.jurisdiction, kind, message)
        for entry in table.entries.values()
        for kind, message in _of(entry)
    ]


def _of(entry: Entry) -> Iterator[tuple[GapKind, str]]:
    if entry.valid_from is None:
        yield GapKind.VALID_FROM, "the first day in force is unknown"
    if not entry.text_read:
        yield GapKind.TEXT, f"the text was not fully read ({entry.src})"
    if entry.confidence is Confidence.LOW:
        yield GapKind.CONFIDENCE, "confidence is low: local counsel before any use"
    if entry.necessity == NOT_REVIEWED:
        yield GapKind.NECESSITY, "necessity and proportionality are not reviewed"
    if entry.is_ground:
        yield from _of_ground(entry)


def _of_ground(entry: Entry) -> Iterator[tuple[GapKind, str]]:
    if entry.authority is None:
        yield GapKind.AUTHORITY, "the authority or court that applies it is unknown"
    if entry.max is None:
        yield GapKind.MAXIMUM, "the maximum penalty is unknown"
    if entry.sor is None:
        yield GapKind.CODES, "no statement code is mapped"
    if entry.custody is Custody.UNCLEAR:
        yield GapKind.CUSTODY, "whether bytes must be kept is unclear: none are kept"
