# SPDX-License-Identifier: Apache-2.0
"""Laying out a package: from gathered values to files, digests and signatures.

Two steps with the log between them. `fill` writes everything that the tag
manifest lists and returns its digest; the caller records that digest in the
log (`package.exported`); `sign` then adds note and proof. So no package exists
that the log does not know of.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vigie.evidence import case_graph, index_page, inventory
from vigie.evidence.bag import close_bag
from vigie.evidence.contents import Contents, Head, LogRecord, Piece, Stamp
from vigie.evidence.spool import Spool
from vigie.ledger.note import Signer
from vigie.ledger.note import sign as sign_note
from vigie.ledger.verify.canonical import canonical_json, parse_json
from vigie.ledger.verify.checkpoints import parse_checkpoint
from vigie.ledger.verify.handled import handled_text
from vigie.ledger.verify.notes import parse_note
from vigie.ledger.verify.package_form import (
    CHECKPOINT,
    CUSTODY,
    DECISIONS,
    EXPORT,
    GROWTH,
    HANDLED,
    NOTE,
    PACKAGE_KEY_SUFFIX,
    RECORDS,
    SIGNATURES,
    STAMP,
    STAMP_CHAIN,
    SUMS,
    Growth,
    package_note_text,
    signature_digests,
    sums_note_text,
)
from vigie.ledger.verify.views import (
    ShownRecord,
    custody_text,
    decisions_text,
    is_custody,
    parse_records,
    record_line,
)

_CSV_HEAD: Final = ("what", "number", "received", "closed", "outcome", "took_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What is known once the export is in the log."""

    index: int
    export: bytes
    """Proof file of the record `package.exported`."""
    growth: Growth | None = None
    """From the package's checkpoint to the one over the export; none where they are one."""
    stamp: bytes = b""
    """Time stamp on the package's note, if there is an authority."""
    stamp_chain: str = ""


def package_signer(origin: str, seed: bytes) -> Signer:
    """Return the package key of a log: its name is the origin and `/package`."""
    return Signer(origin + PACKAGE_KEY_SUFFIX, seed)


def fill(spool: Spool, contents: Contents, version: str) -> str:
    """Write everything that the tag manifest lists; return that manifest's SHA-512.

    The bytes of the pieces are in the spool already, each under its `path`.
    Raises KeyError for a piece whose bytes are missing: a defect.
    """
    shown = _put_records(spool, contents)
    custody = [one.view() for one in shown if is_custody(one)]
    for piece in contents.pieces:
        if not piece.is_account:
            spool.put(f"{piece.folder}/meta.json", _meta(piece))
    spool.put(CUSTODY, custody_text(shown))
    spool.put(DECISIONS, decisions_text(shown))
    _put_handled(spool, contents)
    sums = {piece.path: _sums(piece, spool) for piece in contents.pieces}
    graph = case_graph.make(contents.head, contents.pieces, sums, custody, version)
    spool.put("data/case.jsonld", graph)
    spool.put("data/README.txt", index_page.readme(contents))
    spool.put("data/index.html", index_page.page(contents))
    for language in inventory.LANGUAGES:
        spool.put(f"data/inventory.{language}.pdf", inventory.make(contents, custody, language))
    _put_log(spool, contents)
    return close_bag(spool, _info(contents.head, version))


def _put_records(spool: Spool, contents: Contents) -> list[ShownRecord]:
    text = b"".join(_record_line(one) for one in contents.records)
    spool.put(RECORDS, text)
    return parse_records(text)


def _record_line(one: LogRecord) -> bytes:
    fields = [field._asdict() | {"salt": field.salt.hex()} for field in one.fields]
    return record_line(one.index, parse_json(one.content), one.salt.hex(), fields)


def _meta(piece: Piece) -> bytes:
    """Return the description; what the record commits to wins over what stands beside it."""
    meta = {
        **piece.meta,
        "evidence": piece.evidence_id,
        "number": piece.label,
        "kind": piece.kind,
        "mime": piece.mime,
        "size": piece.size,
        "sha256": piece.sha256,
    }
    return canonical_json(meta) + b"\n"


def _sums(piece: Piece, spool: Spool) -> dict[str, str]:
    measured = spool.measured[piece.path]
    others = {kind: str(piece.meta[kind]) for kind in ("md5", "sha1") if piece.meta.get(kind)}
    return {**others, "sha256": measured.sha256, "sha512": measured.sha512}


def _put_handled(spool: Spool, contents: Contents) -> None:
    if contents.handled is None:
        return
    lines = [dict(one) for one in contents.handled]
    spool.put(HANDLED, handled_text(lines))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_CSV_HEAD)
    writer.writerows(_csv_row(line) for line in lines)
    spool.put("data/handled.csv", out.getvalue().encode())


def _csv_row(line: Mapping[str, Any]) -> list[object]:
    closed = line["closed"]["at"] if line["closed"] else ""
    return [
        line["what"], line["number"], line["received"]["at"], closed,
        line["outcome"] or "", "" if line["took_ms"] is None else line["took_ms"],
    ]  # fmt: skip


def _put_log(spool: Spool, contents: Contents) -> None:
    spool.put(CHECKPOINT, contents.checkpoint.encode())
    for index, proof in contents.proofs.items():
        spool.put(f"log/{index}.tlog-proof", proof.encode())
    size = parse_checkpoint(parse_note(contents.checkpoint).text).size
    seen: dict[int, int] = {}
    for stamp in contents.stamps:
        seen[stamp.size] = seen.get(stamp.size, 0) + 1
        _put_stamp(spool, stamp, seen[stamp.size], size, contents.checkpoint)
    spool.put("policy.txt", contents.policy.encode())
    spool.put("verify.py", contents.verifier)
    digest = hashlib.sha256(contents.verifier).hexdigest()
    spool.put("verify.sha256", f"{digest}  verify.py\n".encode())


def _put_stamp(spool: Spool, stamp: Stamp, nth: int, size: int, checkpoint: str) -> None:
    """Write a time stamp, its chain, what it is on, and how the log grew from there."""
    name = f"log/timestamps/{stamp.size}" + (f"-{nth}" if nth > 1 else "")
    spool.put(f"{name}.tsr", stamp.response)
    if stamp.chain:
        spool.put(f"{name}.chain.pem", stamp.chain.encode())
    if nth == 1:
        spool.put(f"{name}.checkpoint", stamp.checkpoint.encode())
    if nth == 1 and stamp.size != size:
        growth = Growth(stamp.size, stamp.growth, checkpoint)
        spool.put(f"log/consistency/{stamp.size}-{size}.txt", growth.text().encode())


def _info(head: Head, version: str) -> list[tuple[str, str]]:
    return [
        ("Source-Organization", head.operator),
        ("Contact-Email", head.contact),
        ("External-Identifier", head.package_id),
        ("Bagging-Date", head.made[:10]),
        ("Bag-Software-Agent", f"Vigie {version}"),
        ("Vigie-Order-Reference", " ".join(one for one in (head.subject, head.reference) if one)),
        ("Vigie-Legal-Basis", head.basis),
        ("Vigie-Log-Origin", head.origin),
    ]


def note_of(head: Head, digest: str, index: int, signer: Signer) -> str:
    """Return the signed note of a package."""
    return sign_note(package_note_text(head.package_id, digest, head.origin, index), [signer])


def sign(spool: Spool, head: Head, digest: str, own: Own, signer: Signer) -> None:
    """Add what lies in `signatures/`: the package is complete then."""
    spool.put(SIGNATURES + NOTE, note_of(head, digest, own.index, signer).encode())
    spool.put(SIGNATURES + EXPORT, own.export)
    if own.growth is not None:
        spool.put(SIGNATURES + GROWTH, own.growth.text().encode())
    if own.stamp:
        spool.put(SIGNATURES + STAMP, own.stamp)
    if own.stamp_chain:
        spool.put(SIGNATURES + STAMP_CHAIN, own.stamp_chain.encode())
    sums = sums_note_text(head.package_id, signature_digests(spool.shelf()))
    spool.put(SIGNATURES + SUMS, sign_note(sums, [signer]).encode())
