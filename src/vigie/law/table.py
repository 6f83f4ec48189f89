# SPDX-License-Identifier: Apache-2.0
"""The law table: all entries, the denial matrix, and where each may act.

Pure: built by the loader or read back from a Snapshot's document.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from vigie.core import territory
from vigie.core.errors import NotFoundError
from vigie.law.entry import Cls, Entry

EU: Final = "EU"
"""The jurisdiction of a common rule of the Union."""


class DenialMatrix(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where denial may be proposed on a legal ground: an upper bound.

    No pack widens it. Several provisions ask for incitement, a danger to
    public order or a court's decision: a person confirms those elements.
    """

    as_of: str
    provision_exists: tuple[str, ...]
    human_review_first: tuple[str, ...]
    lawful: tuple[str, ...]
    no_entry_yet: tuple[str, ...]
    elements_to_confirm: tuple[str, ...]
    elements_to_confirm_entries: tuple[str, ...]
    default: str
    caveat: str

    def may_propose(self, country: str) -> bool:
        """Say whether a legal ground may be proposed there at all."""
        return country in self.provision_exists

    def is_lawful(self, country: str) -> bool:
        """Say whether denial is known to be lawful there."""
        return country in self.lawful


def reach(entry: Entry, matrix: DenialMatrix) -> tuple[str, ...]:
    """Return where the entry can ground a decision.

    Nothing but an offence acts. Class `child` acts everywhere; every other
    offence in its own jurisdiction (`EU`: the Member States), which for an
    expression offence is a rule and for the rest the narrower reading. Denial
    is cut down to the matrix.
    """
    if not entry.is_ground:
        return ()
    if entry.cls is Cls.CHILD and not entry.speech:
        return (territory.EVERYWHERE,)
    own = territory.EU if entry.jurisdiction == EU else (entry.jurisdiction,)
    if entry.cls is Cls.DENIAL:
        return tuple(country for country in own if matrix.may_propose(country))
    return tuple(own)


def placed(entry: Entry, matrix: DenialMatrix) -> Entry:
    """Return the entry with what the table computes about it."""
    denial = entry.is_ground and entry.cls is Cls.DENIAL
    territories = reach(entry, matrix)
    listed = entry.id in matrix.elements_to_confirm_entries
    national = denial and entry.jurisdiction in matrix.elements_to_confirm
    return msgspec.structs.replace(
        entry,
        territories=territories,
        human_review_first=denial and not territories,
        elements_to_confirm=listed or national,
    )


class LawTable(msgspec.Struct, frozen=True, kw_only=True):
    """All entries by id, in a fixed order, with the denial matrix."""

    entries: dict[str, Entry]
    matrix: DenialMatrix

    def get(self, entry_id: str) -> Entry:
        """Return an entry; NotFoundError for an id that no pack holds."""
        found = self.entries.get(entry_id)
        if found is None:
            raise NotFoundError(
                f"No law entry is called {entry_id!r}.",
                code="no_offence",
                fix="`vigie law list` shows all entries.",
            )
        return found

    def for_country(self, country: str, on: date | None = None) -> tuple[Entry, ...]:
        """Return what is known for a country: its own pack and, in the EU, `EU`.

        With a date, an entry whose known days exclude it is left out; an
        entry without known days stays in, because its start is unknown.
        """
        wanted = {country, EU} if country in territory.EU else {country}
        return tuple(
            entry
            for entry in self.entries.values()
            if entry.jurisdiction in wanted and (on is None or covers(entry, on))
        )

    def grounds(self, on: date | None = None) -> tuple[Entry, ...]:
        """Return the entries that can be the ground of a decision."""
        return tuple(
            entry
            for entry in self.entries.values()
            if entry.is_ground and (on is None or covers(entry, on))
        )


def covers(entry: Entry, on: date) -> bool:
    """Say whether the known days of the entry's wording include the day."""
    started = entry.valid_from is None or entry.valid_from <= on
    return started and (entry.valid_to is None or on <= entry.valid_to)


def merged(base: LawTable, own: LawTable) -> LawTable:
    """Return both tables as one; ids are distinct (the loader checks)."""
    return LawTable(entries={**base.entries, **own.entries}, matrix=base.matrix)


_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_DECODER: Final = msgspec.json.Decoder(LawTable)


def to_document(table: LawTable) -> bytes:
    """Write the table as stable JSON bytes, the law part of a Snapshot."""
    return _ENCODER.encode(table)


def from_document(document: bytes) -> LawTable:
    """Read the law part of a Snapshot; far faster than reading the packs."""
    return _DECODER.decode(document)
