# SPDX-License-Identifier: Apache-2.0
"""The proof of any decision, the harmless too, as `vigie-verify` reads it."""

from __future__ import annotations

from pathlib import Path

from vigie.core.errors import NotFoundError, UnavailableError
from vigie.core.ids import parse_decision_id
from vigie.flow.house import House
from vigie.journal import archive
from vigie.ledger.entry import decision_salt, record_salt
from vigie.ledger.proof import decision_proof, log_proof
from vigie.ledger.segment import SegmentStep, SegmentTree, segment_step
from vigie.ledger.tiles import COSIGNED_FILE, LogFolder
from vigie.ledger.verify.checkpoints import parse_checkpoint
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.notes import parse_note
from vigie.store.models import DecisionRecord, HourKey, RecordKey, Segment

HOUR_MS = 3_600_000


def prove_decision(house: House, decision_id: str) -> bytes:
    """Return the proof file of a decision.

    Raises NotFoundError for a decision that nobody made or whose key is
    erased, UnavailableError while no checkpoint covers it.
    """
    kept = DecisionRecord.objects.select_related("record").filter(decision_id=decision_id).first()
    if kept is not None:
        salt = record_salt(_key(kept.record_id))
        return _made(house, kept.record.canonical, salt, kept.log_index, None)
    return _prove_archived(house, decision_id)


def _key(record_id: str) -> bytes:
    row = RecordKey.objects.filter(record=record_id).first()
    if row is None:
        raise NotFoundError(
            "The record's key is erased: nobody can open this entry any more.", code="proof_erased"
        )
    return bytes(row.key)


def _made(house: House, record: bytes, salt: bytes, index: int, step: SegmentStep | None) -> bytes:
    try:
        folder = LogFolder(house.settings.log_dir)
        proof = log_proof(folder, index, _cosigned(folder, index))
    except LedgerError as problem:
        raise UnavailableError(
            "No checkpoint covers this decision yet.",
            code="no_checkpoint",
            fix="Try again in a minute.",
        ) from problem
    return decision_proof(record, salt, proof, step)


def _cosigned(folder: LogFolder, index: int) -> bytes | None:
    """Return the newest checkpoint that witnesses cosigned, where it covers the entry."""
    try:
        note = folder.load(COSIGNED_FILE)
    except FileNotFoundError:
        return None
    return note if parse_checkpoint(parse_note(note).text).size > index else None


def _prove_archived(house: House, decision_id: str) -> bytes:
    """Go from the opening over the segment to the log."""
    found = archive.find(house.settings.archive_dir, decision_id)
    if found is None:
        raise NotFoundError(
            "No record and no sealed segment holds this decision.",
            code="no_decision",
            fix="Segments are sealed every half minute; try again.",
        )
    path: Path = found["file"]
    name = str(path.relative_to(house.settings.archive_dir))
    segment = Segment.objects.select_related("record").filter(file=name).first()
    if segment is None:
        raise UnavailableError("The segment is not sealed yet.", code="no_checkpoint")
    ids, entries = archive.entries(path)
    step = segment_step(
        SegmentTree(entries),
        ids.index(decision_id),
        segment.record.canonical,
        record_salt(_key(segment.record_id)),
    )
    salt = _hour_salt(decision_id, int(found["at"].timestamp() * 1000))
    return _made(house, found["record"], salt, segment.log_index, step)


def _hour_salt(decision_id: str, at: int) -> bytes:
    writer = parse_decision_id(decision_id).writer
    row = HourKey.objects.filter(writer=writer, hour=at // HOUR_MS).first()
    if row is None:
        raise NotFoundError(
            "The key of that hour is erased: nobody can open this entry any more.",
            code="proof_erased",
        )
    return decision_salt(bytes(row.key), decision_id)
