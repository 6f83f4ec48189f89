# SPDX-License-Identifier: Apache-2.0
"""A small log with decisions of both kinds, made from fixed seeds."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from vigie.ledger.entry import decision_salt, make_entry, record_salt
from vigie.ledger.log import ListSource, Log
from vigie.ledger.note import Signer
from vigie.ledger.proof import decision_proof, log_proof
from vigie.ledger.segment import SegmentTree, segment_step

VECTORS = Path(__file__).parent.parent / "vectors"
ORIGIN = "demo.invalid/log/1"
NOW = 1_795_000_000_000


def vector(name: str) -> Any:
    """Read a JSON file of vectors."""
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def seed(label: str) -> bytes:
    """Return a fixed 32-byte value for a label."""
    return sha256(label.encode()).digest()


def entry(number: int) -> bytes:
    """Return some entry, different for each number."""
    return make_entry(b"%d" % number, seed("salt"))


def record(number: int, **more: Any) -> bytes:
    """Return the canonical bytes of some record."""
    value = {"v": 1, "id": f"{number:032x}", "k": "decision.made", "t": NOW + number, **more}
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


class Made(NamedTuple):
    """One decision: its record, salt, and the proof file made of it."""

    decision_id: str
    record: bytes
    salt: bytes
    proof: bytes


class MadeLog(NamedTuple):
    """A published log with the proofs of all its decisions."""

    folder: Path
    signer: Signer
    made: list[Made]


def open_log(home: Path, source: ListSource, origin: str = ORIGIN, **more: Any) -> Log:
    """Return a publisher below `home`, not yet started."""
    signer = Signer(origin, seed("log key"))
    return Log(home / "public", home / "state", [signer], source, **more)


def make_log(home: Path, own: int, segments: int, inside: int) -> MadeLog:
    """Publish `own` decisions with effect and `segments` segments of `inside` each."""
    source = ListSource()
    plain = [(record(n, decision_id=f"w1-{n:x}-00", outcome="withhold"), n) for n in range(own)]
    salts = [record_salt(seed(f"key {n}")) for n in range(own)]
    source.entries += [make_entry(r, s) for (r, _), s in zip(plain, salts, strict=True)]
    parts = [_segment(number, inside, source) for number in range(segments)]
    log = open_log(home, source)
    log.start(NOW)
    log.publish(NOW)
    made = [
        Made(f"w1-{n:x}-00", r, s, decision_proof(r, s, log_proof(log.folder, n)))
        for (r, n), s in zip(plain, salts, strict=True)
    ]
    for at, (members, tree, sealed, salt) in enumerate(parts, own):
        proof = log_proof(log.folder, at)
        for place, (name, r, s) in enumerate(members):
            step = segment_step(tree, place, sealed, salt)
            made.append(Made(name, r, s, decision_proof(r, s, proof, step)))
    return MadeLog(log.folder.path, Signer(ORIGIN, seed("log key")), made)


def _segment(number: int, inside: int, source: ListSource) -> Any:
    members = []
    for n in range(inside):
        name = f"w2-{number * inside + n:x}-00"
        body = record(n, decision_id=name, outcome="allow")
        members.append((name, body, decision_salt(seed(f"hour {number}"), name)))
    tree = SegmentTree([make_entry(r, s) for _, r, s in members])
    fields = {**tree.fields(), "k": "segment.sealed", "sha256": seed(f"file {number}").hex()}
    sealed = record(10_000 + number, **fields)
    salt = record_salt(seed(f"segment {number}"))
    source.entries.append(make_entry(sealed, salt))
    return members, tree, sealed, salt
