# SPDX-License-Identifier: Apache-2.0
"""Was the promise of a receipt kept? Kept, pending or broken, for each decision.

Kept: the entry is shown in a checkpoint that the reader's own policy believes,
by a proof of the decision or in a log that was read whole. Pending: not shown,
and the term still runs. Broken: not shown although the term has ended.
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from vigie.ledger.verify.canonical import parse_json
from vigie.ledger.verify.entries import ENTRY_BYTES, check_entry
from vigie.ledger.verify.errors import MalformedError, ProofError
from vigie.ledger.verify.logdir import ReadLog
from vigie.ledger.verify.merkle import hash_leaf, verify_inclusion
from vigie.ledger.verify.notes import NoteVerifier, VerifierKey, open_note, parse_note
from vigie.ledger.verify.proofs import (
    ProvedDecision,
    base64_path,
    open_record,
    take,
    whole_number,
)
from vigie.ledger.verify.receipts import Receipt, parse_receipt
from vigie.ledger.verify.text import decode_hex

KEPT = "kept"
PENDING = "pending"
BROKEN = "broken"


class Promise(NamedTuple):
    """One decision of a receipt and what became of the promise."""

    decision_id: str
    entry: bytes
    state: str
    opened: bool
    """False where the receipt shows an entry without its record."""


class CheckedReceipt(NamedTuple):
    """A receipt that fits its decisions; `pinned` where a known key signed it."""

    receipt: Receipt
    promises: List[Promise]
    pinned: bool


def verify_receipt(
    data: bytes,
    keys: Sequence[VerifierKey],
    proofs: Sequence[ProvedDecision],
    log: Optional[ReadLog],
    now_ms: int,
) -> CheckedReceipt:
    """Check a receipt against its key, its openings and what is shown of the log."""
    saved = take(parse_json(data), ("note", "openings"), "receipt")
    if not isinstance(saved["note"], str) or not isinstance(saved["openings"], list):
        raise MalformedError("A receipt has a note and openings.", field="receipt")
    receipt = _open_receipt(saved["note"], keys)
    if not saved["openings"]:
        raise MalformedError("The receipt opens no decision.", field="openings")
    promises = []
    for at, value in enumerate(saved["openings"]):
        entry, opened = _check_opening(value, receipt, "openings[{}]".format(at))
        state = _state(entry, receipt, proofs, log, now_ms)
        promises.append(Promise(str(value["decision_id"]), entry, state, opened))
    return CheckedReceipt(receipt, promises, bool(keys))


def _open_receipt(text: str, keys: Sequence[VerifierKey]) -> Receipt:
    note = parse_note(text)
    receipt = parse_receipt(note.text)
    if keys:
        name = note.text.split("\n", 1)[0]
        mine = [NoteVerifier(key) for key in keys if key.name == name]
        open_note(note, mine)
    return receipt


def _check_opening(value: Any, receipt: Receipt, field: str) -> Tuple[bytes, bool]:
    """Return the entry of one decision that the receipt covers, and whether it is opened.

    Who may see outcomes only gets entries without records: they are promised as
    well, and nothing but the operator's word says to which decision one belongs.
    """
    bare = isinstance(value, dict) and "entry" in value
    shown = ("entry",) if bare else ("record", "salt")
    part = take(value, ("decision_id", "index", "path", *shown), field)
    entry = _bare(part, field) if bare else _opened(part, field)
    position = whole_number(part["index"], field + ".index")
    path = base64_path(part["path"], field + ".path")
    verify_inclusion(position, receipt.total, hash_leaf(entry), path, receipt.root)
    return entry, not bare


def _bare(part: Dict[str, Any], field: str) -> bytes:
    if not isinstance(part["decision_id"], str):
        raise MalformedError("Expected a text.", field=field + ".decision_id")
    entry = decode_hex(part["entry"], ENTRY_BYTES, field + ".entry")
    check_entry(entry)
    return entry


def _opened(part: Dict[str, Any], field: str) -> bytes:
    opening = open_record(part["record"], part["salt"], field)
    # A notice or an appeal is no decision: its opening names the record itself.
    own = opening.record.get("id")
    if part["decision_id"] != opening.record.get("decision_id", own):
        raise ProofError("The record is about another decision.", field=field)
    return opening.entry


def _state(
    entry: bytes,
    receipt: Receipt,
    proofs: Sequence[ProvedDecision],
    log: Optional[ReadLog],
    now_ms: int,
) -> str:
    shown = any(
        proof.opening.entry == entry and _same_line(proof.checkpoint.origin, receipt)
        for proof in proofs
        if proof.accepted
    )
    if not shown and log is not None and log.accepted:
        shown = _same_line(log.checkpoint.origin, receipt) and log.holds(entry)
    if shown:
        return KEPT
    return PENDING if now_ms <= receipt.not_after else BROKEN


def _same_line(origin: str, receipt: Receipt) -> bool:
    """Say whether the log is the promised one or follows it (`/1`, then `/2`)."""
    return origin.rpartition("/")[0] == receipt.log_origin.rpartition("/")[0]
