# SPDX-License-Identifier: Apache-2.0
"""Making proofs: `.tlog-proof` files from tiles, and the proof of a decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from vigie.ledger.segment import SegmentStep
from vigie.ledger.tiles import LogFolder, TileTree
from vigie.ledger.verify.canonical import canonical_json, parse_json
from vigie.ledger.verify.checkpoints import parse_checkpoint
from vigie.ledger.verify.entries import make_entry
from vigie.ledger.verify.errors import MissingError
from vigie.ledger.verify.notes import parse_note
from vigie.ledger.verify.proofs import (
    PROOF_FORMAT,
    LogProof,
    ProvedDecision,
    parse_log_proof,
    verify_decision,
)

__all__ = [
    "FieldOpening",
    "LogProof",
    "ProvedDecision",
    "decision_proof",
    "log_proof",
    "parse_log_proof",
    "verify_decision",
]


class FieldOpening(NamedTuple):
    """One committed field of a record, opened."""

    path: str
    salt: bytes
    value: Any


def log_proof(folder: LogFolder, index: int, checkpoint: bytes | None = None) -> LogProof:
    """Prove an entry's place in the published (or the given) checkpoint."""
    note = checkpoint if checkpoint is not None else folder.checkpoint()
    if note is None:
        raise MissingError("The log has published no checkpoint yet.", field="checkpoint")
    size = parse_checkpoint(parse_note(note).text).size
    path = tuple(TileTree(folder, size).inclusion(index))
    return LogProof(index, path, note.decode())


def decision_proof(
    record: bytes,
    salt: bytes,
    proof: LogProof,
    segment: SegmentStep | None = None,
    fields: Sequence[FieldOpening] = (),
) -> bytes:
    """Return the proof file of a decision, as `vigie-verify` reads it.

    `record` and `segment.record` are the records' RFC 8785 bytes. Hand the
    answer out as it is: the verifier wants these very bytes.
    """
    document: dict[str, Any] = {
        "format": PROOF_FORMAT,
        "opening": {
            "record": parse_json(record),
            "salt": salt.hex(),
            "entry": make_entry(record, salt).hex(),
        },
        "tlog_proof": proof.text(),
    }
    if segment is not None:
        document["segment"] = _segment_json(segment)
    if fields:
        document["fields"] = [field._asdict() | {"salt": field.salt.hex()} for field in fields]
    return canonical_json(document) + b"\n"


def _segment_json(step: SegmentStep) -> dict[str, Any]:
    return {
        "index": step.position,
        "size": step.size,
        "path": step.path,
        "record": parse_json(step.record),
        "salt": step.salt.hex(),
    }
