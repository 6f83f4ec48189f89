# SPDX-License-Identifier: Apache-2.0
"""Proofs: `.tlog-proof` files (C2SP tlog-proof) and Vigie's proof of a decision.

A decision with effect has an entry of its own. One without stands in a segment,
whose entry commits to count and root over the entries of its decisions; then
the way is opening, place in the segment, place in the log, checkpoint.
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Tuple, Union

from vigie.ledger.verify.canonical import canonical_json, parse_json
from vigie.ledger.verify.checkpoints import Checkpoint, parse_checkpoint
from vigie.ledger.verify.entries import ENTRY_BYTES, SALT_BYTES, field_commitment, make_entry
from vigie.ledger.verify.errors import MalformedError, ProofError
from vigie.ledger.verify.merkle import hash_leaf, verify_inclusion
from vigie.ledger.verify.notes import parse_note
from vigie.ledger.verify.policy import Accepted, TrustPolicy
from vigie.ledger.verify.text import (
    decode_base64,
    decode_decimal,
    decode_hash,
    decode_hex,
    encode_base64,
)

PROOF_HEADER = "c2sp.org/tlog-proof@v1"
MAX_PATH = 63
PROOF_FORMAT = "vigie-proof/v1"
SEGMENT_KIND = "segment.sealed"
_RECORD_ID_BYTES = 16


class LogProof(NamedTuple):
    """Where an entry stands, its path, and the checkpoint as it was published."""

    position: int
    path: Tuple[bytes, ...]
    checkpoint: str
    extra: Optional[bytes] = None

    def text(self) -> str:
        """Write the proof file."""
        lines = [PROOF_HEADER]
        if self.extra is not None:
            lines.append("extra " + encode_base64(self.extra))
        lines.append("index {}".format(self.position))
        lines.extend(encode_base64(value) for value in self.path)
        return "\n".join(lines) + "\n\n" + self.checkpoint


def parse_log_proof(data: Union[str, bytes]) -> LogProof:
    """Read a proof file; its checkpoint is taken as it is, not yet believed."""
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedError("A proof is valid UTF-8.", field="proof") from None
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines.pop(0) != PROOF_HEADER:
        raise MalformedError("This is not a tlog-proof of version 1.", field="proof")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0)[len("extra ") :], "proof.extra")
    if not lines or not lines[0].startswith("index "):
        raise MalformedError("The proof names no index.", field="proof.index")
    position = decode_decimal(lines.pop(0)[len("index ") :], "proof.index")
    if len(lines) > MAX_PATH:
        raise MalformedError("The path is longer than any log.", field="proof")
    path = tuple(decode_hash(line, "proof.path") for line in lines)
    return LogProof(position, path, checkpoint, extra)


class Opening(NamedTuple):
    """A record with the salt that shows it to be behind an entry."""

    record: Dict[str, Any]
    salt: bytes
    entry: bytes


class ProvedDecision(NamedTuple):
    """What a proof shows once verified; `accepted` is None where no key was given."""

    opening: Opening
    segment: Optional[Opening]
    position: int
    checkpoint: Checkpoint
    accepted: Optional[Accepted]


def take(value: Any, names: Tuple[str, ...], field: str, optional: Tuple[str, ...] = ()) -> Any:
    """Return a JSON object that has exactly these members."""
    if not isinstance(value, dict):
        raise MalformedError("Expected an object.", field=field)
    wrong = sorted((set(names) - set(value)) | (set(value) - set(names) - set(optional)))
    if wrong:
        message = "Missing or unknown: {}.".format(", ".join(ascii(name) for name in wrong[:5]))
        raise MalformedError(message, field=field)
    return value


def whole_number(value: Any, field: str) -> int:
    """Return a JSON value that is a whole number of at least 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise MalformedError("Expected a whole number.", field=field)
    return value


def base64_path(value: Any, field: str) -> List[bytes]:
    """Return a JSON list of hashes in base64."""
    if not isinstance(value, list) or len(value) > MAX_PATH:
        raise MalformedError("Expected a list of hashes.", field=field)
    if not all(isinstance(text, str) for text in value):
        raise MalformedError("Hashes are written in base64.", field=field)
    return [decode_hash(text, field) for text in value]


def open_record(record: Any, salt: Any, field: str) -> Opening:
    """Compute the entry of a record that is shown with its salt."""
    if not isinstance(record, dict):
        raise MalformedError("A record is an object.", field=field + ".record")
    _check_record(record, field + ".record")
    raw_salt = decode_hex(salt, SALT_BYTES, field + ".salt")
    return Opening(record, raw_salt, make_entry(canonical_json(record), raw_salt))


def _check_record(record: Dict[str, Any], field: str) -> None:
    """Refuse what no record can be: v 1, a random id, a kind, a time."""
    decode_hex(record.get("id"), _RECORD_ID_BYTES, field + ".id")
    whole_number(record.get("t"), field + ".t")
    if whole_number(record.get("v"), field + ".v") != 1 or not isinstance(record.get("k"), str):
        raise MalformedError("This is not a record of version 1.", field=field)
    if not all(name.isascii() for name in record):
        raise MalformedError("Names in a record are ASCII.", field=field)


def verify_field(record: Dict[str, Any], field: Any) -> None:
    """Check one opened field {path, salt, value} against the record's commitment."""
    opened = take(field, ("path", "salt", "value"), "fields")
    if not isinstance(opened["path"], str):
        raise MalformedError("A path is a text.", field="fields.path")
    salt = decode_hex(opened["salt"], SALT_BYTES, "fields.salt")
    expected = field_commitment(opened["path"], salt, canonical_json(opened["value"]))
    at: Any = record.get(opened["path"])
    if at is None:
        at = record
        for name in opened["path"].split("."):
            at = at.get(name) if isinstance(at, dict) else None
    if at != {"_c": expected}:
        raise ProofError("An opened field does not fit the record.", field="fields")


def verify_decision(data: bytes, policy: Optional[TrustPolicy]) -> ProvedDecision:
    """Check a proof file whole: opening, segment, place in the log, checkpoint.

    The file must be byte for byte as it was made (RFC 8785, with or without a
    last newline), so that no change in it goes unseen.
    """
    proof = parse_json(data)
    names = ("format", "opening", "tlog_proof")
    take(proof, names, "proof", optional=("fields", "segment"))
    if proof["format"] != PROOF_FORMAT or canonical_json(proof) != _without_newline(data):
        raise MalformedError("This is not a proof file as it was made.", field="proof")
    opening = _stated_opening(proof["opening"])
    fields = proof.get("fields", [])
    if not isinstance(fields, list):
        raise MalformedError("Expected a list.", field="fields")
    for field in fields:
        verify_field(opening.record, field)
    segment = _segment(proof["segment"], opening) if "segment" in proof else None
    return _in_log(opening, segment, proof["tlog_proof"], policy)


def _without_newline(data: bytes) -> bytes:
    return data[:-1] if data.endswith(b"\n") else data


def _stated_opening(value: Any) -> Opening:
    stated = take(value, ("record", "salt", "entry"), "opening")
    opening = open_record(stated["record"], stated["salt"], "opening")
    if decode_hex(stated["entry"], ENTRY_BYTES, "opening.entry") != opening.entry:
        raise ProofError("The record and salt do not give this entry.", field="opening.entry")
    if opening.record["k"] == SEGMENT_KIND:
        raise ProofError("A segment is not a decision.", field="opening.record")
    return opening


def _segment(value: Any, opening: Opening) -> Opening:
    """Check the place in a segment whose record holds count and root."""
    part = take(value, ("index", "size", "path", "record", "salt"), "segment")
    segment = open_record(part["record"], part["salt"], "segment")
    record = segment.record
    size = whole_number(part["size"], "segment.size")
    if record["k"] != SEGMENT_KIND or record.get("count") != size:
        raise ProofError("The segment's record does not fit.", field="segment.record")
    root = decode_hex(record.get("root"), 32, "segment.record.root")
    position = whole_number(part["index"], "segment.index")
    path = base64_path(part["path"], "segment.path")
    verify_inclusion(position, size, hash_leaf(opening.entry), path, root)
    return segment


def _in_log(
    opening: Opening, segment: Optional[Opening], text: Any, policy: Optional[TrustPolicy]
) -> ProvedDecision:
    if not isinstance(text, str):
        raise MalformedError("The tlog-proof is a text.", field="tlog_proof")
    proof = parse_log_proof(text)
    if proof.extra is not None:
        raise MalformedError("Nothing vouches for an extra line.", field="tlog_proof")
    accepted = policy.accept(proof.checkpoint) if policy else None
    checkpoint = accepted.checkpoint if accepted else _unbelieved(proof.checkpoint)
    leaf = hash_leaf((segment or opening).entry)
    verify_inclusion(proof.position, checkpoint.size, leaf, proof.path, checkpoint.root)
    return ProvedDecision(opening, segment, proof.position, checkpoint, accepted)


def _unbelieved(note: str) -> Checkpoint:
    return parse_checkpoint(parse_note(note).text)
