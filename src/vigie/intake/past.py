# SPDX-License-Identifier: Apache-2.0
"""What earlier rows of any journal in the folder say: first answers, decisions.

Read-only and rare: a repeated key, a repeated version, a decision asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from vigie.core.errors import ErrorBody, VigieError
from vigie.core.ids import parse_decision_id
from vigie.intake.memory import Memory, Place, item_key_of
from vigie.journal.reader import Reader, writers
from vigie.journal.rows import JournalAnswer, JournalDecision, Kind, decode
from vigie.journal.seal import Sealed

KEPT: Final = 64
"""Readers kept open."""


class GoneError(VigieError):
    """The first answer was erased; it is not made up again."""

    code = "erased"
    http_status = 410


class Past:
    """Finds rows by writer and ordinal."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._readers: dict[str, Reader] = {}

    def rebuild(self, memory: Memory, since_ms: int) -> None:
        """Fill a memory from every journal, oldest rows first."""
        for writer in writers(self._folder):
            reader = self._reader(writer)
            for row in reader.since(since_ms) if reader else ():
                if row.kind == Kind.DECISION:
                    body: JournalDecision = decode(row)
                    if not body.fingerprint:  # of the AI gateway: nobody sends it again
                        continue
                    place = Place(body.fingerprint, body.version, writer, row.ordinal)
                    key = item_key_of(body.service, body.item_id)
                    held = memory.get(key)
                    if held is None or held.version != body.version:
                        memory.put_version(key, place)
                elif row.kind == Kind.ANSWER:
                    kept: JournalAnswer = decode(row)
                    memory.put(
                        kept.idempotency, Place(kept.fingerprint, row.t, writer, row.ordinal)
                    )

    def answer(self, place: Place, key: bytes) -> JournalAnswer:
        """Return what the first answer to an Idempotency-Key was made of.

        Raises GoneError where it was erased with a decision that it names.
        """
        reader = self._reader(place.writer)
        for row in reader.answers(place.ordinal) if reader else ():
            kept: JournalAnswer = decode(row)
            if kept.idempotency == key:
                return kept
        raise _gone()

    def results(self, kept: JournalAnswer) -> list[Sealed | ErrorBody]:
        """Return the results of a kept answer, in order. Raises GoneError."""
        refusals = iter(msgspec.json.decode(kept.refusals, type=list[ErrorBody]))
        return [self._named(name) if name else next(refusals) for name in kept.decisions]

    def _named(self, name: str) -> Sealed:
        address = parse_decision_id(name)
        row = self.decision(address.writer, address.ordinal)
        if row is None or row.decision_id != name:
            raise _gone()
        return _sealed(row)

    def decision(self, writer: str, ordinal: int) -> JournalDecision | None:
        """Return a decision's row, or None where no journal holds it any more."""
        reader = self._reader(writer)
        row = reader.get(ordinal) if reader else None
        if row is None:
            return None
        body: JournalDecision = decode(row)
        return body

    def made(self, place: Place) -> Sealed | None:
        """Return the first decision about a version, ready to be answered again."""
        row = self.decision(place.writer, place.ordinal)
        if row is None:
            return None
        return _sealed(row)

    def _reader(self, writer: str) -> Reader | None:
        if writer not in self._readers:
            try:
                self._readers[writer] = Reader(self._folder, writer)
            except FileNotFoundError:
                return None
            if len(self._readers) > KEPT:
                self._readers.pop(next(iter(self._readers))).close()
        return self._readers[writer]

    def close(self) -> None:
        """Let go of every file."""
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()


def _sealed(row: JournalDecision) -> Sealed:
    return Sealed(row.decision_id, row.decision, row.record, row.salt, row.entry)


def _gone() -> GoneError:
    return GoneError("The first answer was erased.", field="Idempotency-Key")
